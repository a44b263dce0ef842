/** Starts payouts for sellers who have earned enough. */
import type { HouseholdId, PayoutId } from '../core/ids.ts';
import { payoutDue, payoutLeastCents, refusedRestMs } from '../core/payout.ts';
import type { Tell } from '../events/hub-event.ts';
import type { Books } from '../ports/books/books.ts';
import type { NeighbourhoodClock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';

type Needs = {
  books: Pick<Books, 'households' | 'payouts' | 'settings' | 'trades'>;
  clock: NeighbourhoodClock;
  ids: Ids;
  tell: Tell;
};

/** Everybody whose earnings are due, or only `sellers`; one open payout per household at a time. */
export function paySellers(needs: Needs, sellers?: readonly HouseholdId[]): void {
  for (const household of sellers ?? needs.books.payouts.earners(payoutLeastCents))
    paySeller(needs, household);
}

/** The intention, the money set aside for it, and the deed, in one write. */
function paySeller({ books, clock, ids, tell }: Needs, id: HouseholdId): void {
  const household = books.households.find(id);
  if (household === undefined || books.payouts.openOf(id) !== undefined) return;
  const now = clock.now();
  const refusedAt = books.payouts.refusedAt(id);
  if (refusedAt !== undefined && now - refusedAt < refusedRestMs) return;
  const { payoutLeastCents: leastCents, payoutDaily: daily } = books.settings.at(now);
  const earnings = books.trades.earningsOf(id);
  const amountCents = payoutDue(earnings, { leastCents, daily }, books.payouts.lastAt(id), now);
  if (amountCents === undefined) return;
  const sequence = books.payouts.nextSequence(id);
  const payout = ids.fresh() as PayoutId;
  books.payouts.start(
    {
      id: payout,
      household: id,
      sequence,
      phone: household.phone,
      amountCents,
      conversationId: ids.payoutConversation(id, sequence),
      state: 'intent',
      createdAt: now,
      sentAt: undefined,
      asks: 0,
    },
    now,
  );
  tell({ name: 'payout.started', payout, household: id, amountCents });
}
