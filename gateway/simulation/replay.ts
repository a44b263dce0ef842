/** Lives through a hub's own recorded days again, with another way to clear rounds: what if. */
import type { Recorded } from '../adapters/sqlite/recorded.ts';
import type { MeterId } from '../core/ids.ts';
import { type Kpis, kpisOf } from '../core/kpi.ts';
import type { RoundRule } from '../core/market/round-rule.ts';
import { dayMs, slotMs, slotStart } from '../core/slot.ts';
import type { SlotNumber } from '../core/units.ts';
import type { Away } from './cuts.ts';
import { live } from './live.ts';
import { type Measured, measure } from './measure.ts';
import { moveIn } from './move-in.ts';
import { notingRule } from './noting-rule.ts';
import { simulatedPhones } from './phones.ts';
import { recordedHouses } from './recorded-houses.ts';
import type { Resident } from './residents.ts';

export type ReplayOptions = {
  readonly recorded: Recorded;
  /** From <= slot < to; whole days. */
  readonly from: SlotNumber;
  readonly to: SlotNumber;
  readonly rule: RoundRule;
};

const slotsPerDay = dayMs / slotMs;
const never: Away = { isAway: () => false, totalMs: 0, times: 0 };
const seed = 1;

/**
 * Begins with empty accounts and the rules and settings of that day; meters show what was metered, everybody pays when
 * asked, and neither power nor internet fails. Throws when nobody lived there then.
 */
export async function replay(options: ReplayOptions): Promise<Measured & { recorded: Kpis }> {
  const { recorded, from: first, to } = options;
  const metered = recorded.between(first, to);
  const made = new Set(metered.flatMap((row) => (row.generatedWh ? [row.household] : [])));
  const residents = recorded
    .householdsAt(first)
    .map((one, number): Resident => residentOf(one, number, made.has(one.household.id)));
  if (residents.length === 0) throw new Error('nobody lived there at the first of these days');
  const { rate, floor, cap, lotWh, surplusThresholdWh, windowDays, keepCostPercent, advicePolicy } =
    recorded.settingsAt(first);
  const settings = {
    ...{ rate, floor, cap, lotWh, surplusThresholdWh, windowDays, keepCostPercent },
    advicePolicy,
  };
  using books = moveIn({ residents, since: slotStart(first), settings });
  const rule = notingRule(options.rule);
  const slots = to - first;
  const lived = await live({
    ...{ books, rule, first, slots, power: never },
    houses: recordedHouses(residents, first, metered),
    phonesFor: (now) => simulatedPhones({ seed, residents, internet: never, now }),
  });
  const facts = recorded.kpis.households(first, to);
  return {
    ...measure({ books, rule, first, slots, power: never, internet: never, ...lived }),
    recorded: kpisOf(facts, slots / slotsPerDay),
  };
}

const residentOf = (
  { household, rule }: ReturnType<Recorded['householdsAt']>[number],
  number: number,
  makesPower: boolean,
): Resident => ({
  ...{ id: household.id, number, archetype: 'home', shape: 'home', dailyLoadWh: 0, panelsW: 0 },
  ...{ batteryWh: 0, shade: { morning: 100, afternoon: 100 }, manner: 'prompt' },
  ...{ phone: household.phone, code: household.code, role: household.role, rule },
  gridMeter: `grid of ${household.id}` as MeterId,
  panelMeter: makesPower ? (`panels of ${household.id}` as MeterId) : undefined,
});
