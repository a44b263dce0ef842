/** How a reading stands in a row of `ring`: few columns, small integers. 0002-ring-and-chunks.sql has the formulas. */
import type { MeterId } from '../../core/ids.ts';
import type { Reading } from '../../core/reading.ts';
import { epochMs, milliWattHours } from '../../core/units.ts';
import type { Life } from './lives.ts';
import { untold } from './reading-fields.ts';

/** Columns of a row, in order. */
export const columns = {
  place: 0,
  seal: 1,
  life: 2,
  sequence: 3,
  atS: 4,
  importMwh: 5,
  exportMwh: 6,
  generationMwh: 7,
  powerMw: 8,
  voltage: 9,
  frequency: 10,
  current: 11,
  drift: 12,
  marks: 13,
} as const;
export const columnCount = 14;
/** The same in SQL. */
export const columnNames =
  'place, seal, life, sequence, at_s, import_mwh, export_mwh, generation_mwh, power_mw, voltage, frequency, current, drift, marks';

/** What a socket in Kenya has; only the difference is kept. */
export const usualVoltageMv = 230_000;
export const usualFrequencyMhz = 50_000;

const [receiptMark, noUptimeMark, marksUnit] = [1, 2, 4];

/** Flags, the milliseconds of `at`, whether an uptime was told, and who dated the reading. */
export const marksOf = (flags: number, at: number, hasUptime: boolean, byMeter: boolean): number =>
  (flags * 1000 + (at % 1000)) * marksUnit +
  (hasUptime ? 0 : noUptimeMark) +
  (byMeter ? 0 : receiptMark);

/** Numbers of one row, in the order of `columns`. */
export type HotRow = ArrayLike<number>;

/** All that a row says, as it was told. What was not told is `untold`. */
export type HotReading = {
  readonly sequence: number;
  readonly at: number;
  readonly byMeter: boolean;
  readonly importMwh: number;
  readonly exportMwh: number;
  readonly generationMwh: number;
  readonly powerMw: number;
  readonly voltageMv: number;
  readonly frequencyMhz: number;
  readonly currentMa: number;
  readonly uptimeSeconds: number;
  readonly flags: number;
};

export function unpackRow(row: HotRow, { startedS }: Life): HotReading {
  const number = (column: keyof typeof columns): number => row[columns[column]] as number;
  const [atS, marks] = [number('atS'), number('marks')];
  const hasUptime = Math.floor(marks / noUptimeMark) % 2 === 0;
  return {
    sequence: number('sequence'),
    at: atS * 1000 + (Math.floor(marks / marksUnit) % 1000),
    byMeter: marks % 2 === 0,
    importMwh: number('importMwh'),
    exportMwh: number('exportMwh'),
    generationMwh: number('generationMwh'),
    powerMw: number('powerMw'),
    voltageMv: number('voltage') + usualVoltageMv,
    frequencyMhz: number('frequency') + usualFrequencyMhz,
    currentMa: number('current'),
    uptimeSeconds: hasUptime ? atS - number('drift') - startedS : untold,
    flags: Math.floor(marks / (1000 * marksUnit)),
  };
}

/** Our own rows were checked when they were written. */
export const readingOf = (meter: MeterId, boot: number, hot: HotReading): Reading => ({
  meter,
  sequence: hot.sequence,
  boot,
  at: epochMs(hot.at),
  timeSource: hot.byMeter ? 'meter' : 'receipt',
  importMwh: milliWattHours(hot.importMwh),
  exportMwh: milliWattHours(hot.exportMwh),
  generationMwh: milliWattHours(hot.generationMwh),
  powerMw: hot.powerMw,
  voltageMv: hot.voltageMv,
  flags: hot.flags,
});
