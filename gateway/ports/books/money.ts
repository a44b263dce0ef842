/** Top-ups and payouts: what M-Pesa is asked for and what it answered. Each call is one transaction. */
import type { HouseholdId, PayoutId, TopupId, TradeId } from '../../core/ids.ts';
import type { Payout } from '../../core/payout.ts';
import type { Msisdn } from '../../core/phone.ts';
import type { PhoneHistory, Topup } from '../../core/topup.ts';
import type { Cents, EpochMs } from '../../core/units.ts';

export interface TopupBooks {
  find(id: TopupId): Topup | undefined;
  byCheckoutRequest(id: string): Topup | undefined;
  openOn(phone: Msisdn): Topup | undefined;
  historyOf(household: HouseholdId, phone: Msisdn, now: EpochMs): PhoneHistory;
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
  /** The wallet is credited, once; true when this call did it. */
  credit(topup: Topup, at: EpochMs): boolean;
  /** Remembers a receipt from a callback. False when another top-up has it already. */
  noteReceipt(topup: Topup, receipt: string): boolean;
  refuse(topup: Topup, code: string, why: string, watchUntil: EpochMs | undefined): void;
  /** The push was refused before any phone rang: it is no prompt of the day. */
  neverRang(topup: Topup, code: string, why: string): void;
  abandon(topup: Topup, why: string): void;
  review(topup: Topup, why: string): void;
}

export interface PayoutBooks {
  find(id: PayoutId): Payout | undefined;
  openOf(household: HouseholdId): Payout | undefined;
  lastAt(household: HouseholdId): EpochMs | undefined;
  /** When the household's newest payout was begun, if M-Pesa refused it. */
  refusedAt(household: HouseholdId): EpochMs | undefined;
  /** The newest finished payout. */
  lastDone(household: HouseholdId): PayoutId | undefined;
  nextSequence(household: HouseholdId): number;
  /** Sum of finished payouts from earnings. */
  paidOutTo(household: HouseholdId): Cents;
  /** Households whose earnings account is at least this. */
  earners(least: Cents): HouseholdId[];
  /** M-Pesa's fee for an amount, from the dated table. */
  feeFor(amount: Cents, at: EpochMs): Cents;

  start(payout: Payout, at: EpochMs): void;
  markSent(
    payout: Payout,
    resultHash: string,
    timeoutHash: string,
    expires: EpochMs,
    at: EpochMs,
  ): void;
  pending(payout: Payout, mpesaConversationId: string | undefined, askAt: EpochMs): void;
  notSent(payout: Payout, why: string, again: EpochMs): void;
  unsure(payout: Payout, why: string, askAt: EpochMs): void;
  /** Two new paths for the answer to a status question. */
  noteQuestion(
    payout: Payout,
    resultHash: string,
    timeoutHash: string,
    expires: EpochMs,
    next: EpochMs,
  ): void;
  /** A status question left the hub. */
  asked(payout: Payout): void;
  /** True when this call did it. */
  finish(payout: Payout, transactionId: string | undefined, fee: Cents, at: EpochMs): boolean;
  /** M-Pesa, or a person who looked at a review, says that it did not go: the money is earned again. */
  fail(payout: Payout, why: string, at: EpochMs): void;
  review(payout: Payout, why: string): void;
}
