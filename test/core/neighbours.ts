/** Neighbours for the tests of the core: the corner house has sun to spare, the kiosk buys it. */
import type { StandingRule } from '../../gateway/core/household.ts';
import type { HouseholdId, TradeId } from '../../gateway/core/ids.ts';
import type { Trade } from '../../gateway/core/trade.ts';
import {
  cents,
  centsPerKwh,
  type EpochMs,
  epochMs,
  slotNumber,
  wattHours,
} from '../../gateway/core/units.ts';

export const corner = 'corner-house' as HouseholdId;
export const kiosk = 'kiosk' as HouseholdId;
export const school = 'school' as HouseholdId;

/** The moment when the clocks of the neighbourhood show this, such as `2026-11-23T21:00`. */
export const clocksShow = (dateAndTime: string): EpochMs =>
  epochMs(Date.parse(`${dateAndTime}+03:00`));

/** The corner house sells 2 kWh to the kiosk for KES 30. */
export const aTrade = (change: Partial<Trade> = {}): Trade => ({
  id: 'trade-1' as TradeId,
  origin: 'round',
  slot: slotNumber(1_996_000),
  seller: corner,
  buyer: kiosk,
  energyWh: wattHours(2000),
  rate: centsPerKwh(1500),
  amountCents: cents(3000),
  funding: 'wallet',
  state: 'matched',
  createdAt: clocksShow('2026-11-23T10:00'),
  expiresAt: clocksShow('2026-11-23T10:10'),
  topup: undefined,
  signature: undefined,
  payout: undefined,
  ...change,
});

/** Sells and buys by itself, at any rate of the collar, and sleeps from 21:00 to 06:30. */
export const aRule = (change: Partial<StandingRule> = {}): StandingRule => ({
  autoSell: true,
  autoBuy: true,
  sellFloor: centsPerKwh(1200),
  buyCeiling: centsPerKwh(1990),
  sellDailyWh: wattHours(20_000),
  buyDailyCents: cents(50_000),
  blockCents: cents(5000),
  promptsDaily: 4,
  quietFromMs: 21 * 3_600_000,
  quietUntilMs: 6.5 * 3_600_000,
  ownTariff: centsPerKwh(2700),
  ...change,
});
