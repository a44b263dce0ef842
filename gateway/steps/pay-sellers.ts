/** Starts payouts for sellers who have earned enough. */
import type { HouseholdId, PayoutId } from '../core/ids.ts';
import {
  isPayHour,
  type PayoutRule,
  payoutDue,
  payoutLeastCents,
  payoutMostCents,
  refusedRestMs,
} from '../core/payout.ts';
import { startOfDay } from '../core/slot.ts';
import { cents, type EpochMs } from '../core/units.ts';
import type { Tell } from '../events/hub-event.ts';
import type { Books } from '../ports/books/books.ts';
import type { NeighbourhoodClock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';

type Needs = {
  books: Pick<Books, 'households' | 'pauses' | 'payouts' | 'settings' | 'trades'>;
  clock: NeighbourhoodClock;
  ids: Ids;
  tell: Tell;
  resultsTrusted: boolean;
};

/** Everybody whose earnings are due, or only `sellers`; one open payout per household at a time. */
export function paySellers(needs: Needs, sellers?: readonly HouseholdId[]): void {
  for (const household of sellers ?? earners(needs)) paySeller(needs, household);
}

/** Who has enough; nobody before the day's payouts begin. What else may hold a payout back is looked at one by one. */
function earners(needs: Needs): HouseholdId[] {
  const now = needs.clock.now();
  const rule = ruleAt(needs, now);
  if (rule.daily && !isPayHour(rule.fromMinute, now)) return [];
  return needs.books.payouts.earners(cents(Math.max(rule.leastCents, payoutLeastCents)));
}

/** The intention, the money set aside for it, and the deed, in one write. */
function paySeller(needs: Needs, id: HouseholdId): void {
  const { books, clock, ids, tell } = needs;
  const household = books.households.find(id);
  if (household === undefined || books.payouts.openOf(id) !== undefined) return;
  const now = clock.now();
  const refusedAt = books.payouts.refusedAt(id);
  if (refusedAt !== undefined && now - refusedAt < refusedRestMs) return;
  const history = {
    lastAt: books.payouts.lastAt(id),
    todayCents: books.payouts.begunSince(id, startOfDay(now)),
  };
  const amountCents = payoutDue(books.trades.earningsOf(id), ruleAt(needs, now), history, now);
  // While payouts rest, earnings stay where their owner sees them.
  if (amountCents === undefined || books.pauses.holding(now, id).length > 0) return;
  const sequence = books.payouts.nextSequence(id);
  const payout = ids.fresh() as PayoutId;
  books.payouts.start(
    {
      ...{ id: payout, household: id, kind: 'batch', sequence },
      ...{ phone: household.phone, amountCents },
      conversationId: ids.payoutConversation(id, sequence),
      ...{ state: 'intent', createdAt: now, sentAt: undefined, asks: 0 },
      ...{ code: undefined, detail: '' },
    },
    now,
  );
  tell({ name: 'payout.started', payout, household: id, amountCents });
}

/** A payout larger than the day's cap could never be sent. */
function ruleAt({ books, resultsTrusted }: Needs, now: EpochMs): PayoutRule {
  const settings = books.settings.at(now);
  const capCents = resultsTrusted ? payoutMostCents : settings.payoutDayMostCents;
  return {
    leastCents: settings.payoutLeastCents,
    daily: settings.payoutDaily,
    fromMinute: settings.payoutFromMinute,
    mostCents: cents(Math.min(payoutMostCents, capCents)),
  };
}
