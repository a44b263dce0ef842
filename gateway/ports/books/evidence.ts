/** What is certain of payments that reached the hub, where their money went, and what people decided. */
import type { Listed, Payment, PaymentHint, PaymentPlace } from '../../core/evidence.ts';
import type { HouseholdId, TopupId } from '../../core/ids.ts';
import type { Cents, EpochMs } from '../../core/units.ts';

/** A decision of a person. `reason` is 1 to 200 characters. */
export type Act = {
  readonly act: string;
  readonly subject: string;
  readonly household: HouseholdId | undefined;
  readonly reason: string;
  readonly at: EpochMs;
};

export type Alarm = {
  readonly kind: string;
  readonly subject: string;
  readonly words: string;
  readonly at: EpochMs;
};

export interface EvidenceBooks {
  find(receipt: string): Payment | undefined;
  ofTopup(topup: TopupId): Payment | undefined;
  /** Newest first. */
  ofHousehold(household: HouseholdId, limit: number): Payment[];
  ofPhone(phone: string, limit: number): Payment[];
  inSuspense(limit: number): Payment[];
  /** Keeps the payment and puts its money where it belongs, once per receipt. True when a wallet was credited now. */
  take(payment: Listed, place: PaymentPlace, source: 'list' | 'person', at: EpochMs): boolean;
  /** Out of suspense into a wallet. False when it is not in suspense. */
  assign(receipt: string, household: HouseholdId, at: EpochMs): boolean;

  /** Keeps what a confirmation claims, at most `most` of them. */
  noteHint(hint: PaymentHint, most: number): void;
  hint(receipt: string): PaymentHint | undefined;
  /** Hints that neither list nor person has confirmed, newest first. */
  openHints(limit: number): PaymentHint[];

  /** Something done by a person, on disk before it is done. */
  noteAct(act: Act): void;
  /** Newest first. */
  acts(limit: number): Act[];
}

export type Comparison = {
  readonly at: EpochMs;
  readonly from: EpochMs;
  readonly complete: boolean;
  readonly payments: number;
  readonly credited: number;
  readonly why: string;
};

/** Account balances as M-Pesa counts them: what customers paid in is above 0, charges are below. */
export type Balances = { readonly utilityCents: number; readonly chargesCents: number };

export type BalanceLook = {
  readonly id: string;
  readonly askedAt: EpochMs;
  /** What the books said when the question left. */
  readonly ours: Balances;
  readonly inFlightCents: Cents;
  readonly answeredAt: EpochMs | undefined;
  readonly theirs: Balances | undefined;
  /** What nothing on its way explains. */
  readonly off: Balances | undefined;
};

export type Moment =
  | 'away-since'
  | 'compare-wanted'
  | 'lists-registered'
  | 'confirmations-tried'
  | 'confirmations-registered'
  /** The books came back from a backup, and payouts have not gone on since. */
  | 'restored';

export interface WatchBooks {
  lastComparison(): Comparison | undefined;
  lastComplete(): Comparison | undefined;
  /** Ends the deed that compares. */
  compared(comparison: Comparison): void;
  /** Credited top-ups that M-Pesa's list should have had between two moments and did not; each is named once. */
  missingInList(from: EpochMs, to: EpochMs, limit: number): TopupId[];

  lastLook(): BalanceLook | undefined;
  look(id: string): BalanceLook | undefined;
  /** The newest answered look but this one. */
  lastAnswered(but: string): BalanceLook | undefined;
  /** The books' own figures now, as M-Pesa would count them, and what is on its way. */
  ours(): Balances & { readonly outCents: Cents; readonly inCents: Cents };
  /** Written before the question leaves; ends the deed that asks. */
  askBalance(look: BalanceLook, resultHash: string, timeoutHash: string, expires: EpochMs): void;
  answered(id: string, theirs: Balances, off: Balances, at: EpochMs): void;
  /** What the keeper put in; undefined before the first answer. */
  float(): Balances | undefined;
  noteFloat(float: Balances, reason: string, at: EpochMs): void;

  /** Once while it lasts. True when it is new. */
  raise(alarm: Alarm): boolean;
  end(kind: string, subject: string, at: EpochMs): void;
  alarms(limit: number): Alarm[];

  moment(name: Moment): EpochMs | undefined;
  noteMoment(name: Moment, at: EpochMs): void;
  forgetMoment(name: Moment): void;
  /** The paths at which M-Pesa tells of payments by hand. */
  openConfirmations(confirmationHash: string, validationHash: string, expires: EpochMs): void;
}

/** A line of a household's statement. */
export type StatementLine = {
  readonly at: EpochMs;
  readonly account: 'wallet' | 'earnings';
  /** The posting's key: what it was for. */
  readonly what: string;
  /** Cents; below 0 for what left. */
  readonly amount: number;
  /** Of that account, after this line. */
  readonly balance: number;
};

export interface StatementBooks {
  /** The newest lines, oldest of them first. */
  of(household: HouseholdId, limit: number): StatementLine[];
}
