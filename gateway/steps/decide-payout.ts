/** A person has looked at a payout in review, on M-Pesa's portal or with the household, and says what became of it. */
import type { PayoutId } from '../core/ids.ts';
import type { Payout } from '../core/payout.ts';
import { fail, ok, type Result } from '../core/result.ts';
import type { Tell } from '../events/hub-event.ts';
import type { Books } from '../ports/books/books.ts';
import type { NeighbourhoodClock } from '../ports/clock.ts';

type Needs = { books: Pick<Books, 'payouts'>; clock: NeighbourhoodClock; tell: Tell };

export type PayoutDecision =
  /** `transactionId`: as M-Pesa's portal shows it. */
  { readonly kind: 'it-went'; readonly transactionId: string } | { readonly kind: 'it-did-not-go' };

export type DecisionProblem =
  | { readonly kind: 'unknown' }
  /** M-Pesa may still answer; only what waits for a person is decided by one. */
  | { readonly kind: 'not-in-review' }
  | { readonly kind: 'no-transaction' }
  /** This transaction ended something else. */
  | { readonly kind: 'transaction-used' };

/** Ends the payout; money that did not go is back where it came from. */
export function decidePayout(
  { books, clock, tell }: Needs,
  id: PayoutId,
  decision: PayoutDecision,
): Result<Payout, DecisionProblem> {
  const payout = books.payouts.find(id);
  if (payout === undefined) return fail({ kind: 'unknown' });
  if (payout.state !== 'review') return fail({ kind: 'not-in-review' });
  const { household, kind, amountCents } = payout;
  const about = { payout: id, household, amountCents };
  if (decision.kind === 'it-did-not-go') {
    const why = 'a person says that it did not go';
    if (!books.payouts.fail(payout, why, clock.now())) return fail({ kind: 'not-in-review' });
    tell({ name: 'payout.failed', ...about, why });
    return ok({ ...payout, state: 'failed' });
  }
  const transactionId = decision.transactionId.trim();
  if (!/^[A-Z0-9]{6,32}$/.test(transactionId)) return fail({ kind: 'no-transaction' });
  const fee = books.payouts.feeFor(amountCents, clock.now());
  const use = books.payouts.finish(payout, transactionId, fee, clock.now());
  if (use !== 'finished')
    return fail({ kind: use === 'used' ? 'transaction-used' : 'not-in-review' });
  tell({ name: kind === 'batch' ? 'seller.paid' : 'withdrawal.paid', ...about });
  return ok({ ...payout, state: 'done' });
}
