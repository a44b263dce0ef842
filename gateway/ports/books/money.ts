/** Top-ups and payouts: what M-Pesa is asked for and what it answered. Each call is one transaction. */
import type {
  HouseholdId,
  InboxId,
  PayoutId,
  ReversalId,
  TopupId,
  TradeId,
} from '../../core/ids.ts';
import type { Pause } from '../../core/pause.ts';
import type { FeeStep, Payout, PayoutState } from '../../core/payout.ts';
import type { Msisdn } from '../../core/phone.ts';
import type { PhoneHistory, Topup, TopupState } from '../../core/topup.ts';
import type { Cents, EpochMs } from '../../core/units.ts';

export interface TopupBooks {
  find(id: TopupId): Topup | undefined;
  byCheckoutRequest(id: string): Topup | undefined;
  openOn(phone: Msisdn): Topup | undefined;
  /** Each attempt has its own. */
  byReference(accountReference: string): Topup | undefined;
  /** The one whose callback or evidence named this receipt. */
  byReceipt(receipt: string): Topup | undefined;
  /** Newest first. */
  ofHousehold(household: HouseholdId, limit: number): Topup[];
  /** In these states, oldest first. */
  inStates(states: readonly TopupState[], limit: number): Topup[];
  /** Unknown, in review or in conflict, and asked for since a moment; oldest first. */
  undecidedSince(since: EpochMs, limit: number): Topup[];
  historyOf(household: HouseholdId, phone: Msisdn, now: EpochMs): PhoneHistory;
  /** When this phone was last asked for exactly this amount. */
  equalPromptAt(phone: Msisdn, amountCents: number): EpochMs | undefined;
  /** How often this household's phone was ever asked; numbers the account references. */
  attemptsOf(household: HouseholdId): number;
  /** The intention, the trades that wait for it, and the deed that rings. */
  request(topup: Topup, trades: readonly TradeId[], at: EpochMs): void;
  /** Written before the call: from here on the phone may be ringing. The path's hash is kept with it. */
  markSent(topup: Topup, pathHash: string, pathExpires: EpochMs, at: EpochMs): boolean;
  ringing(topup: Topup, checkoutRequestId: string, merchantRequestId: string, askAt: EpochMs): void;
  /** Nothing left this machine: the same push may be tried again at `again`. */
  notSent(topup: Topup, why: string, again: EpochMs): void;
  unsure(topup: Topup, why: string, lookAt: EpochMs): void;
  asked(topup: Topup, next: EpochMs | undefined): void;
  /** A callback said paid: when, and which amount it claimed. The first such claim is kept. */
  noteClaim(topup: Topup, amountCents: number | undefined, at: EpochMs): void;
  /**
   * All that a believable callback leaves behind, in one write: its claim, its receipt, a question now, and that it
   * was read. False when another top-up has the receipt.
   */
  hear(topup: Topup, heard: HeardPush): boolean;
  /** Two evidences contradict each other; M-Pesa's list is asked at once. Nothing that is credited is touched. */
  conflict(topup: Topup, why: string, at: EpochMs): void;
  /** Nothing more is expected of it; a late success still credits. */
  close(topup: Topup, why: string): void;
  promise(): PaidIsCredited;
  /** The wallet is credited, once; true when this call did it. */
  credit(topup: Topup, at: EpochMs): boolean;
  refuse(topup: Topup, code: string, why: string, watchUntil: EpochMs | undefined): void;
  /** The push was refused before any phone rang: it is no prompt of the day. */
  neverRang(topup: Topup, code: string, why: string): void;
  abandon(topup: Topup, why: string): void;
  review(topup: Topup, why: string): void;
}

export type HeardPush = {
  readonly message: InboxId;
  readonly readAs: string;
  readonly toldAt: EpochMs;
  /** What it says was paid; undefined when it says that nothing was, or what is credited already. */
  readonly paidCents: number | undefined;
  readonly receipt: string | undefined;
  /** When M-Pesa is asked; undefined when there is nothing to ask any more. */
  readonly askAt: EpochMs | undefined;
};

/** Two paths for the answer to one call: only their hashes are kept. */
export type QuestionPaths = {
  readonly resultHash: string;
  readonly timeoutHash: string;
  readonly expires: EpochMs;
};

/** A message that ends nothing. */
export type Heard = {
  readonly code: string | undefined;
  readonly words: string;
  /** M-Pesa may or may not have paid: if it does not know the id, the same may be sent again. */
  readonly isAmbiguous: boolean;
  readonly askAt: EpochMs;
  readonly at: EpochMs;
};

