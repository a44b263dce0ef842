/** `households wallet`: a household brings its own address, allows the hub an amount, or takes its key along. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import bs58 from 'bs58';
import { type Command, InvalidArgumentError } from 'commander';
import { renderSVG, renderUnicodeCompact } from 'uqr';
import { openKeyring } from '../adapters/solana/keys.ts';
import { openBooks } from '../adapters/sqlite/open.ts';
import type { HouseholdId } from '../core/ids.ts';
import { epochMs } from '../core/units.ts';
import { chainPassphrase } from '../open-keys.ts';
import type { OwnWalletView } from '../ports/wallet-desk.ts';
import { configFrom, hubEnvironment } from './environment.ts';
import { ask, order, print } from './hub-api.ts';
import { wholeWithin } from './number-option.ts';

type Options = {
  readonly address?: string;
  readonly approve?: number;
  readonly at?: string;
  readonly svg?: string;
  readonly export?: boolean;
  readonly json?: boolean;
};

const kwhMost = 10_000;

/** Adds `households wallet ID [--address A | --approve KWH --at URL [--svg FILE] | --export] [--json]`. */
export function householdWalletCommand(households: Command): void {
  households
    .command('wallet <id>')
    .description('where the tokens of a household are, and who has the key')
    .option('--address <address>', 'from now on they go to this address of its own')
    .option(
      '--approve <kwh>',
      'show a code with which its owner lets the hub move so much in all',
      wholeWithin(1, kwhMost),
    )
    .option('--at <url>', 'where phones reach this hub over https; with --approve', httpsUrl)
    .option('--svg <file>', 'write the code as a picture, too; with --approve')
    .option('--export', 'print the key of the wallet that the hub keeps, once')
    .option('--json')
    .action(async (id: string, options: Options) => {
      if (options.export) return exportKey(id as HouseholdId);
      if (options.approve !== undefined) return showApproval(id, options.approve, options);
      const path = `/api/households/${encodeURIComponent(id)}/token-wallet`;
      const { address, json } = options;
      const view = await (address === undefined
        ? ask<OwnWalletView>(path)
        : order<OwnWalletView>(path, { address }));
      print(view, json, inWords);
    });
}

/** Phone wallets speak to nothing but https: Solana Pay, transaction requests. */
function httpsUrl(text: string): string {
  if (URL.canParse(text) && new URL(text).protocol === 'https:') return text;
  throw new InvalidArgumentError('an https:// address is needed: phone wallets take no other');
}

const inWords = (view: OwnWalletView): string[] => [
  `${view.household}: ${view.address}`,
  view.own
    ? `  its own key; the hub may move ${view.allowanceWh} Wh of the ${view.balanceWh} Wh there, as seen ${view.seenAt ?? 'never'}`
    : '  the hub keeps the key; `--export` hands it out',
  ...(view.leftWh > 0 ? [`  ${view.leftWh} Wh were moved off by the owner`] : []),
  ...(view.obstacle === null ? [] : [`  nothing is offered: ${view.obstacle}`]),
];

async function showApproval(id: string, kwh: number, { at, svg, json }: Options): Promise<void> {
  if (at === undefined) throw new Error('Say with --at URL where phones reach this hub.');
  const path = `/api/households/${encodeURIComponent(id)}/token-wallet/approval`;
  const said = await order<{ link: string }>(path, { kwh, at });
  if (svg !== undefined) writeFileSync(svg, renderSVG(said.link));
  print(said, json, ({ link }) => [
    renderUnicodeCompact(link),
    link,
    `The owner scans this with a wallet: the hub may then move ${kwh} kWh in all. It replaces what was allowed before, and can be revoked in the wallet at any time. The code is good for a day.`,
  ]);
}

/** Straight from the keystore: the key passes through no server. */
function exportKey(household: HouseholdId): void {
  const config = configFrom(hubEnvironment());
  const { HUB_DATA_DIR } = config;
  const [keyDir, file] = [join(HUB_DATA_DIR, 'keys'), join(HUB_DATA_DIR, 'books.db')];
  if (!existsSync(join(keyDir, 'keystore.json')) || !existsSync(file))
    throw new Error(`No keys and books in ${HUB_DATA_DIR}. Set HUB_DATA_DIR.`);
  using books = openBooks(file);
  if (books.wallets.of(household) !== undefined)
    throw new Error(`${household} has the key of its wallet already; it is shown once.`);
  const keypair = openKeyring(keyDir, chainPassphrase(config)).household(household);
  const address = keypair.publicKey.toBase58();
  const brought = books.wallets.bring(household, address, epochMs(Date.now()));
  if (!brought.ok)
    throw new Error(
      brought.error === 'no-household'
        ? `There is no household ${household}.`
        : `The wallet of ${household} could not be handed out: ${brought.error}.`,
    );
  process.stdout.write(
    [
      `Address of ${household}: ${address}`,
      `Secret key (base58, for a wallet app): ${bs58.encode(keypair.secretKey)}`,
      'Whoever reads this line can move the tokens. It is not shown again: write it down, then clear the screen.',
      'From now on the household holds the key: the hub moves only what the wallet allows it, and what the owner moves off covers no import.',
      'A copy stays in the hub’s sealed keystore; to be alone with the key, bring another address.',
      '',
    ].join('\n'),
  );
}
