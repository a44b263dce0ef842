/**
 * What the hub needs from M-Pesa, in the hub's words. The Daraja client keeps these promises.
 * Every answer is a union, so that no caller forgets the unclear case.
 * Shapes and codes: Safaricom Daraja 3.0 portal, sections Lipa na M-Pesa Online, B2C, Transaction Status.
 */
import type { Msisdn } from '../core/phone.ts';
import type { Cents } from '../core/units.ts';

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
  | { readonly kind: 'failed'; readonly code: string }
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
  | { readonly kind: 'timeout' }
  | { readonly kind: 'unreadable'; readonly why: string };

/** What a callback path was given out for. */
export type CallbackKind =
  | 'push'
  | 'payout-result'
  | 'payout-timeout'
  | 'status-result'
  | 'status-timeout';

export interface MobileMoney {
  ring(push: Push): Promise<PushAnswer>;
  askAboutPush(checkoutRequestId: string): Promise<PushOutcome>;
  payOut(disbursement: Disbursement): Promise<DisbursementAnswer>;
  askAboutPayout(question: StatusQuestion): Promise<StatusAnswer>;
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
