/**
 * How much of the energy at hand to keep until 06:00, and how much to sell now. All answer whole Wh between 0 and
 * what is at hand; all take well under a millisecond.
 */
import type { CentsPerKwh } from '../units.ts';
import { needAt, needSamples } from './night-need.ts';
import { daysKnown, type Past, slotsPerDay } from './past.ts';

export type Situation = {
  readonly past: Past;
  /** Not yet decided about. */
  readonly atHandWh: number;
  /** Kept already, and still there. */
  readonly keptWh: number;
  /** Until 06:00. */
  readonly slotsAhead: number;
  readonly rate: CentsPerKwh;
  readonly ownTariff: CentsPerKwh;
  /** What is kept in vain costs so much of itself, in percent. */
  readonly keepCostPercent: number;
  /** The sun until tonight against the usual, as the weather has it; undefined without any. */
  readonly sunAhead: number | undefined;
  /** What a battery that a meter reports holds; 0 without one. */
  readonly batteryWh: number;
};

export type Policy = { readonly name: string; readonly keepWh: (situation: Situation) => number };

const within = ({ atHandWh, keptWh }: Situation, wantedWh: number): number =>
  Math.floor(Math.max(0, Math.min(atHandWh, wantedWh - keptWh)));

export const sellAll: Policy = { name: 'sell all', keepWh: () => 0 };
export const keepAll: Policy = { name: 'keep all', keepWh: ({ atHandWh }) => atHandWh };

/** What was imported in the twelve hours before the last 06:00. */
export const keepLastEvening: Policy = {
  name: 'keep what last evening used',
  keepWh: (situation) => within(situation, eveningWh(situation, 0) ?? 0),
};

export const keepSevenDayMean: Policy = {
  name: 'keep the 7-day mean',
  keepWh: (situation) => {
    const evenings = Array.from(
      { length: 7 },
      (_, back) => eveningWh(situation, back) ?? [],
    ).flat();
    const sum = evenings.reduce((all, one) => all + one, 0);
    return within(situation, evenings.length === 0 ? 0 : sum / evenings.length);
  },
};

/** Import of the evening that ended `back` days before the last 06:00; undefined when it is not known whole. */
function eveningWh({ past, slotsAhead }: Situation, back: number): number | undefined {
  const end = past.loadWh.length + slotsAhead - (back + 1) * slotsPerDay;
  const begin = end - slotsPerDay / 2;
  if (begin < 0 || end > past.loadWh.length) return undefined;
  let sum = 0;
  for (let at = begin; at < end; at++)
    sum += Math.max(0, (past.loadWh[at] ?? 0) - (past.sunWh[at] ?? 0));
  return sum;
}

/**
 * The chance of being enough at which a Wh more costs as much as it brings (the newsvendor's rule): missing it costs
 * own tariff less rate, keeping it in vain its part of the rate. 0 where nothing is gained by keeping.
 */
export function enoughWith({
  rate,
  ownTariff,
  keepCostPercent,
}: Pick<Situation, 'rate' | 'ownTariff' | 'keepCostPercent'>): number {
  const lost = (rate * keepCostPercent) / 100;
  const saved = ownTariff - rate;
  return saved <= 0 ? 0 : saved / (saved + lost);
}

/**
 * A part of the rest to certainty is added to the chance. What was kept too much today lets later surplus be sold
 * instead; what was kept too little can be made good only by surplus that may not come. A few days know little of how
 * far a need may reach, so they add more.
 */
const caution = { least: 0.3, untried: 0.6, triedDays: 3 };

function cautious(chance: number, days: number): number {
  const { least, untried, triedDays } = caution;
  return chance + (least + (untried * triedDays) / (days + triedDays)) * (1 - chance);
}

/** The default: keep what is enough with the newsvendor's chance and some caution, by the household's own past. */
export const quantileRule: Policy = {
  name: 'quantile rule',
  keepWh: (situation) => {
    const chance = enoughWith(situation);
    const days = daysKnown(situation.past);
    if (chance === 0 || days === 0) return 0;
    const samples = needSamples(situation.past, situation.slotsAhead, situation.sunAhead);
    return within(situation, (needAt(samples, cautious(chance, days)) ?? 0) - situation.batteryWh);
  },
};

/** All that can be chosen, the default first; a setting names one by its place. */
export const policies: readonly Policy[] = [
  quantileRule,
  sellAll,
  keepAll,
  keepLastEvening,
  keepSevenDayMean,
];

/** The default where a setting names none that there is. */
export const policyAt = (place: number): Policy => policies[place] ?? quantileRule;
