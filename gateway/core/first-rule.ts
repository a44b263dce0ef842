/** What a household agrees to on the day on which it is enrolled. */
import type { Household, StandingRule } from './household.ts';
import { hourMs } from './slot.ts';
import { cents, centsPerKwh, wattHours } from './units.ts';

/** The rule that a household starts with: its role is its consent, limits are modest, nights are quiet. */
export const firstRule = (role: Household['role']): StandingRule => ({
  autoSell: role !== 'buyer',
  autoBuy: role !== 'seller',
  sellFloor: centsPerKwh(1200),
  buyCeiling: centsPerKwh(1990),
  sellDailyWh: wattHours(20_000),
  buyDailyCents: cents(50_000),
  blockCents: cents(5_000),
  promptsDaily: 4,
  quietFromMs: 21 * hourMs,
  quietUntilMs: 6.5 * hourMs,
  ownTariff: centsPerKwh(2700),
});
