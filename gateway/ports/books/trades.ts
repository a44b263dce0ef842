/** Trades and the money and energy that move with them. Each call is one transaction. */

import type { HouseholdId, PayoutId, TopupId, TradeId } from '../../core/ids.ts';
import type { Cover } from '../../core/ledger.ts';
import type { Earned } from '../../core/payout.ts';
import type { TokenIntent } from '../../core/token.ts';
import type { Trade, TradeState } from '../../core/trade.ts';
import type { Cents, EpochMs } from '../../core/units.ts';

export interface TradeBooks {
  find(id: TradeId): Trade | undefined;
  byIdempotencyKey(key: string): Trade | undefined;
  /** The first trade that waits for, or waited for, this top-up. */
  ofTopup(topup: TopupId): Trade | undefined;
  /** Oldest first. */
  inStates(states: readonly TradeState[]): Trade[];
  /** The buyer's trades in these states, oldest first. */
  ofBuyer(buyer: HouseholdId, states: readonly TradeState[]): Trade[];
  /** Wh that the household sold since a moment, expired and undone trades left out. */
  soldSince(seller: HouseholdId, since: EpochMs): number;
  /** Cents that the household bought for since a moment, expired and undone trades left out. */
  boughtSince(buyer: HouseholdId, since: EpochMs): number;
  walletOf(household: HouseholdId): Cents;
  earningsOf(household: HouseholdId): Cents;

  /** A trade ordered by hand: the row and the seller's reserved energy. */
  order(trade: Trade, idempotencyKey: string | undefined): void;
  awaitFunds(trade: Trade, at: EpochMs): void;
  /** The wallet pays, the trade moves on, the token intent and its deed stand. */
  pay(trade: Trade, intent: TokenIntent, at: EpochMs): void;
  expire(trade: Trade, why: string, at: EpochMs): void;
  /** The transfer is final: the seller has earned, the buyer has bought and covers its need at once. */
  settle(trade: Trade, intent: TokenIntent, signature: string, cover: Cover, at: EpochMs): void;
  /** The token leg is proved impossible: money back to the wallet, energy back to the seller. */
  undo(trade: Trade, intent: TokenIntent, why: string, at: EpochMs): void;
  /** A person must look. */
  review(trade: Trade, intent: TokenIntent, why: string, at: EpochMs): void;

  /** Settled and closed trades of a seller in the order in which they were settled. */
  earnedBy(seller: HouseholdId): Earned[];
  /** The payout that covered them is kept with the trades. */
  close(trades: readonly TradeId[], payout: PayoutId | undefined, at: EpochMs): void;
}
