/** When a seller is paid, and which trades that closes. */
import type { HouseholdId, PayoutId, TradeId } from './ids.ts';
import type { Msisdn } from './phone.ts';
import { dayOf } from './slot.ts';
import { type Cents, cents, centsPerShilling, type EpochMs } from './units.ts';

export type PayoutState = 'intent' | 'unknown' | 'pending' | 'done' | 'failed' | 'review';

export type Payout = {
  readonly id: PayoutId;
  readonly household: HouseholdId;
  readonly sequence: number;
  readonly phone: Msisdn;
  readonly amountCents: Cents;
  readonly conversationId: string;
  readonly state: PayoutState;
  readonly createdAt: EpochMs;
  readonly sentAt: EpochMs | undefined;
  readonly asks: number;
};

/** M-Pesa pays out 10 to 250,000 whole shillings (Daraja, B2C). */
export const payoutLeastCents = cents(1000);
const payoutMostCents = 25_000_000;

/** After M-Pesa refused a payout its money waits this long before it is tried anew. */
export const refusedRestMs = 3_600_000;

export type PayoutRule = {
  /** Earnings below this wait. */
  readonly leastCents: Cents;
  /** False: as soon as there is enough; true: at most once a day. */
  readonly daily: boolean;
};

/** What to pay out now: whole shillings, or undefined when it must wait. */
export function payoutDue(
  earnings: Cents,
  rule: PayoutRule,
  lastAt: EpochMs | undefined,
  now: EpochMs,
): Cents | undefined {
  if (rule.daily && lastAt !== undefined && dayOf(lastAt) === dayOf(now)) return undefined;
  const whole = Math.floor(Math.min(earnings, payoutMostCents) / centsPerShilling);
  const amount = whole * centsPerShilling;
  return amount < Math.max(rule.leastCents, payoutLeastCents) ? undefined : cents(amount);
}

export type Earned = {
  readonly trade: TradeId;
  readonly amountCents: Cents;
  readonly closed: boolean;
};

/**
 * Trades that payouts have covered, first in first out, but for less than one shilling. `earned` are all
 * trades of a seller in the order in which they were settled; `paidOut` is the sum of finished payouts.
 */
export function coveredTrades(earned: readonly Earned[], paidOut: Cents): TradeId[] {
  let sum = 0;
  const covered: TradeId[] = [];
  for (const { trade, amountCents, closed } of earned) {
    sum += amountCents;
    if (sum - paidOut >= centsPerShilling) break;
    if (!closed) covered.push(trade);
  }
  return covered;
}

/** M-Pesa sends a result by itself; after this long without one the hub asks. */
export const payoutSilenceMs = 120_000;
/** Questions about one payout before a person must look. */
export const payoutAsksMost = 24;
