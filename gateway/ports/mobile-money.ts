/**
 * What the hub needs from M-Pesa, in the hub's words. The Daraja client keeps these promises.
 * Every answer is a union, so that no caller forgets the unclear case.
 * Shapes and codes: Safaricom Daraja 3.0 portal, sections Lipa na M-Pesa Online, B2C, Transaction
 * Status, Reversal, Account Balance, Pull Transactions, C2B.
 */
import type { Msisdn } from '../core/phone.ts';
import type { Cents, EpochMs } from '../core/units.ts';

export type Push = {
  readonly phone: Msisdn;
  /** Whole shillings, 1 to 250,000. */
  readonly amountCents: Cents;
  /** At most 12 letters and digits; shown on the phone. */
  readonly accountReference: string;
  /** 1 to 13 characters. */
  readonly description: string;
  /** The 32 lower-case hex characters of this push's own callback path. */
  readonly callbackToken: string;
};

export type PushAnswer =
  | {
      readonly kind: 'accepted';
      readonly checkoutRequestId: string;
      readonly merchantRequestId: string;
    }
  /** M-Pesa said no; no phone rings. `again` tells whether the same push may be sent later. */
  | { readonly kind: 'refused'; readonly code: string; readonly again: boolean }
  /** Bytes went out and no clear answer came: the phone may be ringing. Never send it again. */
  | { readonly kind: 'unclear'; readonly why: string }
  /** Nothing left this machine. */
  | { readonly kind: 'not-sent'; readonly why: string }
  /** Credentials or product are wrong: stop pushing and call a person. */
  | { readonly kind: 'misconfigured'; readonly why: string };

/** The truth about a push. The query tells neither amount nor receipt: we bound the amount to the id. */
export type PushOutcome =
  | { readonly kind: 'paid' }
  /** `isOurs`: the next push will fail too until a person mends something. */
  | {
      readonly kind: 'failed';
      readonly code: string;
      readonly words: string;
      readonly isOurs: boolean;
    }
  | { readonly kind: 'in-flight' }
  | { readonly kind: 'unknown-code'; readonly code: string }
  /** No state can be concluded: ask again later. */
  | { readonly kind: 'no-answer'; readonly why: string }
  | { readonly kind: 'misconfigured'; readonly why: string };

export type Disbursement = {
  readonly phone: Msisdn;
  /** Whole shillings, 10 to 250,000. */
  readonly amountCents: Cents;
  /** Ours, 18 letters and digits, fixed for the payout's life: M-Pesa refuses a second one. */
  readonly conversationId: string;
  readonly resultToken: string;
  readonly timeoutToken: string;
};

export type DisbursementAnswer =
  | { readonly kind: 'accepted'; readonly mpesaConversationId: string }
  /** This conversation id is known to M-Pesa: accepted earlier. */
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'refused'; readonly code: string; readonly again: boolean }
  | { readonly kind: 'unclear'; readonly why: string }
  | { readonly kind: 'not-sent'; readonly why: string }
  | { readonly kind: 'misconfigured'; readonly why: string };

export type StatusQuestion = {
  readonly conversationId: string;
  readonly resultToken: string;
  readonly timeoutToken: string;
};
/** The answer itself arrives at the result token's path. */
export type StatusAnswer =
  | { readonly kind: 'asked' }
  | { readonly kind: 'not-asked'; readonly why: string };

/** Two fresh callback paths for one question. */
export type ResultPaths = { readonly resultToken: string; readonly timeoutToken: string };

/** Only money that customers paid in can be reversed, never a payout. M-Pesa takes no id of ours for it. */
export type ReversalRequest = ResultPaths & {
  readonly receipt: string;
  /** Whole shillings. */
  readonly amountCents: Cents;
};
export type ReversalAnswer =
  | { readonly kind: 'accepted'; readonly mpesaConversationId: string }
  | { readonly kind: 'refused'; readonly code: string; readonly again: boolean }
  | { readonly kind: 'unclear'; readonly why: string }
  | { readonly kind: 'not-sent'; readonly why: string }
  | { readonly kind: 'misconfigured'; readonly why: string };

/** A payment that reached the hub's shortcode, as M-Pesa's own list has it (Daraja, Pull Transactions). */
export type ListedPayment = {
  readonly receipt: string;
  readonly at: EpochMs;
  readonly amountCents: Cents;
  /** What the payer, or our push, wrote as account number; trimmed, at most 64 characters. */
  readonly reference: string;
  /** Digits of a full number; undefined when masked, hashed or absent. */
  readonly phone: string | undefined;
};
/** One page of the list. It comes over our own TLS connection, so it is as certain as the query of a push. */
export type PaymentList =
  | {
      readonly kind: 'listed';
      readonly payments: readonly ListedPayment[];
      /** Where the next page begins; undefined after the last. */
      readonly next: number | undefined;
    }
  | { readonly kind: 'no-answer'; readonly why: string }
  | { readonly kind: 'misconfigured'; readonly why: string };
/** M-Pesa keeps the list for 48 hours. `offset` is 0 for the first page. */
export type ListQuestion = {
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly offset: number;
};
export type Registered =
  | { readonly kind: 'registered' }
  | { readonly kind: 'not-registered'; readonly why: string };

