/** The sun over the neighbourhood: measured clouds of Kiambu under a plain arc of the day. */
import { kiambuDays, type LightDay, tenMinutesPerDay } from '../data/light-series.ts';
import { between, shuffled } from './chance.ts';
import { dayOf, hourOfDay } from './local-time.ts';

export interface Sun {
  /** Global horizontal irradiance in W/m2, constant within ten minutes. */
  irradianceAt(atMs: number): number;
  /** 0 for a clear sky, 100 for none of its light. */
  cloudPercentAt(atMs: number): number;
}

/** What a panel makes of the light: wiring, dust, heat and inverter together. */
export const performanceRatio = 0.8;

const clearSkyWattsPerM2 = 1000;
/** Light at the edge of a cloud may be more than a clear sky's. */
const clearnessMax = 1.2;
const sunnyDays = 3;
const sunnyChoice = 5;
/** kWh per kWp and day: near Nairobi the mean is 4.2, and days lie between 0.8 and 5.5. */
const meanYield = 4.2;
const leastYield = 0.8;
const mostYield = 5.5;

/**
 * The 12 whole days of Kiambu in an order that the seed chooses, one per neighbourhood day. Day number
 * `firstDay` and the two after it are among the sunniest and yield 4.0 to 4.4 kWh per kWp.
 */
export function makeSun({ seed, firstDay }: { seed: number; firstDay: number }): Sun {
  const days = clearnessOf(kiambuDays()).sort((a, b) => yieldOf(b) - yieldOf(a));
  const sunniest = shuffled(days.slice(0, sunnyChoice), seed, 21).slice(0, sunnyDays);
  const others = days.filter((day) => !sunniest.includes(day));
  const meanOfDays = days.reduce((sum, day) => sum + yieldOf(day), 0) / days.length;
  const scaled = [
    ...sunniest.map((day, index) => scaledTo(day, between(4, 4.4, seed, 22, index))),
    ...shuffled(others, seed, 23).map((day) =>
      scaledTo(day, clamp(leastYield, (yieldOf(day) * meanYield) / meanOfDays, mostYield)),
    ),
  ];

  const clearnessAt = (atMs: number): number => {
    const turn = (dayOf(atMs) - firstDay) % scaled.length;
    const day = scaled[turn < 0 ? turn + scaled.length : turn];
    return day?.[Math.floor(hourOfDay(atMs) * 6)] ?? 0;
  };
  return {
    irradianceAt: (atMs) => clearSkyWattsPerM2 * arc(hourOfDay(atMs)) * clearnessAt(atMs),
    cloudPercentAt: (atMs) => Math.round(100 * (1 - Math.min(1, clearnessAt(atMs)))),
  };
}

/** Electric energy of a whole day, kWh per kWp, when the sky is as clear as the 144 values say. */
function yieldOf(clearness: readonly number[]): number {
  const sum = clearness.reduce((all, value, index) => all + value * arc((index + 0.5) / 6), 0);
  return (sum * performanceRatio) / 6;
}

/** The sun's way over the equator, 0 to 1: up at 06:15, down at 18:15 East Africa Time. */
const arc = (hour: number): number => Math.max(0, Math.sin((Math.PI * (hour - 6.25)) / 12)) ** 1.25;

/** Each value relative to the brightest that the place saw within 20 minutes of that time of day. */
function clearnessOf(days: readonly LightDay[]): number[][] {
  const brightest = Array.from({ length: tenMinutesPerDay }, (_, index) =>
    Math.max(...days.flatMap(({ lux }) => lux.slice(Math.max(0, index - 2), index + 3))),
  );
  return days.map(({ lux }) =>
    lux.map((value, index) => value / Math.max(1, brightest[index] ?? 1)),
  );
}

/** The same clouds, but a day that yields `target` kWh per kWp; found by halving, since bright values are cut. */
function scaledTo(clearness: readonly number[], target: number): number[] {
  const stretched = (scale: number) =>
    clearness.map((value) => Math.min(clearnessMax, value * scale));
  let low = 0;
  let high = 16;
  for (let round = 0; round < 40; round += 1) {
    const middle = (low + high) / 2;
    if (yieldOf(stretched(middle)) < target) low = middle;
    else high = middle;
  }
  return stretched(high);
}

const clamp = (least: number, value: number, most: number): number =>
  Math.max(least, Math.min(value, most));
