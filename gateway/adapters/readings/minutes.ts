/** Roll-ups of readings that are not sealed yet: one per meter and minute, grown reading by reading in memory. */
import type { MeterId } from '../../core/ids.ts';
import { bucketOf, joined, type Rollup, type RollupWidth } from '../../core/rollup.ts';
import { minuteMs } from '../../core/slot.ts';
import { epochMs, milliWattHours } from '../../core/units.ts';

/** One meter's minute, in numbers that each reading overwrites. */
class Minute {
  readonly start: number;
  readings = 0;
  importFirst = Number.POSITIVE_INFINITY;
  importLast = 0;
  exportFirst = Number.POSITIVE_INFINITY;
  exportLast = 0;
  generationFirst = Number.POSITIVE_INFINITY;
  generationLast = 0;
  powerSum = 0;
  powerLeast = Number.POSITIVE_INFINITY;
  powerMost = Number.NEGATIVE_INFINITY;

  constructor(start: number) {
    this.start = start;
  }

  add(importMwh: number, exportMwh: number, generationMwh: number, powerMw: number): void {
    this.readings += 1;
    if (importMwh < this.importFirst) this.importFirst = importMwh;
    if (importMwh > this.importLast) this.importLast = importMwh;
    if (exportMwh < this.exportFirst) this.exportFirst = exportMwh;
    if (exportMwh > this.exportLast) this.exportLast = exportMwh;
    if (generationMwh < this.generationFirst) this.generationFirst = generationMwh;
    if (generationMwh > this.generationLast) this.generationLast = generationMwh;
    this.powerSum += powerMw;
    if (powerMw < this.powerLeast) this.powerLeast = powerMw;
    if (powerMw > this.powerMost) this.powerMost = powerMw;
  }
}

/** The minutes of one meter within one seal. */
export class MeterMinutes {
  readonly #minutes = new Map<number, Minute>();
  #current: Minute | undefined;

  add(
    at: number,
    importMwh: number,
    exportMwh: number,
    generationMwh: number,
    powerMw: number,
  ): void {
    const current = this.#current;
    if (current !== undefined && at >= current.start && at < current.start + minuteMs) {
      current.add(importMwh, exportMwh, generationMwh, powerMw);
      return;
    }
    const start = at - (at % minuteMs);
    let minute = this.#minutes.get(start);
    if (minute === undefined) {
      minute = new Minute(start);
      this.#minutes.set(start, minute);
    }
    this.#current = minute;
    minute.add(importMwh, exportMwh, generationMwh, powerMw);
  }

  /** The roll-ups of `width` that these minutes make, in no order. */
  rollups(width: RollupWidth, meter: MeterId): Rollup[] {
    const buckets = new Map<number, Rollup>();
    for (const minute of this.#minutes.values()) {
      const part = rollupFrom(minute, width, meter);
      const known = buckets.get(part.start);
      buckets.set(part.start, known === undefined ? part : joined(known, part));
    }
    return [...buckets.values()];
  }
}

const rollupFrom = (minute: Minute, width: RollupWidth, meter: MeterId): Rollup => ({
  meter,
  start: bucketOf(width, epochMs(minute.start)),
  count: minute.readings,
  firstImportMwh: milliWattHours(minute.importFirst),
  lastImportMwh: milliWattHours(minute.importLast),
  firstExportMwh: milliWattHours(minute.exportFirst),
  lastExportMwh: milliWattHours(minute.exportLast),
  firstGenerationMwh: milliWattHours(minute.generationFirst),
  lastGenerationMwh: milliWattHours(minute.generationLast),
  powerSumMw: minute.powerSum,
  powerLeastMw: minute.powerLeast,
  powerMostMw: minute.powerMost,
});
