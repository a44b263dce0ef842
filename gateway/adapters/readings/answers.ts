/** Answers between the threads: numbers in one buffer that is handed over, so that the event loop copies little. */
import type { MeterId } from '../../core/ids.ts';
import type { Reading } from '../../core/reading.ts';
import type { Rollup } from '../../core/rollup.ts';
import { epochMs, milliWattHours } from '../../core/units.ts';

export type Packed = {
  readonly meters: readonly MeterId[];
  readonly numbers: Float64Array<ArrayBuffer>;
};

const readingWidth = 10;
const rollupWidth = 12;

/** All of one meter. */
export function packReadings(readings: readonly Reading[]): Packed {
  const numbers = new Float64Array(readings.length * readingWidth);
  for (const [index, reading] of readings.entries()) {
    numbers.set(
      [
        ...[reading.sequence, reading.boot, reading.at, reading.timeSource === 'meter' ? 1 : 0],
        ...[reading.importMwh, reading.exportMwh, reading.generationMwh],
        ...[reading.powerMw, reading.voltageMv, reading.flags],
      ],
      index * readingWidth,
    );
  }
  return { meters: readings.slice(0, 1).map(({ meter }) => meter), numbers };
}

export function unpackReadings({ meters: [meter], numbers }: Packed): Reading[] {
  if (meter === undefined) return [];
  return Array.from({ length: numbers.length / readingWidth }, (_, index) => {
    const at = index * readingWidth;
    const number = (place: number): number => numbers[at + place] as number;
    return {
      meter,
      sequence: number(0),
      boot: number(1),
      at: epochMs(number(2)),
      timeSource: number(3) === 1 ? 'meter' : 'receipt',
      importMwh: milliWattHours(number(4)),
      exportMwh: milliWattHours(number(5)),
      generationMwh: milliWattHours(number(6)),
      powerMw: number(7),
      voltageMv: number(8),
      flags: number(9),
    };
  });
}

export function packRollups(rollups: readonly Rollup[]): Packed {
  const meters = [...new Set(rollups.map(({ meter }) => meter))];
  const places = new Map(meters.map((meter, place) => [meter, place]));
  const numbers = new Float64Array(rollups.length * rollupWidth);
  for (const [index, rollup] of rollups.entries()) {
    numbers.set(
      [
        ...[places.get(rollup.meter) ?? 0, rollup.start, rollup.count],
        ...[rollup.firstImportMwh, rollup.lastImportMwh],
        ...[rollup.firstExportMwh, rollup.lastExportMwh],
        ...[rollup.firstGenerationMwh, rollup.lastGenerationMwh],
        ...[rollup.powerSumMw, rollup.powerLeastMw, rollup.powerMostMw],
      ],
      index * rollupWidth,
    );
  }
  return { meters, numbers };
}

export function unpackRollups({ meters, numbers }: Packed): Rollup[] {
  return Array.from({ length: numbers.length / rollupWidth }, (_, index) => {
    const at = index * rollupWidth;
    const number = (place: number): number => numbers[at + place] as number;
    return {
      meter: meters[number(0)] as MeterId,
      start: epochMs(number(1)),
      count: number(2),
      firstImportMwh: milliWattHours(number(3)),
      lastImportMwh: milliWattHours(number(4)),
      firstExportMwh: milliWattHours(number(5)),
      lastExportMwh: milliWattHours(number(6)),
      firstGenerationMwh: milliWattHours(number(7)),
      lastGenerationMwh: milliWattHours(number(8)),
      powerSumMw: number(9),
      powerLeastMw: number(10),
      powerMostMw: number(11),
    };
  });
}
