/** Closes the trades that a seller's payouts have covered, first in first out. */
import type { HouseholdId, PayoutId } from '../core/ids.ts';
import { coveredTrades } from '../core/payout.ts';
import type { Tell } from '../events/hub-event.ts';
import type { Books } from '../ports/books/books.ts';
import type { NeighbourhoodClock } from '../ports/clock.ts';

type Needs = { books: Pick<Books, 'payouts' | 'trades'>; clock: NeighbourhoodClock; tell: Tell };

/** `payout` is the one that has just been paid. */
export function closeTrades(
  { books, clock, tell }: Needs,
  seller: HouseholdId,
  payout: PayoutId | undefined,
): void {
  const covered = coveredTrades(books.trades.earnedBy(seller), books.payouts.paidOutTo(seller));
  if (covered.length === 0) return;
  books.trades.close(covered, payout ?? books.payouts.lastDone(seller), clock.now());
  for (const trade of covered) tell({ name: 'trade.closed', trade });
}
