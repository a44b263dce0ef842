/** Which settings a keeper may move while the hub runs, how far, and from when on they count. */
import { fail, ok, type Result } from './result.ts';
import type { HubSettings } from './settings.ts';
import { dayMs, nextSlot, slotAt, slotStart, startOfDay } from './slot.ts';
import { type EpochMs, epochMs } from './units.ts';

export type LimitName =
  | 'floor'
  | 'cap'
  | 'rate'
  | 'surplusThresholdWh'
  | 'payoutLeastCents'
  | 'payoutDayMostCents'
  | 'mintDailyMaxWh';

export type Limit = {
  readonly least: number;
  readonly most: number;
  /** Of the slider; any whole value between is allowed. */
  readonly step: number;
  readonly unit: 'cents/kWh' | 'cents' | 'Wh';
  /** Rate and collar are posted for a day; what decides about rounds and payouts follows sooner. */
  readonly begins: 'next-day' | 'next-slot' | 'now';
};

const perKwh = { unit: 'cents/kWh', begins: 'next-day' } as const;

export const limits: Readonly<Record<LimitName, Limit>> = {
  floor: { least: 500, most: 3_000, step: 10, ...perKwh },
  cap: { least: 500, most: 4_000, step: 10, ...perKwh },
  rate: { least: 500, most: 4_000, step: 10, ...perKwh },
  surplusThresholdWh: {
    ...{ least: 500, most: 10_000, step: 500 },
    ...{ unit: 'Wh', begins: 'next-slot' },
  },
  payoutLeastCents: { least: 1_000, most: 50_000, step: 1_000, unit: 'cents', begins: 'now' },
  payoutDayMostCents: {
    ...{ least: 0, most: 20_000_000, step: 100_000 },
    ...{ unit: 'cents', begins: 'now' },
  },
  mintDailyMaxWh: { least: 0, most: 5_000_000, step: 10_000, unit: 'Wh', begins: 'now' },
};

export const limitNames = Object.keys(limits) as LimitName[];

export type LimitProblem =
  | { readonly kind: 'out-of-range'; readonly least: number; readonly most: number }
  | { readonly kind: 'collar'; readonly floor: number; readonly cap: number };

/** Whether a limit may become `value`; `settings` are those that hold when it begins. */
export function checkLimit(
  name: LimitName,
  value: number,
  settings: Pick<HubSettings, 'floor' | 'cap' | 'rate'>,
): Result<number, LimitProblem> {
  const { least, most } = limits[name];
  if (!Number.isInteger(value) || value < least || value > most)
    return fail({ kind: 'out-of-range', least, most });
  const wished = new Map<string, number>(Object.entries(settings)).set(name, value);
  const [floor = 0, cap = 0, rate = 0] = ['floor', 'cap', 'rate'].map((one) => wished.get(one));
  const isHeld = floor <= cap && (name !== 'rate' || (rate >= floor && rate <= cap));
  return isHeld ? ok(value) : fail({ kind: 'collar', floor, cap });
}

/** The moment from which a change of now counts. */
export function beginOf(name: LimitName, now: EpochMs): EpochMs {
  switch (limits[name].begins) {
    case 'next-day':
      return epochMs(startOfDay(now) + dayMs);
    case 'next-slot':
      return slotStart(nextSlot(slotAt(now)));
    case 'now':
      return now;
  }
}
