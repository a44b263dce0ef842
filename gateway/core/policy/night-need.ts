/** What a household will need of the energy at hand until 06:00, as past days would have it. */
import { type Level, levelOf } from './level.ts';
import { daysKnown, type Past, slotsPerDay } from './past.ts';

/** After so many days a day counts half. */
const halfLifeDays = 30;
/** The use of each day meets the sun of so many days: more nights than there were, and smoother chances. */
const sunsPerDay = 3;

export type NeedSample = { readonly needWh: number; readonly weight: number };

/**
 * Samples from every known day: its same hours, with today's level of sun and use. The sun that comes before a need
 * counts against it, so a need is the deepest that the household's stock would fall (the greatest sum of use less
 * sun from now to any moment). `sunAhead` is the weather's word about the sun until tonight: 1 is as usual.
 */
export function needSamples(past: Past, slotsAhead: number, sunAhead?: number): NeedSample[] {
  const level = levelOf(past, sunAhead);
  const days = daysKnown(past);
  const samples: NeedSample[] = [];
  for (let day = 0; day < days; day++)
    for (let other = 0; other < Math.min(sunsPerDay, days); other++) {
      const sunDay = (day + other) % days;
      const [use, sun] = [day, sunDay].map((back) => past.loadWh.length - (back + 1) * slotsPerDay);
      samples.push({
        needWh: deepest(past, use ?? 0, sun ?? 0, slotsAhead, level),
        weight: 0.5 ** ((day + sunDay) / 2 / halfLifeDays),
      });
    }
  return samples;
}

function deepest(
  { loadWh, sunWh }: Past,
  use: number,
  sun: number,
  slots: number,
  level: Level,
): number {
  let [sum, most] = [0, 0];
  for (let ahead = 0; ahead < slots; ahead++) {
    sum += (loadWh[use + ahead] ?? 0) * level.load - (sunWh[sun + ahead] ?? 0) * level.sun;
    if (sum > most) most = sum;
  }
  return most;
}

/** The need that is not exceeded with this chance, between samples by the line; undefined when nothing is known. */
export function needAt(samples: readonly NeedSample[], chance: number): number | undefined {
  const sorted = samples.toSorted((one, other) => one.needWh - other.needWh);
  const wanted = chance * sorted.reduce((sum, { weight }) => sum + weight, 0);
  let below: { needWh: number; middle: number } | undefined;
  let sum = 0;
  for (const { needWh, weight } of sorted) {
    const middle = sum + weight / 2;
    if (middle >= wanted) {
      if (below === undefined) return needWh;
      const part = (wanted - below.middle) / (middle - below.middle);
      return below.needWh + part * (needWh - below.needWh);
    }
    below = { needWh, middle };
    sum += weight;
  }
  return sorted.at(-1)?.needWh;
}
