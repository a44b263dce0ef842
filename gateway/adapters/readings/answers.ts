/** Answers between the threads: numbers in one buffer that is handed over, so that the event loop copies little. */
import type { MeterId } from '../../core/ids.ts';
import type { Reading } from '../../core/reading.ts';
import type { Rollup, RollupWidth } from '../../core/rollup.ts';
import { type ChunkRow, chunkColumns, readingAt } from './chunk-format.ts';
import { type RollupRow, rollupAt } from './rollup-rows.ts';

export type Packed = {
  readonly meters: readonly MeterId[];
  readonly numbers: Float64Array<ArrayBuffer>;
};

const rollupWidth = 12;

/** Rows of chunks, all of one meter. */
export function packRows(meter: MeterId, rows: readonly ChunkRow[]): Packed {
  const width = chunkColumns.length;
  const numbers = new Float64Array(rows.length * width);
  let at = 0;
  for (const row of rows) {
    for (let place = 0; place < width; place++) numbers[at + place] = row[place] as number;
    at += width;
  }
  return { meters: [meter], numbers };
}

export function unpackReadings({ meters: [meter], numbers }: Packed): Reading[] {
  if (meter === undefined) return [];
  const width = chunkColumns.length;
  return Array.from({ length: numbers.length / width }, (_, index) =>
    readingAt(numbers, index * width, meter),
  );
}

export function packRollups(
  rows: readonly RollupRow[],
  nameOf: (meter: number) => MeterId,
): Packed {
  const places = new Map<number, number>();
  const numbers = new Float64Array(rows.length * rollupWidth);
  let at = 0;
  for (const row of rows) {
    const meter = row[1] as number;
    let place = places.get(meter);
    if (place === undefined) {
      place = places.size;
      places.set(meter, place);
    }
    for (let column = 0; column < rollupWidth; column++)
      numbers[at + column] = row[column] as number;
    numbers[at + 1] = place;
    at += rollupWidth;
  }
  return { meters: [...places.keys()].map(nameOf), numbers };
}

export function unpackRollups({ meters, numbers }: Packed, width: RollupWidth): Rollup[] {
  return Array.from({ length: numbers.length / rollupWidth }, (_, index) => {
    const at = index * rollupWidth;
    return rollupAt(numbers, at, width, meters[numbers[at + 1] as number] as MeterId);
  });
}
