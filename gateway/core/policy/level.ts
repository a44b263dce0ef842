/** Whether now is more or less than usual at this time: a cloudy day stays cloudy, guests stay for the evening. */
import { daysKnown, type Past, slotsPerDay } from './past.ts';

/** The last hours tell of the sun, the last half day of the house. */
const windows = { sun: 12, load: 48 } as const;
/** How much of what differs now is expected to stay. */
const stays = { sun: 0.6, load: 0.7 } as const;
const levelMost = 2;
/** A mean of few days is a poor measure: so many days' worth of "as usual" is mixed into what differs. */
const doubtDays = 3;
/** Below this many Wh in a window it is night, or an empty house: nothing can be told. */
const tellingWh = 1;

export type Level = { readonly sun: number; readonly load: number };

/** How much the weather's word counts beside what the roof itself shows. */
const weatherCounts = 0.5;

/** Factors for the rest of the day; 1 is as usual. */
export function levelOf(past: Past, sunAhead?: number): Level {
  const seen = factor(past.sunWh, daysKnown(past), 'sun');
  return {
    sun: sunAhead === undefined ? seen : seen + weatherCounts * (sunAhead - seen),
    load: factor(past.loadWh, daysKnown(past), 'load'),
  };
}

function factor(series: ArrayLike<number>, days: number, kind: keyof Level): number {
  const window = Math.min(windows[kind], series.length);
  let [seen, usual, count] = [0, 0, 0];
  for (let back = 1; back <= window; back++) seen += series[series.length - back] ?? 0;
  for (let day = 1; day <= days; day++) {
    const end = series.length - day * slotsPerDay;
    if (end < window) break;
    count += 1;
    for (let back = 1; back <= window; back++) usual += series[end - back] ?? 0;
  }
  if (count === 0 || usual / count <= tellingWh) return 1;
  const believed = (stays[kind] * count) / (count + doubtDays);
  return 1 + believed * (Math.min(levelMost, (seen * count) / usual) - 1);
}
