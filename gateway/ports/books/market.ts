/** What a round needs to know of everybody, asked once for all. */
import type { Buyer } from '../../core/buying.ts';
import type { EnergyBalance } from '../../core/energy.ts';
import type { Household, StandingRule } from '../../core/household.ts';
import type { HouseholdId } from '../../core/ids.ts';
import type { PhoneHistory } from '../../core/topup.ts';
import type { CentsPerKwh, EpochMs, WattHours } from '../../core/units.ts';
import type { Keeping } from './energy.ts';

export type MarketBuyer = Omit<Buyer, 'askableCents'> & {
  readonly id: HouseholdId;
  readonly rule: StandingRule;
  readonly phone: PhoneHistory;
};

export type MarketSeller = {
  readonly id: HouseholdId;
  readonly role: Household['role'];
  readonly energyWh: WattHours;
  readonly sellFloor: CentsPerKwh;
};

export interface MarketBooks {
  /** Households that buy by themselves and need at least so much, in the registry's order. */
  buyers(leastNeedWh: number, now: EpochMs): MarketBuyer[];
  /** Households that sell by themselves and have at least so much, kept or not, in the registry's order. */
  sellers(leastWh: number, now: EpochMs): MarketSeller[];
  /** Every household, in the order in which they moved in. */
  registry(): HouseholdId[];
  /** Of every household, in the registry's order. */
  balances(): ReadonlyMap<HouseholdId, EnergyBalance>;
  /** What is kept back, of those who keep something. */
  keepings(): ReadonlyMap<HouseholdId, Keeping>;
}
