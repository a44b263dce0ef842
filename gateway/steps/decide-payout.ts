/** A person has looked at a payout in review, on M-Pesa's portal or with the household, and says what became of it. */
import type { PayoutId } from '../core/ids.ts';
import { type Payout, payoutLeastCents, payoutMostCents } from '../core/payout.ts';
import { fail, ok, type Result } from '../core/result.ts';
import { type Cents, cents, centsPerShilling } from '../core/units.ts';
import type { Tell } from '../events/hub-event.ts';
import type { Books } from '../ports/books/books.ts';
import type { NeighbourhoodClock } from '../ports/clock.ts';

type Needs = { books: Pick<Books, 'payouts' | 'trades'>; clock: NeighbourhoodClock; tell: Tell };

export type PayoutDecision =
  | {
      readonly kind: 'it-went';
      /** As M-Pesa's portal shows it. */
      readonly transactionId: string;
      /** Where the portal shows another amount than the books: after a backup the same id may have carried it. */
      readonly paidCents?: number | undefined;
    }
  | { readonly kind: 'it-did-not-go' };

export type DecisionProblem =
  | { readonly kind: 'unknown' }
  /** M-Pesa may still answer; only what waits for a person is decided by one. */
  | { readonly kind: 'not-in-review' }
  | { readonly kind: 'no-transaction' }
  /** M-Pesa pays whole shillings. */
  | { readonly kind: 'amount' }
  /** More was paid than was asked, and what it comes out of does not hold the rest. */
  | { readonly kind: 'not-enough'; readonly freeCents: Cents }
  /** This transaction ended something else. */
  | { readonly kind: 'transaction-used' };

type Decided = Result<Payout, DecisionProblem>;

/** Ends the payout; money that did not go is back where it came from. */
export function decidePayout(needs: Needs, id: PayoutId, decision: PayoutDecision): Decided {
  const { books, clock, tell } = needs;
  const payout = books.payouts.find(id);
  if (payout === undefined) return fail({ kind: 'unknown' });
  if (payout.state !== 'review') return fail({ kind: 'not-in-review' });
  if (decision.kind === 'it-went') return itWent(needs, payout, decision);
  const { household, amountCents } = payout;
  const why = 'a person says that it did not go';
  if (!books.payouts.fail(payout, why, clock.now())) return fail({ kind: 'not-in-review' });
  tell({ name: 'payout.failed', payout: id, household, amountCents, why });
  return ok({ ...payout, state: 'failed' });
}

type Went = Extract<PayoutDecision, { kind: 'it-went' }>;

function itWent({ books, clock, tell }: Needs, payout: Payout, decision: Went): Decided {
  const { id, household, kind, amountCents } = payout;
  const { paidCents = amountCents } = decision;
  const transactionId = decision.transactionId.trim();
  if (!/^[A-Z0-9]{6,32}$/.test(transactionId)) return fail({ kind: 'no-transaction' });
  if (!isPayable(paidCents)) return fail({ kind: 'amount' });
  const { earningsOf, walletOf } = books.trades;
  const freeCents = kind === 'batch' ? earningsOf(household) : walletOf(household);
  if (paidCents - amountCents > freeCents) return fail({ kind: 'not-enough', freeCents });
  const [at, went] = [clock.now(), cents(paidCents)];
  const other = went === amountCents ? undefined : went;
  const fee = books.payouts.feeFor(went, at);
  const use = books.payouts.finish(payout, transactionId, fee, at, other);
  if (use !== 'finished')
    return fail({ kind: use === 'used' ? 'transaction-used' : 'not-in-review' });
  const name = kind === 'batch' ? 'seller.paid' : 'withdrawal.paid';
  tell({ name, payout: id, household, amountCents: went });
  return ok({ ...payout, state: 'done' });
}

const isPayable = (amountCents: number): boolean =>
  Number.isSafeInteger(amountCents / centsPerShilling) &&
  amountCents >= payoutLeastCents &&
  amountCents <= payoutMostCents;
