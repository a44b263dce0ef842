/** A person says whose a payment is that the hub could not place, or that only a confirmation tells of. */
import type { Listed } from '../core/evidence.ts';
import type { Household } from '../core/household.ts';
import type { HouseholdId, TopupId } from '../core/ids.ts';
import { fail, ok, type Result } from '../core/result.ts';
import type { Topup } from '../core/topup.ts';
import { type Cents, cents } from '../core/units.ts';
import type { Tell } from '../events/hub-event.ts';
import type { Books } from '../ports/books/books.ts';
import type { NeighbourhoodClock } from '../ports/clock.ts';

type Needs = {
  books: Pick<Books, 'evidence' | 'households' | 'topups' | 'watch'>;
  clock: NeighbourhoodClock;
  tell: Tell;
};

export type Assignment = {
  readonly receipt: string;
  readonly household: HouseholdId;
  /** Cents; only for a payment that neither list nor confirmation tells of, seen on M-Pesa's portal. */
  readonly amountCents: number | undefined;
  readonly reason: string;
};

export type AssignProblem =
  | { readonly kind: 'unknown-household' }
  | { readonly kind: 'no-receipt' }
  | { readonly kind: 'unknown-payment' }
  /** A push that is not decided yet claims it: credited there as well, one payment would be in two wallets. */
  | { readonly kind: 'claimed'; readonly topup: TopupId }
  /** Its money is somebody's, or on its way back to the phone that paid it. */
  | { readonly kind: 'placed'; readonly household: string | undefined };

/** The amount that went into the household's wallet. */
export function assignPayment(
  { books, clock, tell }: Needs,
  { receipt: typed, household: id, amountCents, reason }: Assignment,
): Result<Cents, AssignProblem> {
  const household = books.households.find(id);
  if (household === undefined) return fail({ kind: 'unknown-household' });
  const receipt = typed.trim().toUpperCase();
  if (!/^[A-Z0-9]{6,32}$/.test(receipt)) return fail({ kind: 'no-receipt' });
  const at = clock.now();
  const payment = books.evidence.find(receipt);
  const claiming = books.topups.byReceipt(receipt);
  if (payment !== undefined && payment.place !== 'suspense')
    return fail({ kind: 'placed', household: payment.household });
  if (payment === undefined && claiming?.state === 'credited')
    return fail({ kind: 'placed', household: claiming.household });
  if (payment === undefined && claiming !== undefined && !isOver(claiming))
    return fail({ kind: 'claimed', topup: claiming.id });
  const listed = payment ?? told({ books, clock }, receipt, household, amountCents);
  if (listed === undefined) return fail({ kind: 'unknown-payment' });
  books.evidence.noteAct({ act: 'pay assign', subject: receipt, household: id, reason, at });
  const credited =
    payment === undefined
      ? books.evidence.take(listed, { kind: 'wallet', household: id }, 'person', at)
      : books.evidence.assign(receipt, id, at);
  if (!credited) return fail({ kind: 'placed', household: undefined });
  books.watch.end('suspense', receipt, at);
  tell({ name: 'paybill.credited', household: id, amountCents: listed.amountCents, receipt });
  return ok(listed.amountCents);
}

const isOver = ({ state }: Topup): boolean => state === 'closed' || state === 'abandoned';

/** What a confirmation claimed, or what the person saw: with them it is certain enough. */
function told(
  { books, clock }: Pick<Needs, 'books' | 'clock'>,
  receipt: string,
  { code, phone }: Household,
  amountCents: number | undefined,
): Listed | undefined {
  const hint = books.evidence.hint(receipt);
  const amount = amountCents ?? hint?.amountCents;
  if (amount === undefined || amount <= 0) return undefined;
  const seen = hint ?? { at: clock.now(), reference: code, phone };
  return { ...seen, receipt, amountCents: cents(amount) };
}
