/** A hub in a folder, as it lies there while it does not run: books, keys, and the local ledger. */
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { steppedClock } from '../../gateway/adapters/clock/stepped-clock.ts';
import { openLocalLedger } from '../../gateway/adapters/solana/embedded/server.ts';
import { slotMs } from '../../gateway/adapters/solana/embedded/slots.ts';
import { openKeyring } from '../../gateway/adapters/solana/keys.ts';
import { openChainReader } from '../../gateway/adapters/solana/read-chain.ts';
import { openTokenChain } from '../../gateway/adapters/solana/token-chain.ts';
import { openBooks } from '../../gateway/adapters/sqlite/open.ts';
import { verifyChain } from '../../gateway/commands/chain-verdict.ts';
import type { Rotating } from '../../gateway/commands/rotate-keys.ts';
import type { TokenIntentId } from '../../gateway/core/ids.ts';
import type { ChainFacts, TokenChain } from '../../gateway/ports/tokens.ts';
import { settleTokens } from '../../gateway/steps/settle-tokens.ts';
import { valueIn } from '../adapters/solana/neighbours.ts';
import { aPaidTrade, type GivenHub, given } from '../support/given.ts';
import { corner, kiosk, nine } from '../support/neighbourhood.ts';

/** Called before and after each call to the ledger; may stop the world. */
export type Witness = (moment: 'before' | 'after', body: string) => Promise<void>;

export type Lying = Disposable & {
  readonly rotating: Rotating;
  readonly books: ReturnType<typeof openBooks>;
  readonly fetch: typeof fetch;
  pass(slots: number): void;
  /** The chain with the keys as they are now, ready. */
  chain(): Promise<TokenChain>;
  /** As a test's hub, with that chain. */
  hub(): Promise<GivenHub>;
};

const quiet = { info: () => {}, warn: () => {}, error: () => {} };

/** Opens what lies in the folder, or makes it: the corner house has 9 kWh, the kiosk KES 900. */
export function lyingIn(folder: string, witness?: Witness): Lying {
  const file = join(folder, 'books.db');
  const keyDir = join(folder, 'keys');
  // Not a power cut's clock: after each call a slot has gone by.
  let ms = 60_000;
  const ledger = openLocalLedger({
    ...{ file: join(folder, 'ledger.db'), clock: { elapsedMs: () => ms } },
  });
  const books = openBooks(file);
  const made = given({ file, settled: true });
  const ask: typeof fetch = async (url, init) => {
    await witness?.('before', String(init?.body));
    ms += slotMs;
    const answer = await ledger.fetch(url, init);
    await witness?.('after', String(init?.body));
    return answer;
  };
  const open = (known?: ChainFacts) =>
    openTokenChain({
      ...{ cluster: 'embedded', urls: ['http://embedded.invalid'], keyDir, fetch: ask },
      ...(known === undefined ? {} : { known }),
      ownAddress: (household) => books.tokens.ownAddress(household),
    });
  const chain = async () => {
    const ready = await open(books.tokens.chain());
    valueIn(await ready.prepare());
    return ready;
  };
  return {
    rotating: {
      ...{ books, keyDir, passphrase: undefined, open, log: quiet, patienceMs: 20_000 },
      clock: steppedClock(nine),
    },
    ...{ books, fetch: ask, chain },
    pass: (slots) => {
      ms += slots * slotMs;
    },
    hub: async () => Object.assign(made, { books, chain: await chain() }) as unknown as GivenHub,
    [Symbol.dispose]: () => {
      made[Symbol.dispose]();
      books[Symbol.dispose]();
      ledger[Symbol.dispose]();
    },
  };
}

/** Fills the folder's books for the first time. */
export function moveInto(folder: string): void {
  given({
    ...{ file: join(folder, 'books.db'), energy: { [corner]: 9_000 } },
    ...{ need: { [kiosk]: 500 }, wallets: { [kiosk]: 90_000 } },
  })[Symbol.dispose]();
}

export const keysOf = ({ rotating: { keyDir } }: Lying) => openKeyring(keyDir);
export const urls = ['http://embedded.invalid'];

export async function differences({ books, fetch }: Lying): Promise<readonly object[]> {
  const { genesisHash, mint } = books.tokens.chain() ?? { genesisHash: '', mint: '' };
  const reader = await openChainReader({ urls, genesisHash, mint, callDeadlineMs: 1_000, fetch });
  return valueIn(await verifyChain(valueIn(reader), books.tokenAudit)).differences;
}

export async function finish(lying: Lying, hub: GivenHub, intent: TokenIntentId): Promise<void> {
  for (let turn = 0; turn < 6; turn++) {
    await settleTokens(hub, intent);
    lying.pass(2);
  }
}

/** Sells `energyWh` from the corner house to the kiosk and waits until it is final. */
export async function aSale(lying: Lying, energyWh = 1_000) {
  const hub = await lying.hub();
  const { trade, intent } = aPaidTrade(hub, { energyWh });
  await finish(lying, hub, intent.id);
  assert.is(lying.books.trades.find(trade.id)?.state, 'settled');
  return { hub, trade, intent };
}

/** A folder whose hub has once met its chain and has sold. */
export async function aFolderWithASale(path: string): Promise<TokenIntentId> {
  moveInto(path);
  using lying = lyingIn(path);
  lying.books.tokens.noteChain(valueIn(await (await lying.chain()).prepare()));
  const hub = await lying.hub();
  for (const who of [corner, kiosk])
    lying.books.tokens.noteOwner(who, hub.chain.addressOf(who), nine);
  const { intent } = await aSale(lying);
  return intent.id;
}

/** Signed, on disk, and never sent: what a power cut leaves. */
export async function aSignedTrade(lying: Lying) {
  const hub = await lying.hub();
  const { trade, intent } = aPaidTrade(hub, { energyWh: 700 });
  const chain = { ...hub.chain, send: async () => {} };
  await settleTokens({ ...hub, chain }, intent.id);
  assert.ok(lying.books.tokens.openAttempt(intent.id));
  return { trade, intent };
}
