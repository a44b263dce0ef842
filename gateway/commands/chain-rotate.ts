/** `chain rotate`: a new fee payer or a new mint authority, for when a key may have gone astray, or once a year. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Argument, type Command } from 'commander';
import { realClock } from '../adapters/clock/real-clock.ts';
import { beTheOnlyHub } from '../adapters/lock/one-hub.ts';
import { openLog } from '../adapters/log/pino-log.ts';
import { openTokenChain } from '../adapters/solana/token-chain.ts';
import { openBooks } from '../adapters/sqlite/open.ts';
import type { Config } from '../config.ts';
import { chainPassphrase } from '../open-keys.ts';
import { configFrom, hubEnvironment } from './environment.ts';
import {
  forgetFormer,
  type Rotated,
  type RotatedKey,
  type Rotating,
  rotateKey,
} from './rotate-keys.ts';
import { wayToChain } from './way-to-chain.ts';

const callDeadlineMs = 15_000;
const patienceMs = 5 * 60_000;
const words = {
  'fee-payer': 'The fee payer',
  'mint-authority': 'The mint authority',
} as const;

/** Adds `chain rotate fee-payer|mint-authority|forget`. */
export function chainRotateCommand(chain: Command): void {
  chain
    .command('rotate')
    .description('replace a key; the hub must not run. After a power cut the same again ends it')
    .addArgument(
      new Argument('<key>', 'forget: destroys former fee payers that nothing needs').choices([
        ...['fee-payer', 'mint-authority', 'forget'],
      ]),
    )
    .action(async (which: RotatedKey | 'forget') => {
      const config = configFrom(hubEnvironment());
      const file = join(config.HUB_DATA_DIR, 'books.db');
      if (!existsSync(file))
        throw new Error(`No books in ${config.HUB_DATA_DIR}. Set HUB_DATA_DIR.`);
      using _lock = beTheOnlyHub(join(config.HUB_DATA_DIR, 'hub.lock'));
      using books = openBooks(file);
      const keys = {
        keyDir: join(config.HUB_DATA_DIR, 'keys'),
        passphrase: chainPassphrase(config),
      };
      if (which === 'forget')
        return console.log(`${forgetFormer({ books, ...keys })} former fee payers are forgotten.`);
      await using way = await wayToChain(config);
      const rotated = await rotateKey(
        {
          ...{ books, ...keys, clock: realClock(), log: openLog({ level: 'warn' }), patienceMs },
          open: openerOf(config, books, keys, way),
        },
        which,
      );
      for (const line of inWords(which, rotated)) console.log(line);
    });
}

const openerOf =
  (
    { SOLANA_CLUSTER: cluster, SOLANA_MINT: mint }: Config,
    books: Rotating['books'],
    { keyDir, passphrase }: Pick<Rotating, 'keyDir' | 'passphrase'>,
    { urls, fetch }: { readonly urls: readonly string[]; readonly fetch?: typeof globalThis.fetch },
  ): Rotating['open'] =>
  (known) =>
    openTokenChain({
      ...{ cluster, urls, keyDir, known, callDeadlineMs },
      ...(mint === undefined ? {} : { mint }),
      ...(passphrase === undefined ? {} : { passphrase }),
      ...(fetch === undefined ? {} : { fetch }),
      ownAddress: (household) => books.tokens.ownAddress(household),
    });

const inWords = (which: RotatedKey, { before, after, resumed, toAllow }: Rotated): string[] => [
  `${words[which]} is ${after}${resumed ? ': the rotation that was begun is over' : `; it was ${before}`}.`,
  'Back up the key folder now: an older backup has no longer all keys.',
  ...(which === 'fee-payer'
    ? ['The old key stays until its markers are closed: then `chain rotate forget` destroys it.']
    : []),
  ...toAllow.map(
    (household) =>
      `${household} holds its own key and must allow the new fee payer: households wallet ${household} --approve`,
  ),
];
