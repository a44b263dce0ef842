/** A series of light from a file in the form of the one that is shipped; ten minutes each, whole days only. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import {
  kiambuDays,
  type LightDay,
  readLightRecords,
  wholeDays,
} from '../../gateway/simulators/data/light-series.ts';
import type { Light } from './truth.ts';

/** Daylight of 120 lm is about a watt. */
const luxPerWatt = 120;
const stepMinutes = 10;
/** Days of which one is only the evening before the first 06:00. */
const daysLeast = 6;

export type Series = { readonly name: string; readonly days: number; readonly at: Light };

/** The shipped series when no file is named. Throws when a file has too few whole days. */
export function readSeries(file: string | undefined): Series {
  const days: readonly LightDay[] =
    file === undefined ? kiambuDays() : wholeDays(readLightRecords(readFileSync(file, 'utf8')));
  if (days.length < daysLeast)
    throw new Error(`${file} has ${days.length} whole days; ${daysLeast} are needed`);
  return {
    name: file === undefined ? 'kiambu' : basename(file),
    days: days.length,
    at: (day, minute) => (days[day]?.lux[Math.floor(minute / stepMinutes)] ?? 0) / luxPerWatt,
  };
}
