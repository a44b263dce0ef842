/** Lets a seeded neighbourhood live for some days through the live steps, and measures what came of it. */
import type { RoundRule } from '../core/market/round-rule.ts';
import { dayMs, slotMs, slotStart } from '../core/slot.ts';
import { epochMs, slotNumber } from '../core/units.ts';
import { internetLosses, powerCuts } from './cuts.ts';
import { simulatedHouses } from './houses.ts';
import { live } from './live.ts';
import { type Measured, measure } from './measure.ts';
import { moveIn } from './move-in.ts';
import { notingRule } from './noting-rule.ts';
import { simulatedPhones } from './phones.ts';
import { residentsOf } from './residents.ts';

export type SimulateOptions = {
  readonly households: number;
  readonly days: number;
  readonly seed: number;
  readonly rule: RoundRule;
  readonly lotWh: number;
  /** Days after which what is left is cleared to the last Wh and the rest expires. */
  readonly windowDays: number;
  readonly panels: boolean;
  readonly batteries: boolean;
  /** Mean length of a power cut, hours. */
  readonly outageHours: number;
};

/** A Monday, midnight in Nairobi: the same for every run, so that a seed alone decides. */
const fromMs = Date.parse('2026-06-15T00:00:00+03:00');
const slotsPerDay = dayMs / slotMs;

export async function simulate(
  options: SimulateOptions,
  passed: (day: number) => void = () => {},
): Promise<Measured> {
  const { seed, days, lotWh, windowDays, outageHours } = options;
  const residents = residentsOf(options);
  const power = powerCuts({ seed, fromMs, days }, outageHours);
  const internet = internetLosses({ seed, fromMs, days });
  const first = slotNumber(fromMs / slotMs);
  // A home finds out that it has something to spare at the amount that it can sell.
  const settings = { lotWh, surplusThresholdWh: lotWh, windowDays };
  using books = moveIn({ residents, since: epochMs(slotStart(first)), settings });
  const rule = notingRule(options.rule);
  const slots = days * slotsPerDay;
  const lived = await live({
    ...{ books, power, rule, first, slots },
    houses: simulatedHouses({ seed, residents, fromMs, power }),
    phonesFor: (now) => simulatedPhones({ seed, residents, internet, now }),
    passed: (slot) => {
      if ((slot + 1 - first) % slotsPerDay === 0) passed((slot + 1 - first) / slotsPerDay);
    },
  });
  return measure({ books, rule, first, slots, power, internet, ...lived });
}
