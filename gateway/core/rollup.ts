/** Many readings of one meter in one row per bucket of time; adding is associative, so parts may come late. */
import type { MeterId } from './ids.ts';
import type { Reading } from './reading.ts';
import { dayMs, hourMs, minuteMs, slotMs } from './slot.ts';
import { type EpochMs, epochMs, type MilliWattHours } from './units.ts';

/** Widths of the buckets; each begins at a multiple of its width in UTC. */
export const rollupWidths = {
  minute: minuteMs,
  quarter: slotMs,
  hour: hourMs,
  day: dayMs,
} as const;
export type RollupWidth = keyof typeof rollupWidths;

/** What a meter did from `start` to `start` + width. Registers in mWh, power in mW. */
export type Rollup = {
  readonly meter: MeterId;
  readonly start: EpochMs;
  /** How many readings. */
  readonly count: number;
  /** Registers of the first and of the last reading of the bucket; they only grow, so these are least and most. */
  readonly firstImportMwh: MilliWattHours;
  readonly lastImportMwh: MilliWattHours;
  readonly firstExportMwh: MilliWattHours;
  readonly lastExportMwh: MilliWattHours;
  readonly firstGenerationMwh: MilliWattHours;
  readonly lastGenerationMwh: MilliWattHours;
  /** Sum of the readings' powers: the mean is sum / count. */
  readonly powerSumMw: number;
  readonly powerLeastMw: number;
  readonly powerMostMw: number;
};

/** The bucket of `width` that a moment lies in. */
export const bucketOf = (width: RollupWidth, at: EpochMs): EpochMs =>
  epochMs(at - (at % rollupWidths[width]));

/** A bucket that holds one reading. */
export const rollupOf = (width: RollupWidth, reading: Reading): Rollup => ({
  meter: reading.meter,
  start: bucketOf(width, reading.at),
  count: 1,
  firstImportMwh: reading.importMwh,
  lastImportMwh: reading.importMwh,
  firstExportMwh: reading.exportMwh,
  lastExportMwh: reading.exportMwh,
  firstGenerationMwh: reading.generationMwh,
  lastGenerationMwh: reading.generationMwh,
  powerSumMw: reading.powerMw,
  powerLeastMw: reading.powerMw,
  powerMostMw: reading.powerMw,
});

const least = <N extends number>(a: N, b: N): N => (a < b ? a : b);
const most = <N extends number>(a: N, b: N): N => (a > b ? a : b);

/** Both parts of one bucket together. */
export const joined = (a: Rollup, b: Rollup): Rollup => ({
  meter: a.meter,
  start: a.start,
  count: a.count + b.count,
  firstImportMwh: least(a.firstImportMwh, b.firstImportMwh),
  lastImportMwh: most(a.lastImportMwh, b.lastImportMwh),
  firstExportMwh: least(a.firstExportMwh, b.firstExportMwh),
  lastExportMwh: most(a.lastExportMwh, b.lastExportMwh),
  firstGenerationMwh: least(a.firstGenerationMwh, b.firstGenerationMwh),
  lastGenerationMwh: most(a.lastGenerationMwh, b.lastGenerationMwh),
  powerSumMw: a.powerSumMw + b.powerSumMw,
  powerLeastMw: least(a.powerLeastMw, b.powerLeastMw),
  powerMostMw: most(a.powerMostMw, b.powerMostMw),
});
