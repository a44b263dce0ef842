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
  readonly keepCostPercent: number;
  readonly windowDays: number;
  readonly marketOpen: boolean;
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
  keepCostPercent: 20,
  windowDays: 30,
  marketOpen: true,
};

/** The household that receives what keeping costs, and gifts without a name: a school, a clinic. */
export const communityHousehold = 'community' as HouseholdId;
