/** What the hub's keeper may set; each setting is a dated row, and these are the defaults. */
import type { HouseholdId } from './ids.ts';
import {
  type Cents,
  type CentsPerKwh,
  cents,
  centsPerKwh,
  type WattHours,
  wattHours,
} from './units.ts';

export type HubSettings = {
  readonly lotWh: WattHours;
  readonly surplusThresholdWh: WattHours;
  /** Today's posted community rate, and the collar that holds it. */
  readonly rate: CentsPerKwh;
  readonly floor: CentsPerKwh;
  readonly cap: CentsPerKwh;
  readonly graceMs: number;
  readonly tradeExpiryMs: number;
  readonly payoutLeastCents: Cents;
  readonly payoutDaily: boolean;
  /** Minutes after the neighbourhood's midnight from which the day's payouts begin. */
  readonly payoutFromMinute: number;
  /** All payouts of a day together, while M-Pesa's results are only hints. */
  readonly payoutDayMostCents: Cents;
  readonly keepCostPercent: number;
  /** Tokens that may be minted from one midnight to the next; beyond it a person must look. */
  readonly mintDailyMaxWh: WattHours;
  readonly windowDays: number;
  readonly marketOpen: boolean;
  /** Which way of keeping and selling decides, by its place in core/policy; 0 is the best known. */
  readonly advicePolicy: number;
};

export const defaultSettings: HubSettings = {
  lotWh: wattHours(1000),
  surplusThresholdWh: wattHours(1000),
  rate: centsPerKwh(1500),
  floor: centsPerKwh(1200),
  cap: centsPerKwh(1990),
  graceMs: 120_000,
  tradeExpiryMs: 600_000,
  payoutLeastCents: cents(5000),
  payoutDaily: true,
  payoutFromMinute: 18 * 60,
  payoutDayMostCents: cents(5_000_000),
  keepCostPercent: 20,
  mintDailyMaxWh: wattHours(1_000_000),
  windowDays: 30,
  marketOpen: true,
  advicePolicy: 0,
};

/** The household that receives what keeping costs, and gifts without a name: a school, a clinic. */
export const communityHousehold = 'community' as HouseholdId;