/**
 * What a code says about a payout. `known`: accepted earlier. `ask`: ask for its status first. `next-day`: a
 * limit of the receiver. `pause`: no payout works until the float is filled. `stop`: no payout works, and
 * another try may lock the initiator. `park`: only this household's payouts wait. `unknown`: never final.
 */
export type PayoutVerdict =
  | 'done'
  | 'failed'
  | 'known'
  | 'ask'
  | 'next-day'
  | 'pause'
  | 'stop'
  | 'park'
  | 'unknown';

/** What a callback body claims. A claim is a hint: it makes the hub ask, it never moves money by itself. */
export type Claim =
  | {
      readonly kind: 'push';
      readonly checkoutRequestId: string;
      readonly merchantRequestId: string;
      /** The result code as text; undefined when it is neither a number nor a string. */
      readonly code: string | undefined;
      /** Cents; undefined when absent or not exactly a whole number of cents. */
      readonly amountCents: number | undefined;
      readonly receipt: string | undefined;
      /** Digits when the callback shows a full number; undefined when masked, hashed or absent. */
      readonly phone: string | undefined;
    }
  | {
      readonly kind: 'disbursement';
      /** False for ResultType 1: more messages follow. */
      readonly final: boolean;
      readonly code: string | undefined;
      readonly verdict: PayoutVerdict;
      /** What the code means, for a person; ours, never M-Pesa's text. */
      readonly words: string;
      readonly conversationId: string | undefined;
      readonly mpesaConversationId: string | undefined;
      readonly transactionId: string | undefined;
      readonly amountCents: number | undefined;
      readonly chargeCents: number | undefined;
    }
  | {
      readonly kind: 'status';
      /** Whether the question worked at all. */
      readonly answered: boolean;
      readonly code: string | undefined;
      /** Completed, Cancelled, Declined, Expired, Initiated, Authorized; lower case. */
      readonly status: string | undefined;
      readonly receipt: string | undefined;
      readonly amountCents: number | undefined;
      readonly chargeCents: number | undefined;
    }
  | {
      readonly kind: 'reversal';
      readonly final: boolean;
      readonly code: string | undefined;
      /** True for code 0, and for R000001: it was reversed before. */
      readonly reversed: boolean;
      readonly transactionId: string | undefined;
      readonly amountCents: number | undefined;
    }
  | {
      readonly kind: 'balance';
      readonly answered: boolean;
      readonly code: string | undefined;
      /** May be below 0 for charges. Undefined when the answer does not name the account. */
      readonly utilityCents: number | undefined;
      readonly chargesPaidCents: number | undefined;
      readonly workingCents: number | undefined;
    }
  /** Money sent to the paybill by hand (Daraja, C2B). */
  | {
      readonly kind: 'confirmation';
      readonly receipt: string;
      readonly amountCents: number | undefined;
      readonly reference: string;
      readonly phone: string | undefined;
    }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'unreadable'; readonly why: string };

/** What a callback path was given out for. */
export type CallbackKind =
  | 'push'
  | 'payout-result'
  | 'payout-timeout'
  | 'status-result'
  | 'status-timeout'
  | 'receipt-result'
  | 'receipt-timeout'
  | 'reversal-result'
  | 'reversal-timeout'
  | 'balance-result'
  | 'balance-timeout'
  | 'confirmation'
  | 'validation';

export interface MobileMoney {
  /**
   * Signs in where that is due, so that a push leaves as soon as it is noted: what is noted and not sent may never be
   * sent again. Never throws; a call tells by itself what is wrong.
   */
  getReady(): Promise<void>;
  ring(push: Push): Promise<PushAnswer>;
  askAboutPush(checkoutRequestId: string): Promise<PushOutcome>;
  payOut(disbursement: Disbursement): Promise<DisbursementAnswer>;
  askAboutPayout(question: StatusQuestion): Promise<StatusAnswer>;
  /** What became of the payment with this receipt; the answer comes as a `status` claim on a receipt path. */
  askAboutReceipt(question: ResultPaths & { readonly receipt: string }): Promise<StatusAnswer>;
  reverse(reversal: ReversalRequest): Promise<ReversalAnswer>;
  askBalance(paths: ResultPaths): Promise<StatusAnswer>;
  listPayments(question: ListQuestion): Promise<PaymentList>;
  /** Once per shortcode, before the first list. */
  registerForLists(): Promise<Registered>;
  /** Where M-Pesa tells of money that was sent to the paybill by hand; once per shortcode in production. */
  registerConfirmations(tokens: {
    readonly confirmation: string;
    readonly validation: string;
  }): Promise<Registered>;
  /** Reads a raw callback body (at most 16 KiB). Never throws, whatever the bytes. */
  readCallback(kind: CallbackKind, body: Uint8Array): Claim;
  health(): MoneyHealth;
}

export type MoneyHealth = {
  readonly environment: 'simulator' | 'sandbox' | 'production';
  readonly state: 'ok' | 'unknown' | 'unreachable' | 'misconfigured';
  /** A sentence for a person, without secrets; empty when all is well. */
  readonly detail: string;
};
