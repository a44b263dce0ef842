/** A house with a roof, day after day, for tests of policies. */
import type { Past } from '../../../gateway/core/policy/past.ts';
import type { Situation } from '../../../gateway/core/policy/policies.ts';
import { centsPerKwh, slotNumber } from '../../../gateway/core/units.ts';

export const slotsPerDay = 96;

export type Slot = { readonly sunWh: number; readonly loadWh: number };

/** By the slot since 06:00: sun from 09:00 to 15:00, use from 18:00 to 24:00. */
export function usual(index: number): Slot {
  const quarter = index % slotsPerDay;
  return {
    sunWh: quarter >= 12 && quarter < 36 ? 200 : 0,
    loadWh: quarter >= 48 && quarter < 72 ? 50 : 0,
  };
}

/** What was metered from 06:00 of the first day on. */
export const pastFrom = (slots: readonly Slot[]): Past => ({
  first: slotNumber(0),
  sunWh: slots.map(({ sunWh }) => sunWh),
  loadWh: slots.map(({ loadWh }) => loadWh),
});

/** So many days, and so many slots of the next. */
export const usualPast = (days: number, slots: number, slot = usual): Past =>
  pastFrom(Array.from({ length: days * slotsPerDay + slots }, (_, index) => slot(index)));

export const situation = (past: Past, change: Partial<Situation> = {}): Situation => ({
  past,
  atHandWh: 5_000,
  keptWh: 0,
  slotsAhead: slotsPerDay - (past.loadWh.length % slotsPerDay),
  rate: centsPerKwh(1_500),
  ownTariff: centsPerKwh(2_700),
  keepCostPercent: 20,
  sunAhead: undefined,
  batteryWh: 0,
  ...change,
});
