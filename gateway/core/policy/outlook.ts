/** What the rest of the day will probably bring, for people and for the record; the decision looks at every day. */
import { type Level, levelOf } from './level.ts';
import { needAt, needSamples } from './night-need.ts';
import { daysKnown, type Past, slotsPerDay } from './past.ts';
import { enoughWith, type Situation } from './policies.ts';

export type Outlook = {
  /** Use until 06:00, and what the sun still brings until then; whole Wh. */
  readonly useWh: number;
  readonly sunWh: number;
};

/** Means of the past days' same hours, at today's level. */
export function outlookOf({ past, slotsAhead, sunAhead }: Situation): Outlook {
  const level = levelOf(past, sunAhead);
  const mean = (series: keyof Pick<Past, 'loadWh' | 'sunWh'>) =>
    meanAhead(past, series, slotsAhead);
  return {
    useWh: Math.round(mean('loadWh') * level.load),
    sunWh: Math.round(mean('sunWh') * level.sun),
  };
}

function meanAhead(past: Past, series: 'loadWh' | 'sunWh', slots: number): number {
  const days = daysKnown(past);
  const values = past[series];
  let sum = 0;
  for (let back = 1; back <= days; back++)
    for (let ahead = 0; ahead < slots; ahead++)
      sum += values[values.length - back * slotsPerDay + ahead] ?? 0;
  return days === 0 ? 0 : sum / days;
}

/** What a decision knew, so that it can be judged later: whole numbers, levels and chances in thousandths. */
export type KnownThen = {
  readonly days: number;
  readonly sunLevel: number;
  readonly loadLevel: number;
  readonly sunAhead: number | null;
  readonly enoughWith: number;
  /** Need until 06:00 that is not exceeded with a chance of 10, 50 and 90 percent. */
  readonly needWh: readonly [number, number, number] | null;
};

export function knownThen(situation: Situation): KnownThen {
  const { past, slotsAhead, sunAhead } = situation;
  const level: Level = levelOf(past, sunAhead);
  const samples = needSamples(past, slotsAhead, sunAhead);
  const at = (chance: number) => Math.round(needAt(samples, chance) ?? 0);
  return {
    days: daysKnown(past),
    sunLevel: thousandths(level.sun),
    loadLevel: thousandths(level.load),
    sunAhead: sunAhead === undefined ? null : thousandths(sunAhead),
    enoughWith: thousandths(enoughWith(situation)),
    needWh: samples.length === 0 ? null : [at(0.1), at(0.5), at(0.9)],
  };
}

const thousandths = (value: number): number => Math.round(value * 1000);
