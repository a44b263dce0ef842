/** Opens Solana: the embedded ledger's process or a public cluster, by the same library. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openTokenChain } from './adapters/solana/token-chain.ts';
import type { Config } from './config.ts';
import type { HouseholdId } from './core/ids.ts';
import { epochMs } from './core/units.ts';
import { chainPassphrase } from './open-keys.ts';
import type { TokenBooks } from './ports/books/tokens.ts';
import type { Log } from './ports/log.ts';
import type { ChainFacts, PrepareError, TokenChain } from './ports/tokens.ts';

const againMs = 1_000;
/** A start waits this long to hear that the chain is another one; a chain that is away is waited for later. */
const firstLookMs = 2_500;
/** Where a command finds the local ledger of a running hub. */
export const chainUrlFile = 'chain-url';

/**
 * The chain may be away for days: it is made ready in the background, and until then tokens wait. Throws when keys or
 * passphrase are refused, and when the node serves another chain than the books and keys have worked with.
 */
export async function openChain(
  config: Config,
  log: Log,
  books: Pick<TokenBooks, 'chain' | 'noteChain' | 'changeHub' | 'noteOwner' | 'ownAddress'>,
): Promise<TokenChain & AsyncDisposable> {
  const urls = config.SOLANA_RPC_URLS;
  if (urls === undefined) throw new Error('the chain has no address');
  const passphrase = chainPassphrase(config);
  if (passphrase === undefined)
    log.info(
      'the passphrase of the local ledger’s keys lies beside them: who reads one reads both',
    );
  const known = books.chain();
  const chain = await openTokenChain({
    cluster: config.SOLANA_CLUSTER,
    urls,
    keyDir: join(config.HUB_DATA_DIR, 'keys'),
    ...(config.SOLANA_MINT === undefined ? {} : { mint: config.SOLANA_MINT }),
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(known === undefined ? {} : { known }),
    ownAddress: (household) => books.ownAddress(household),
  });
  if (config.SOLANA_CLUSTER === 'embedded')
    writeFileSync(join(config.HUB_DATA_DIR, chainUrlFile), `${urls[0]}\n`, { mode: 0o600 });
  const preparing = prepareInBackground(chain, books, log);
  const first = await Promise.race([
    preparing.first,
    pause(firstLookMs, undefined, { ref: false }),
  ]);
  if (first === 'wrong-chain') {
    await preparing.stop();
    throw new Error(`This is not the chain that the hub knows: ${chain.health().detail}.`);
  }
  return { ...notingOwners(chain, books), [Symbol.asyncDispose]: () => preparing.stop() };
}

/** Whoever verifies the chain needs no key, only the public address of each household. */
export const notingOwners = (
  chain: TokenChain,
  books: Pick<TokenBooks, 'noteOwner'>,
): TokenChain => ({
  ...chain,
  sign: async (move, earlier) => {
    const households = [move.from, ...(move.to === undefined ? [] : [move.to])];
    for (const id of [...households, ...(move.shares ?? []).map(({ household }) => household)])
      noteOwner(chain, books, id);
    return chain.sign(move, earlier);
  },
});

/** Prepared with what the books know, so that another hub is this one after a rotation of its keys. */
export function noteChain(
  books: Pick<TokenBooks, 'noteChain' | 'changeHub'>,
  facts: ChainFacts,
): void {
  if (books.noteChain(facts).hub !== facts.hub) books.changeHub(facts.hub);
}

const noteOwner = (
  chain: TokenChain,
  books: Pick<TokenBooks, 'noteOwner'>,
  household: HouseholdId,
): void => books.noteOwner(household, chain.addressOf(household), epochMs(0));

function prepareInBackground(
  chain: TokenChain,
  books: Pick<TokenBooks, 'noteChain' | 'changeHub'>,
  log: Log,
): { readonly first: Promise<PrepareError | undefined>; stop(): Promise<void> } {
  const first = Promise.withResolvers<PrepareError | undefined>();
  const ending = new AbortController();
  let said: PrepareError | undefined;
  /** Undefined when all is well. */
  const tryOnce = async (): Promise<PrepareError | undefined> => {
    const prepared = await chain.prepare();
    if (prepared.ok) noteChain(books, prepared.value);
    const error = prepared.ok ? undefined : prepared.error;
    if (error !== said && (error === 'wrong-chain' || error === 'no-mint'))
      log.error(chain.health().detail);
    said = error;
    first.resolve(error);
    return error;
  };
  const keepTrying = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      const error = await tryOnce();
      if (error === undefined || error === 'wrong-chain') return;
      await pause(againMs, undefined, { signal: ending.signal }).catch(() => {});
    }
  };
  const working = keepTrying().catch((error: unknown) => {
    first.reject(error);
    log.error('the chain could not be made ready', { error: String(error) });
  });
  first.promise.catch(() => {});
  return {
    first: first.promise,
    stop: async () => {
      ending.abort();
      await working;
    },
  };
}
