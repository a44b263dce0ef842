/** Reads the light that a logger near Nairobi measured; its traps are listed in the README beside it. */
import { readFileSync } from 'node:fs';

export type LightRecord = {
  /** `2024-05-19`, by the logger's clock, which fits East Africa Time. */
  readonly day: string;
  readonly minuteOfDay: number;
  readonly lux: number;
  /** The instrument stopped at its end: the light was at least this. */
  readonly clipped: boolean;
};

/** One day without a gap: 144 values in lux, one for each ten minutes since midnight. */
export type LightDay = { readonly day: string; readonly lux: readonly number[] };

export const tenMinutesPerDay = 144;
const saturationLux = 99_999;
const linesMax = 20_000;

/** The 12 whole days of the series that ships beside this file, oldest first. */
export function kiambuDays(): LightDay[] {
  const file = new URL('./kiambu-light-2024.csv', import.meta.url);
  return wholeDays(readLightRecords(readFileSync(file, 'utf8')));
}

/** The good records of a logger's file. Headers, other units and broken lines are skipped. */
export function readLightRecords(text: string): LightRecord[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  if (lines.length > linesMax) throw new RangeError(`a light series has at most ${linesMax} lines`);
  return lines.flatMap((line) => readLine(line) ?? []);
}

/** Days that have a value in each of their 144 ten minutes. */
export function wholeDays(records: readonly LightRecord[]): LightDay[] {
  const days = new Map<string, Map<number, number>>();
  for (const { day, minuteOfDay, lux } of records) {
    const values = days.get(day) ?? new Map<number, number>();
    days.set(day, values.set(Math.floor(minuteOfDay / 10), lux));
  }
  return [...days]
    .filter(([, values]) => values.size === tenMinutesPerDay)
    .map(([day, values]) => ({
      day,
      lux: [...values].sort(([a], [b]) => a - b).map(([, lux]) => lux),
    }));
}

function readLine(line: string): LightRecord | undefined {
  // Only the foot-candle record has a comma inside a field; it falls out either way.
  const [, date = '', time = '', value = '', unit = ''] = line
    .split(',')
    .map((field) => field.trim());
  const [, month, dayOfMonth, year] = /^(\d{1,2})\/(\d{1,2})\/(\d\d)$/.exec(date) ?? [];
  const [, hour, minute] = /^(\d{1,2}):(\d\d):\d\d$/.exec(time) ?? [];
  if (!month || !dayOfMonth || !hour || !minute || unit !== 'LUX' || !/^\d{1,6}$/.test(value)) {
    return undefined;
  }
  return {
    day: `20${year}-${month.padStart(2, '0')}-${dayOfMonth.padStart(2, '0')}`,
    minuteOfDay: Number(hour) * 60 + Number(minute),
    lux: Number(value),
    clipped: Number(value) >= saturationLux,
  };
}
