/**
 * Moves tokens exactly once, whatever the network, the node or the power does. Signed bytes are on disk
 * before they are first sent; always the same bytes are sent again; a new signature is made only when the
 * old one can no longer land (Solana's rule: the last valid block height has passed, finalized).
 */
import { coverOf } from '../core/energy.ts';
import type { TokenIntentId } from '../core/ids.ts';
import { startOfDay } from '../core/slot.ts';
import {
  attemptsMost,
  judgeHeight,
  mayMint,
  type TokenAttempt,
  type TokenIntent,
} from '../core/token.ts';
import type { Trade } from '../core/trade.ts';
import { wattHours } from '../core/units.ts';
import type { Tell } from '../events/hub-event.ts';
import type { Books } from '../ports/books/books.ts';
import type { NeighbourhoodClock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { MoveStatus, TokenChain, TokenMove } from '../ports/tokens.ts';

type Needs = {
  books: Pick<Books, 'energy' | 'settings' | 'tokens' | 'trades'>;
  chain: Pick<TokenChain, 'sign' | 'send' | 'statusOf' | 'winnerOf' | 'finalizedHeight'>;
  clock: NeighbourhoodClock;
  log: Log;
  tell: Tell;
};

/** One careful step; the outbox comes again until the intent has ended. */
export async function settleTokens(needs: Needs, subject: string): Promise<void> {
  const intent = needs.books.tokens.find(subject as TokenIntentId);
  if (intent === undefined) return;
  if (intent.state === 'review') return watch(needs, intent);
  if (intent.state !== 'open') return;
  const move = moveOf(intent);
  const attempt =
    needs.books.tokens.openAttempt(intent.id) ?? (await signAnew(needs, intent, move));
  if (attempt === undefined) return;
  const seen = await needs.chain.statusOf(move, attempt);
  if (!seen.ok) return;
  if (seen.value.kind === 'unseen') return pursue(needs, intent, move, attempt);
  return conclude(needs, intent, move, attempt, seen.value);
}

const moveOf = (intent: TokenIntent): TokenMove => ({
  intent: intent.id,
  kind: intent.kind,
  from: intent.from,
  to: intent.to,
  energyWh: intent.energyWh,
  mintWh: intent.mintWh,
  ...(intent.shares === undefined ? {} : { shares: intent.shares }),
  memo: intent.memo,
});

/** A person is asked, and nothing more is signed or sent; but what was sent may still land. */
async function watch(needs: Needs, intent: TokenIntent): Promise<void> {
  const winner = await needs.chain.winnerOf(moveOf(intent));
  if (winner.ok && winner.value?.final) settled(needs, intent, winner.value.signature);
}

async function signAnew(
  needs: Needs,
  intent: TokenIntent,
  move: TokenMove,
): Promise<TokenAttempt | undefined> {
  const { books, chain, clock, tell } = needs;
  const earlier = books.tokens.attempts(intent.id);
  if (earlier >= attemptsMost) {
    setAside(needs, intent, `${attemptsMost} signatures and none landed`);
    return undefined;
  }
  if (!isMintAllowed(needs, intent)) return undefined;
  const signed = await chain.sign(move, earlier);
  // While this one was signed others may have been, too: what is not written down is not sent.
  if (!signed.ok || !isMintAllowed(needs, intent)) return undefined;
  // Another worker may have been quicker: its bytes are the ones that are sent.
  if (!books.tokens.saveAttempt(intent, signed.value, clock.now())) return undefined;
  const { signature } = signed.value;
  if (intent.trade !== undefined) tell({ name: 'tokens.sent', trade: intent.trade, signature });
  return signed.value;
}

/** More tokens in a day than a neighbourhood can have made: nothing is minted until a person raises the cap, or tomorrow. */
function isMintAllowed({ books, clock, log }: Needs, { id, mintWh }: TokenIntent): boolean {
  const now = clock.now();
  const { mintDailyMaxWh } = books.settings.at(now);
  const mintedWh = books.tokens.mintedSince(startOfDay(now), id);
  if (mayMint(mintWh, mintedWh, mintDailyMaxWh)) return true;
  if (books.tokens.noteMintingStopped(startOfDay(now)))
    log.error('minting has stopped for today: look at the meters, or raise mintDailyMaxWh', {
      mintedWh,
      mintWh,
      mintDailyMaxWh,
    });
  return false;
}

/** No node has seen the attempt: send the same bytes, or prove that they are dead. */
async function pursue(
  needs: Needs,
  intent: TokenIntent,
  move: TokenMove,
  attempt: TokenAttempt,
): Promise<void> {
  const { books, chain } = needs;
  const height = await chain.finalizedHeight();
  if (!height.ok) return;
  const verdict = judgeHeight(height.value, attempt.lastValidHeight);
  if (verdict === 'wait') return;
  if (verdict === 'send-again') {
    await chain.send(attempt);
    const after = await chain.statusOf(move, attempt);
    if (after.ok && after.value.kind !== 'unseen')
      return conclude(needs, intent, move, attempt, after.value);
    return;
  }
  // The last look comes after the height was read, at every node: what has not landed by now never will.
  const winner = await chain.winnerOf(move, attempt);
  if (!winner.ok) return;
  if (winner.value === undefined) return books.tokens.expireAttempt(attempt);
  if (winner.value.final) settled(needs, intent, winner.value.signature);
}

async function conclude(
  needs: Needs,
  intent: TokenIntent,
  move: TokenMove,
  attempt: TokenAttempt,
  status: Exclude<MoveStatus, { kind: 'unseen' }>,
): Promise<void> {
  if (status.kind === 'landed-otherwise' && status.signature === undefined)
    return lookForWinner(needs, intent, move, attempt);
  if (!status.final) return;
  if (status.kind === 'seen') return settled(needs, intent, attempt.signature);
  if (status.kind === 'landed-otherwise') {
    if (status.signature !== undefined) settled(needs, intent, status.signature);
    return;
  }
  const winner = await needs.chain.winnerOf(move);
  if (!winner.ok) return;
  if (winner.value === undefined) return impossible(needs, intent, status.why);
  if (winner.value.final) settled(needs, intent, winner.value.signature);
}

/**
 * The marker is taken, and no node knows by what move of ours. One may only be late with its list; when every node
 * has had its time, somebody else has filled the address, and a person must look.
 */
async function lookForWinner(
  needs: Needs,
  intent: TokenIntent,
  move: TokenMove,
  { lastValidHeight }: TokenAttempt,
): Promise<void> {
  const height = await needs.chain.finalizedHeight();
  if (!height.ok || judgeHeight(height.value, lastValidHeight) !== 'look-closer') return;
  const winner = await needs.chain.winnerOf(move);
  if (!winner.ok) return;
  if (winner.value === undefined)
    return setAside(needs, intent, 'the marker is taken, and by no transfer of ours');
  if (winner.value.final) settled(needs, intent, winner.value.signature);
}

const tradeOf = ({ books }: Needs, intent: TokenIntent): Trade | undefined =>
  intent.trade === undefined ? undefined : books.trades.find(intent.trade);

/** Final on chain: one write gives the seller the earnings and the buyer the energy. */
function settled(needs: Needs, intent: TokenIntent, signature: string): void {
  const { books, clock, tell } = needs;
  const trade = tradeOf(needs, intent);
  if (trade === undefined) return books.tokens.finish(intent, signature);
  const balance = books.energy.balanceOf(trade.buyer);
  const boughtWh = wattHours(balance.boughtWh + trade.energyWh);
  const cover = coverOf({ ...balance, boughtWh });
  books.trades.settle(trade, intent, signature, cover, clock.now());
  tell({ name: 'tokens.settled', trade: trade.id, seller: trade.seller, signature });
}

function impossible(needs: Needs, intent: TokenIntent, why: string): void {
  const { books, clock, tell } = needs;
  const trade = tradeOf(needs, intent);
  if (trade === undefined) return books.tokens.setAside(intent, why);
  books.trades.undo(trade, intent, why, clock.now());
  tell({ name: 'trade.expired', trade: trade.id, why });
}

function setAside(needs: Needs, intent: TokenIntent, why: string): void {
  const { books, clock, tell } = needs;
  const trade = tradeOf(needs, intent);
  if (trade === undefined) return books.tokens.setAside(intent, why);
  books.trades.review(trade, intent, why, clock.now());
  tell({ name: 'tokens.unclear', trade: trade.id, why });
}
