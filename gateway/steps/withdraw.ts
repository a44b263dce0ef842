/** A household takes money out of its wallet, to the phone that it is registered with. */
import type { HouseholdId, PayoutId } from '../core/ids.ts';
import {
  freeOf,
  type Payout,
  payoutMostCents,
  type WithdrawalProblem,
  withdrawable,
} from '../core/payout.ts';
import { fail, ok, type Result } from '../core/result.ts';
import { unpaidStates } from '../core/trade.ts';
import { sumCents } from '../core/units.ts';
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

export type WithdrawalOrder = {
  readonly household: HouseholdId;
  /** Whole shillings, KES 10 to 250,000. */
  readonly amountCents: number;
  /** The number that was named, if one was: only the registered one is served. */
  readonly phone: string | undefined;
};

/** Sets the money aside and leaves the deed; a pause of all payouts delays it, and it is sent after. */
export function withdraw(needs: Needs, order: WithdrawalOrder): Result<Payout, WithdrawalProblem> {
  const { books, clock, ids, tell, resultsTrusted } = needs;
  const now = clock.now();
  const household = books.households.find(order.household);
  if (household === undefined) return fail({ kind: 'unknown-household' });
  const { id, phone } = household;
  if (order.phone !== undefined && order.phone !== phone) return fail({ kind: 'another-number' });
  const { payoutDayMostCents } = books.settings.at(now);
  const mostCents = resultsTrusted ? payoutMostCents : payoutDayMostCents;
  const amount = withdrawable(order.amountCents, freeWallet(needs, id), mostCents);
  if (!amount.ok) return amount;
  if (books.payouts.openOf(id) !== undefined) return fail({ kind: 'payout-on-its-way' });
  const parked = books.pauses.holding(now, id).find((pause) => pause.household === id);
  if (parked) return fail({ kind: 'parked', why: parked.why });
  const sequence = books.payouts.nextSequence(id);
  const payout: Payout = {
    ...{ id: ids.fresh() as PayoutId, household: id, kind: 'withdrawal', sequence, phone },
    ...{ amountCents: amount.value, conversationId: ids.payoutConversation(id, sequence) },
    ...{ state: 'intent', createdAt: now, sentAt: undefined, asks: 0 },
    ...{ code: undefined, detail: '' },
  };
  books.payouts.start(payout, now);
  tell({ name: 'payout.started', payout: payout.id, household: id, amountCents: amount.value });
  return ok(payout);
}

function freeWallet({ books }: Needs, id: HouseholdId) {
  const open = books.trades.ofBuyer(id, unpaidStates).filter(({ funding }) => funding === 'wallet');
  return freeOf(books.trades.walletOf(id), sumCents(open.map(({ amountCents }) => amountCents)));
}
