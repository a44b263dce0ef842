/** Where a payment that M-Pesa lists belongs: to the push that asked for it, to a household, or to nobody yet. */
import type { HouseholdId, TopupId } from './ids.ts';
import type { Topup } from './topup.ts';
import type { Cents, EpochMs } from './units.ts';

/** A payment as M-Pesa's list has it. */
export type Listed = {
  readonly receipt: string;
  readonly at: EpochMs;
  readonly amountCents: Cents;
  /** What the payer, or our push, wrote as account number. */
  readonly reference: string;
  /** Digits of a full number; undefined when masked or absent. */
  readonly phone: string | undefined;
};

/** A payment in the books. */
export type Payment = Listed & {
  readonly source: 'list' | 'person';
  readonly place: 'topup' | 'wallet' | 'suspense';
  readonly topup: TopupId | undefined;
  readonly household: HouseholdId | undefined;
};

/** What a confirmation claims (Daraja, C2B); nothing is certain of it. */
export type PaymentHint = Omit<Listed, 'amountCents'> & { readonly amountCents: Cents | undefined };

export type PaymentPlace =
  | { readonly kind: 'topup'; readonly topup: Topup }
  | { readonly kind: 'wallet'; readonly household: HouseholdId }
  | { readonly kind: 'suspense'; readonly why: string };

export type Verdict =
  | PaymentPlace
  /** In the books already, with the same amount. */
  | { readonly kind: 'known' }
  | { readonly kind: 'other-amount'; readonly knownCents: Cents }
  /** A person gave this top-up another receipt, which M-Pesa never listed. */
  | { readonly kind: 'corrects'; readonly topup: Topup }
  /** A person gave this receipt to somebody else than the push that it pays. */
  | { readonly kind: 'misplaced'; readonly topup: Topup; readonly was: Payment };

/** What the books know of a listed payment. */
export type Known = {
  readonly payment: Payment | undefined;
  /** The push that carries this reference; each has its own. */
  readonly asked: Topup | undefined;
  /** The payment that this push has already. */
  readonly askedHas: Payment | undefined;
  /** The push whose callback claimed this receipt; a claim is not certain. */
  readonly claiming: Topup | undefined;
  /** Whose code the reference begins with. */
  readonly coded: HouseholdId | undefined;
};

/** Each receipt has one place, whatever came first: callback, answer, list or confirmation. */
export function placeOf(listed: Listed, known: Known): Verdict {
  const { payment, asked, askedHas, coded } = known;
  if (payment?.source === 'person' && asked !== undefined && payment.topup !== asked.id)
    return { kind: 'misplaced', topup: asked, was: payment };
  if (payment !== undefined)
    return payment.amountCents === listed.amountCents
      ? { kind: 'known' }
      : { kind: 'other-amount', knownCents: payment.amountCents };
  if (asked !== undefined) return placeOfAsked(listed, asked, askedHas);
  if (coded !== undefined) return { kind: 'wallet', household: coded };
  if (known.claiming !== undefined && fits(listed, known.claiming))
    return { kind: 'topup', topup: known.claiming };
  return { kind: 'suspense', why: 'its account number names no household' };
}

function placeOfAsked(listed: Listed, asked: Topup, has: Payment | undefined): Verdict {
  // Somebody paid once more by hand, with the account number that the prompt had shown.
  if (has?.source === 'list') return { kind: 'wallet', household: asked.household };
  if (listed.amountCents !== asked.amountCents)
    return { kind: 'suspense', why: 'a push of another amount has its account number' };
  return { kind: has === undefined ? 'topup' : 'corrects', topup: asked };
}

/** Without our reference a claimed receipt counts only where it takes nothing from anybody else. */
const fits = ({ amountCents, phone, reference }: Listed, topup: Topup): boolean =>
  amountCents === topup.amountCents &&
  (phone === undefined ? topup.state === 'credited' || reference === '' : phone === topup.phone);

/** What may explain that M-Pesa's balance is not ours: money that left or came while we asked. */
export type BalanceView = {
  readonly oursThen: number;
  readonly oursNow: number;
  /** Payouts on their way, the most of then and now. */
  readonly outCents: number;
  /** Payments that M-Pesa may have and we have not credited. */
  readonly inCents: number;
};

/** Cents that nothing explains: above 0 when M-Pesa has more than the books know. Exact when nothing is on its way. */
export function unexplained(theirs: number, view: BalanceView): number {
  const least = Math.min(view.oursThen, view.oursNow) - view.outCents;
  const most = Math.max(view.oursThen, view.oursNow) + view.inCents;
  return theirs < least ? theirs - least : Math.max(0, theirs - most);
}
