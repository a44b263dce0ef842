/** A person orders that a payment goes back to the phone that made it: the last resort. */
import type { ReversalId } from '../core/ids.ts';
import { fail, ok, type Result } from '../core/result.ts';
import { type Reversal, type ReversalProblem, reversible } from '../core/reversal.ts';
import type { Tell } from '../events/hub-event.ts';
import type { Books } from '../ports/books/books.ts';
import type { NeighbourhoodClock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';

type Needs = {
  books: Pick<Books, 'evidence' | 'reversals'>;
  clock: NeighbourhoodClock;
  ids: Ids;
  tell: Tell;
};

/**
 * All of the payment with this receipt, out of the wallet or the suspense account that holds it. Sets the
 * money aside and leaves the deed. One order per receipt, unless it certainly failed.
 */
export function reverseReceipt(
  { books, clock, ids, tell }: Needs,
  receipt: string,
): Result<Reversal, ReversalProblem> {
  const payment = books.evidence.find(receipt);
  if (payment === undefined) return fail({ kind: 'unknown-receipt' });
  const before = books.reversals.ofReceipt(receipt);
  if (before !== undefined && before.state !== 'failed')
    return fail({ kind: 'ordered-before', reversal: before.id });
  const { household } = payment;
  const amount = reversible(payment.amountCents, books.reversals.thereIn(household));
  if (!amount.ok) return amount;
  const now = clock.now();
  const reversal: Reversal = {
    ...{ id: ids.fresh() as ReversalId, receipt, household, amountCents: amount.value },
    ...{ state: 'intent', createdAt: now, sentAt: undefined, asks: 0, mayRepeat: false },
    ...{ code: undefined, detail: '' },
  };
  books.reversals.order(reversal, now);
  tell({ name: 'reversal.ordered', reversal: reversal.id, amountCents: amount.value });
  return ok(reversal);
}
