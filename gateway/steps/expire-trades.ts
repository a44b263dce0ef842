/** Ends trades that nobody paid in time, so that the seller's energy is free again. */
import { unpaidStates } from '../core/trade.ts';
import type { EventOf, Tell } from '../events/hub-event.ts';
import type { Books } from '../ports/books/books.ts';
import type { NeighbourhoodClock } from '../ports/clock.ts';

type Needs = { books: Pick<Books, 'trades'>; clock: NeighbourhoodClock; tell: Tell };

/** Money that comes later is the household's: it stays in its wallet for the next trade. */
export function expireTrades({ books, clock, tell }: Needs): void {
  const now = clock.now();
  for (const trade of books.trades.inStates(unpaidStates)) {
    if (trade.expiresAt > now) continue;
    books.trades.expire(trade, 'no funds in time', now);
    tell({ name: 'trade.expired', trade: trade.id, why: 'no funds in time' });
  }
}

/** The push that these trades waited for came to nothing. */
export function expireRefused(
  { books, clock, tell }: Needs,
  { household, topup, why }: EventOf<'topup.refused'>,
): void {
  for (const trade of books.trades.ofBuyer(household, unpaidStates)) {
    if (trade.topup !== topup) continue;
    books.trades.expire(trade, why, clock.now());
    tell({ name: 'trade.expired', trade: trade.id, why });
  }
}