/** `used`: this transaction ended something else. `over`: it has ended before. */
export type TransactionUse = 'finished' | 'used' | 'over';

export type OutgoingLine = {
  readonly event: string;
  readonly detail: string;
  readonly at: EpochMs;
};

/** What the hub promises: paid means credited. Milliseconds of the neighbourhood's clock, from confirmation to credit. */
export type PaidIsCredited = {
  /** Payments that M-Pesa confirmed, by callback, answer or list. */
  readonly confirmed: number;
  readonly credited: number;
  readonly medianMs: number | undefined;
  readonly worstMs: number | undefined;
};

export interface PayoutBooks {
  find(id: PayoutId): Payout | undefined;
  /** The one payout of a household that is on its way, of any kind. */
  openOf(household: HouseholdId): Payout | undefined;
  /** Oldest first. */
  inStates(states: readonly PayoutState[]): Payout[];
  /** Newest first. */
  ofHousehold(household: HouseholdId, limit: number): Payout[];
  /** Newest first. */
  ofHousehold(household: HouseholdId, limit: number): Payout[];
  /** What happened to a payout or a reversal, in order. */
  historyOf(id: PayoutId | ReversalId): OutgoingLine[];
  /** When the newest payout from earnings was begun. */
  lastAt(household: HouseholdId): EpochMs | undefined;
  /** When the household's newest payout from earnings was begun, if M-Pesa refused it. */
  refusedAt(household: HouseholdId): EpochMs | undefined;
  /** The newest finished payout from earnings. */
  lastDone(household: HouseholdId): PayoutId | undefined;
  nextSequence(household: HouseholdId): number;
  /** Sum of finished payouts from earnings. */
  paidOutTo(household: HouseholdId): Cents;
  /** Sum of a household's payouts of any kind begun since a moment, failed ones left out. */
  begunSince(household: HouseholdId, since: EpochMs): Cents;
  /** Sum of everybody's payouts that M-Pesa may have got since a moment, failed ones left out. */
  sentSince(since: EpochMs): Cents;
  /** What must lie at M-Pesa to go on: all that was never sent, and what was last found to be too much. */
  neededCents(): Cents;
  /** Other payouts that M-Pesa may have and has not answered; of doubtful ones only those sent before this one. */
  othersUnderWay(id: PayoutId): number;
  /** Whether M-Pesa took the hub's own name since a moment, and since a person last resumed after a fault. */
  isProvedSince(since: EpochMs): boolean;
  /** Households whose earnings account is at least this. */
  earners(least: Cents): HouseholdId[];
  /** M-Pesa's fee for an amount, from the dated table. */
  feeFor(amount: Cents, at: EpochMs): Cents;
  /** M-Pesa's tariff from a moment on. Throws when it leaves out an amount or names one twice. */
  changeFees(steps: readonly FeeStep[], from: EpochMs): void;

  /** The intention, the money set aside, and the deed. */
  start(payout: Payout, at: EpochMs): void;
  /** Written before the call. Throws when the payout is over. */
  markSent(payout: Payout, paths: QuestionPaths, at: EpochMs): void;
  pending(payout: Payout, mpesaConversationId: string | undefined, askAt: EpochMs): void;
  notSent(payout: Payout, why: string, again: EpochMs): void;
  unsure(payout: Payout, why: string, askAt: EpochMs): void;
  /** Nothing is sent before this moment; the state stays. */
  hold(payout: Payout, why: string, until: EpochMs): void;
  /** Two new paths for the answer to a status question. */
  noteQuestion(payout: Payout, paths: QuestionPaths, next: EpochMs): void;
  /** A status question left the hub. */
  asked(payout: Payout): void;
  /** M-Pesa has answered something about it, so it takes the hub's own name. */
  proved(payout: Payout, at: EpochMs): void;
  /** A result that ends nothing; its status is asked at `askAt`. True when a pause began with it. */
  heard(payout: Payout, heard: Heard, pause: Pause | undefined): boolean;
  /** M-Pesa, or a person who looked at a review, says that it went. `paid`: where it was another amount than asked. */
  finish(
    payout: Payout,
    transactionId: string | undefined,
    fee: Cents,
    at: EpochMs,
    paid?: Cents,
  ): TransactionUse;
  /** It is certain that it did not go: the money is back where it came from. True when this call did it. */
  fail(payout: Payout, why: string, at: EpochMs): boolean;
  /** A person must look. True when this call did it. */
  review(payout: Payout, why: string, at: EpochMs): boolean;
}
