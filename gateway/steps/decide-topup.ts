/** A person has looked at a push, on M-Pesa's portal or at the household's phone, and says what became of it. */
import type { TopupId } from '../core/ids.ts';
import { fail, ok, type Result } from '../core/result.ts';
import { dayMs } from '../core/slot.ts';
import type { Topup } from '../core/topup.ts';
import type { EpochMs } from '../core/units.ts';
import type { Tell } from '../events/hub-event.ts';
import type { Books } from '../ports/books/books.ts';
import type { NeighbourhoodClock } from '../ports/clock.ts';

type Needs = {
  books: Pick<Books, 'evidence' | 'topups' | 'watch'>;
  clock: NeighbourhoodClock;
  tell: Tell;
};

export type TopupDecision =
  | { readonly kind: 'paid'; readonly receipt: string; readonly reason: string }
  | { readonly kind: 'not-paid'; readonly reason: string };

export type TopupDecisionProblem =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'credited' }
  /** M-Pesa may still answer, and the prompt may still be on the phone. */
  | { readonly kind: 'not-in-review' }
  | { readonly kind: 'no-receipt' }
  /** This receipt is in the books already. */
  | { readonly kind: 'receipt-used'; readonly place: string };

/** The decision is kept with its reason before it is done. A payment that M-Pesa lists later is not credited again. */
export function decideTopup(
  { books, clock, tell }: Needs,
  id: TopupId,
  decision: TopupDecision,
): Result<Topup, TopupDecisionProblem> {
  const topup = books.topups.find(id);
  if (topup === undefined) return fail({ kind: 'unknown' });
  if (topup.state === 'credited') return fail({ kind: 'credited' });
  const at = clock.now();
  const { household, amountCents, accountReference, phone } = topup;
  const act = { subject: id, household, at };
  if (decision.kind === 'not-paid') {
    if (isFresh(topup, at)) return fail({ kind: 'not-in-review' });
    books.evidence.noteAct({ ...act, act: 'pay deny', reason: decision.reason });
    books.topups.close(topup, `a person says so: ${decision.reason}`);
    books.watch.end('conflict', id, at);
    return ok({ ...topup, state: 'closed' });
  }
  const receipt = decision.receipt.trim().toUpperCase();
  if (!/^[A-Z0-9]{6,32}$/.test(receipt)) return fail({ kind: 'no-receipt' });
  const used = books.evidence.find(receipt);
  if (used !== undefined) return fail({ kind: 'receipt-used', place: used.place });
  const other = books.topups.byReceipt(receipt);
  if (other !== undefined && other.id !== id && !isOver(other))
    return fail({ kind: 'receipt-used', place: `top-up ${other.id}` });
  books.evidence.noteAct({
    ...act,
    act: `pay confirm --receipt ${receipt}`,
    reason: decision.reason,
  });
  const payment = { receipt, at, amountCents, reference: accountReference, phone };
  if (books.evidence.take(payment, { kind: 'topup', topup }, 'person', at))
    tell({ name: 'topup.confirmed', topup: id, household, amountCents });
  books.watch.end('conflict', id, at);
  return ok({ ...topup, state: 'credited', receipt });
}

/** What another push claims may be its own payment: with both credited one payment would be in two wallets. */
const isOver = ({ state }: Topup): boolean => state === 'closed' || state === 'abandoned';

/** Closing a push ends the questions about it: not while M-Pesa is expected to answer. */
const isFresh = ({ state, sentAt, createdAt }: Topup, now: EpochMs): boolean =>
  ['intent', 'unknown', 'pending'].includes(state) && now - (sentAt ?? createdAt) < dayMs;
