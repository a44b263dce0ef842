/**
 * Rotates the fee payer or the mint authority. What is signed with the old key is settled first; then one write of the
 * keystore begins the rotation, and preparing the chain ends it: this command does, or the hub's next start.
 */
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { feePayerOf } from '../adapters/solana/fee-payer.ts';
import {
  forgetFormerFeePayers,
  intendMintAuthority,
  openKeyring,
  replaceFeePayer,
} from '../adapters/solana/keys.ts';
import type { OpenBooks } from '../adapters/sqlite/open.ts';
import type { HouseholdId } from '../core/ids.ts';
import { noteChain, notingOwners } from '../open-chain.ts';
import type { NeighbourhoodClock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { ChainFacts, TokenChain } from '../ports/tokens.ts';
import { noteReceipts } from '../steps/note-receipts.ts';
import { settleTokens } from '../steps/settle-tokens.ts';

export type Rotating = {
  readonly books: OpenBooks;
  readonly keyDir: string;
  readonly passphrase: string | undefined;
  /** Opens the chain with the keys as they are now, for books that know these facts. */
  readonly open: (known: ChainFacts) => Promise<TokenChain>;
  readonly clock: NeighbourhoodClock;
  readonly log: Log;
  /** How long what is signed may take to become final, in machine ms; an attempt that got lost takes two minutes. */
  readonly patienceMs: number;
};
export type RotatedKey = 'fee-payer' | 'mint-authority';

export type Rotated = {
  /** base58 */
  readonly before: string;
  readonly after: string;
  /** It had been begun earlier. */
  readonly resumed: boolean;
  /** Households whose own wallets must allow the new fee payer. */
  readonly toAllow: readonly HouseholdId[];
};

const againMs = 200;

/** Throws when the chain is away, when something does not become final in time, and when nothing was ever on a chain. */
export async function rotateKey(rotating: Rotating, which: RotatedKey): Promise<Rotated> {
  const { books, keyDir, passphrase } = rotating;
  const known = books.tokens.chain();
  if (known === undefined)
    throw new Error('These books have never met a chain: start the hub once.');
  const keys = openKeyring(keyDir, passphrase);
  const begun = {
    'fee-payer': known.hub !== keys.hub.publicKey.toBase58(),
    'mint-authority': keys.nextMintAuthority !== undefined,
  };
  const before = {
    'fee-payer': known.hub,
    'mint-authority': keys.mintAuthority.publicKey.toBase58(),
  };
  // Whatever was begun ends here, before anything else is touched.
  const chain = await prepared(rotating, known);
  if (!begun[which]) {
    await settleWhatIsSigned(rotating, chain);
    if (which === 'fee-payer') replaceFeePayer(keyDir, passphrase);
    else intendMintAuthority(keyDir, passphrase);
    await prepared(rotating, books.tokens.chain() ?? known);
  }
  const now = openKeyring(keyDir, passphrase);
  const key = which === 'fee-payer' ? now.hub : now.mintAuthority;
  return {
    ...{ before: before[which], after: key.publicKey.toBase58(), resumed: begun[which] },
    toAllow: which === 'fee-payer' ? books.wallets.all().map(({ household }) => household) : [],
  };
}

/** Throws while a marker of theirs may stand. */
export function forgetFormer({
  books,
  keyDir,
  passphrase,
}: Pick<Rotating, 'books' | 'keyDir' | 'passphrase'>): number {
  const former = openKeyring(keyDir, passphrase).formerHubs.map((key) => key.publicKey.toBase58());
  const payers = books.tokens.markedBytes().map(feePayerOf);
  const left = payers.filter((payer) => former.includes(payer)).length;
  if (left > 0)
    throw new Error(
      `${left} markers of former fee payers may stand: their rent comes home in the nights, or a move of theirs waits for a person.`,
    );
  if (former.length > 0) forgetFormerFeePayers(keyDir, passphrase);
  return former.length;
}

async function prepared(rotating: Rotating, known: ChainFacts): Promise<TokenChain> {
  const { books, open, patienceMs } = rotating;
  const chain = await open(known);
  for (const end = performance.now() + patienceMs; ; await pause(againMs)) {
    const facts = await chain.prepare();
    if (facts.ok) {
      noteChain(books.tokens, facts.value);
      return notingOwners(chain, books.tokens);
    }
    if (facts.error !== 'unreachable' || performance.now() > end)
      throw new Error(`The chain is not ready: ${chain.health().detail || facts.error}.`);
  }
}

/**
 * A marker belongs to its fee payer: what was signed by the old one must be signed again by the old one, or there is
 * no guard; and a mint that was signed by the old authority fails once another one has taken over.
 */
async function settleWhatIsSigned(rotating: Rotating, chain: TokenChain): Promise<void> {
  const { books, clock, log, patienceMs } = rotating;
  // The hub's next start finds in the books what it would have heard.
  const needs = { books, chain, clock, log, tell: () => {} };
  for (const end = performance.now() + patienceMs; ; await pause(againMs)) {
    const [moves, days] = [books.tokens.boundToFeePayer(), books.receipts.underWay()];
    if (moves.length + days.length === 0) return;
    if (performance.now() > end)
      throw new Error(
        `${moves.length + days.length} moves are signed and not final; nothing was changed. Try again later.`,
      );
    for (const id of moves) await settleTokens(needs, id);
    for (const id of days) await noteReceipts(needs, id);
  }
}
