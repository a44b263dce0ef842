/** The life of a trade. */
import type { HouseholdId, PayoutId, TopupId, TradeId } from './ids.ts';
import { fail, ok, type Result } from './result.ts';
import {
  type Cents,
  type CentsPerKwh,
  cents,
  type EpochMs,
  type SlotNumber,
  type WattHours,
  whPerKwh,
} from './units.ts';

export type Trade = {
  readonly id: TradeId;
  /** Matched in a round, or ordered by hand. */
  readonly origin: 'round' | 'order';
  readonly slot: SlotNumber;
  readonly seller: HouseholdId;
  readonly buyer: HouseholdId;
  readonly energyWh: WattHours;
  readonly rate: CentsPerKwh;
  readonly amountCents: Cents;
  /** 'phone': the buyer's rule does not let the wallet pay for it, so the phone is asked for all of it. */
  readonly funding: 'wallet' | 'phone';
  readonly state: TradeState;
  readonly createdAt: EpochMs;
  readonly expiresAt: EpochMs;
  readonly topup: TopupId | undefined;
  readonly signature: string | undefined;
  readonly payout: PayoutId | undefined;
};

export type TradeState =
  | 'matched'
  | 'awaiting-funds'
  | 'paid'
  | 'transferring'
  | 'settled'
  | 'closed'
  | 'expired'
  | 'undone'
  | 'review';

export type TradeMove =
  | 'wallet.short'
  | 'trade.paid'
  | 'trade.expired'
  | 'tokens.sent'
  | 'tokens.settled'
  | 'tokens.impossible'
  | 'tokens.unclear'
  | 'earnings.paid-out';

/** Every move a trade may make. What is not written here cannot happen. */
const moves: Record<TradeState, Partial<Record<TradeMove, TradeState>>> = {
  matched: { 'wallet.short': 'awaiting-funds', 'trade.paid': 'paid', 'trade.expired': 'expired' },
  'awaiting-funds': { 'trade.paid': 'paid', 'trade.expired': 'expired' },
  paid: {
    'tokens.sent': 'transferring',
    'tokens.impossible': 'undone',
    'tokens.unclear': 'review',
  },
  transferring: {
    'tokens.settled': 'settled',
    'tokens.impossible': 'undone',
    'tokens.unclear': 'review',
  },
  settled: { 'earnings.paid-out': 'closed' },
  review: { 'tokens.settled': 'settled', 'tokens.impossible': 'undone' },
  closed: {},
  expired: {},
  undone: {},
};

/** Where a move leads, or that it is not one of this state's moves. */
export function advance(state: TradeState, move: TradeMove): Result<TradeState, 'illegal-move'> {
  const next = moves[state][move];
  return next === undefined ? fail('illegal-move') : ok(next);
}

/** All states that one move may start from; the books' compare-and-set uses it. */
export const statesBefore = (move: TradeMove): TradeState[] =>
  (Object.keys(moves) as TradeState[]).filter((state) => moves[state][move] !== undefined);

/** States in which the seller's energy is reserved and the buyer has not paid yet. */
export const unpaidStates: readonly TradeState[] = ['matched', 'awaiting-funds'];
/** States of a trade that is on its way: its energy is still coming to the buyer. */
export const openStates: readonly TradeState[] = [
  ...unpaidStates,
  'paid',
  'transferring',
  'review',
];

/** The price of an amount of energy, in whole cents; the buyer never pays the odd thousandths. */
export const priceOf = (energyWh: WattHours, rate: CentsPerKwh): Cents =>
  cents(Math.floor((energyWh * rate) / whPerKwh));
