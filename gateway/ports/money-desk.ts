/** The counter for questions and decisions about money. Everything here is fit for an operator; phones are masked. */
import type { Result } from '../core/result.ts';
import type { Problem } from './desk.ts';

/** Moments are ISO 8601, amounts are cents. */
export type TopupLine = {
  readonly id: string;
  readonly household: string;
  readonly at: string;
  readonly amountCents: number;
  readonly state: string;
  /** What that means, for a person. */
  readonly words: string;
  readonly reference: string;
  readonly receipt: string | null;
};

export type PaymentLine = {
  readonly receipt: string;
  readonly at: string;
  readonly amountCents: number;
  readonly reference: string;
  readonly phone: string | null;
  readonly household: string | null;
  readonly words: string;
};

export type OutLine = {
  readonly id: string;
  readonly kind: 'batch' | 'withdrawal' | 'reversal';
  readonly household: string | null;
  readonly at: string;
  readonly amountCents: number;
  readonly state: string;
  readonly detail: string;
};

export type AlarmLine = {
  readonly kind: string;
  /** What to name when it was looked into. */
  readonly subject: string;
  readonly at: string;
  readonly words: string;
};

/** Everything that is known of a household's payments, or of one payment. `next`: what to type now, and why. */
export type FindView = {
  readonly household: {
    readonly id: string;
    readonly name: string;
    readonly phone: string;
    readonly code: string;
    readonly walletCents: number;
    readonly earningsCents: number;
  } | null;
  readonly topups: readonly TopupLine[];
  readonly payments: readonly PaymentLine[];
  readonly payouts: readonly OutLine[];
  readonly next: readonly string[];
};

export type ReviewsView = {
  readonly alarms: readonly AlarmLine[];
  readonly topups: readonly TopupLine[];
  readonly suspense: readonly PaymentLine[];
  /** Payments by hand that somebody told of and that M-Pesa's list does not have. */
  readonly hints: readonly PaymentLine[];
  readonly out: readonly OutLine[];
  readonly pauses: readonly string[];
  readonly next: readonly string[];
};

export type BalanceLine = {
  readonly account: 'utility' | 'charges';
  readonly booksCents: number;
  readonly floatCents: number;
  readonly mpesaCents: number;
  /** Beyond what is on its way; 0 when all agrees. */
  readonly offCents: number;
};

export type ReconcileView = {
  readonly at: string;
  readonly list: {
    readonly complete: boolean;
    readonly why: string;
    readonly payments: number;
  };
  /** Payments that the books did not have, and what was done with each. */
  readonly findings: readonly PaymentLine[];
  /** Open ones that changed: `words` tells from what to what. */
  readonly topups: readonly TopupLine[];
  readonly out: readonly OutLine[];
  /** Empty when M-Pesa did not answer in time. */
  readonly balances: readonly BalanceLine[];
  readonly alarms: readonly AlarmLine[];
  readonly next: readonly string[];
};

export type StatementView = {
  readonly household: string;
  readonly walletCents: number;
  readonly earningsCents: number;
  readonly lines: readonly {
    readonly at: string;
    readonly account: 'wallet' | 'earnings';
    readonly what: string;
    readonly amountCents: number;
    readonly balanceCents: number;
  }[];
};

/** M-Pesa's fee for payouts up to an amount. */
export type TariffBand = { readonly upToCents: number; readonly feeCents: number };

/** What was done, in a sentence. */
export type Done = { readonly did: string };
type Because = { readonly reason: string };

export interface MoneyDesk {
  /** Compares with M-Pesa's list, asks about everything open, asks the balance. Takes seconds. */
  reconcile(): Promise<ReconcileView>;
  /** By phone, receipt, payment code, or any id. */
  find(what: string): Result<FindView, Problem>;
  reviews(): ReviewsView;
  confirmTopup(id: string, order: Because & { readonly receipt: string }): Result<Done, Problem>;
  denyTopup(id: string, order: Because): Result<Done, Problem>;
  assign(
    receipt: string,
    order: Because & { readonly household: string; readonly amountCents: number | undefined },
  ): Result<Done, Problem>;
  reverse(receipt: string, order: Because): Result<Done, Problem>;
  pause(order: Because): Result<Done, Problem>;
  /** Everybody's payouts, or one household's. */
  resume(order: Because & { readonly household: string | undefined }): Result<Done, Problem>;
  /** Only for a payout: `transaction`, which it needs, and `amountCents` where M-Pesa paid another amount. */
  went(
    id: string,
    order: Because & {
      readonly transaction: string | undefined;
      readonly amountCents: number | undefined;
    },
  ): Result<Done, Problem>;
  failed(id: string, order: Because): Result<Done, Problem>;
  /** A person has looked into a difference; `subject` as the alarm names it. */
  checked(subject: string, order: Because): Result<Done, Problem>;
  acceptBalance(order: Because): Result<Done, Problem>;
  /** From when on and from how much sellers are paid, and M-Pesa's fees; what is undefined stays. */
  changeTerms(
    order: Because & {
      readonly fromMinute: number | undefined;
      readonly leastCents: number | undefined;
      readonly tariff: readonly TariffBand[] | undefined;
    },
  ): Result<Done, Problem>;
  statement(household: string, limit: number): Result<StatementView, Problem>;
  withdraw(household: string, amountCents: number): Result<Done, Problem>;
  topUp(household: string, amountCents: number): Result<Done, Problem>;
}
