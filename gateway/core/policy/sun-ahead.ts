/** What the weather says about the sun until tonight, beside what it said about the same hours of the days before. */
import { slotsPerDay } from './past.ts';

/** A forecast is compared with so many earlier ones: a service that is always too bright is believed all the same. */
export const daysCompared = 14;
const daysLeast = 3;
/** Below so many W/m2 on the mean of what is left of the daylight the sun is about to set: nothing can be told. */
const tellingWatts = 20;
const mostOfUsual = 2;
/** The sun shines for half of a day near the equator. */
const daylight = 0.5;

/**
 * `said` holds W/m2 per slot from a 06:00 on, of the days gone by and of today; NaN where nothing was said. `now` is
 * the first slot to come. Undefined when too little is known or the day is over.
 */
export function sunAheadOf(said: ArrayLike<number>, now: number): number | undefined {
  const until = (Math.floor(now / slotsPerDay) + 1) * slotsPerDay;
  const today = sumOf(said, now, until);
  let [days, usual] = [0, 0];
  for (let back = 1; back <= daysCompared; back++) {
    const day = sumOf(said, now - back * slotsPerDay, until - back * slotsPerDay);
    if (Number.isNaN(day)) continue;
    days += 1;
    usual += day;
  }
  if (Number.isNaN(today) || days < daysLeast) return undefined;
  if (usual / days < tellingWatts * (until - now) * daylight) return undefined;
  return Math.min(mostOfUsual, (today * days) / usual);
}

/** NaN when a part of it is not known. */
function sumOf(values: ArrayLike<number>, from: number, until: number): number {
  let sum = 0;
  for (let at = from; at < until; at++) sum += values[at] ?? Number.NaN;
  return sum;
}
