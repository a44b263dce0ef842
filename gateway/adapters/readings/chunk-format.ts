/**
 * The body of a chunk: one meter's readings, column by column, each value as the difference to the one before
 * (sequence, time and uptime as the difference of differences), in zigzag varints, deflated.
 * First byte of the inflated body: the version; then the number of readings, then the columns.
 */
import { hash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { MeterId } from '../../core/ids.ts';
import type { Reading } from '../../core/reading.ts';
import type { EpochMs, MilliWattHours } from '../../core/units.ts';
import type { HotReading } from './hot-row.ts';

/** What is kept of a reading, as numbers; `boot` instead of a row of `life`. */
export const chunkColumns = [
  'sequence',
  'at',
  'boot',
  'importMwh',
  'exportMwh',
  'generationMwh',
  'powerMw',
  'voltageMv',
  'frequencyMhz',
  'currentMa',
  'uptimeSeconds',
  'byReceipt',
  'flags',
] as const;
export type ChunkColumn = (typeof chunkColumns)[number];
/** One reading in the order of `chunkColumns`; -1 stands for a value that was not told. */
export type ChunkRow = readonly number[];

const version = 1;
const steady = new Set<ChunkColumn>(['sequence', 'at', 'uptimeSeconds']);
const hashBytes = 16;
/** A number takes at most so many bytes. */
const varintBytesMax = 8;
/** A chunk inflates to at most this; more is not ours. */
const bodyBytesMax = 64 * 2 ** 20;

export type SealedBody = { readonly body: Buffer; readonly hash: Buffer };

/** A fresh reading as a row of a chunk. */
export const chunkRowOf = (hot: HotReading, boot: number): number[] => [
  ...[hot.sequence, hot.at, boot, hot.importMwh, hot.exportMwh, hot.generationMwh],
  ...[hot.powerMw, hot.voltageMv, hot.frequencyMhz, hot.currentMa, hot.uptimeSeconds],
  ...[hot.byMeter ? 0 : 1, hot.flags],
];

/** The reading that stands at `at` of `numbers`, as in a row of a chunk. Our own numbers: they were checked at the door. */
export function readingAt(numbers: ArrayLike<number>, at: number, meter: MeterId): Reading {
  return {
    meter,
    sequence: numbers[at] as number,
    boot: numbers[at + 2] as number,
    at: numbers[at + 1] as EpochMs,
    timeSource: numbers[at + 11] === 1 ? 'receipt' : 'meter',
    importMwh: numbers[at + 3] as MilliWattHours,
    exportMwh: numbers[at + 4] as MilliWattHours,
    generationMwh: numbers[at + 5] as MilliWattHours,
    powerMw: numbers[at + 6] as number,
    voltageMv: numbers[at + 7] as number,
    flags: numbers[at + 12] as number,
  };
}

/** `rows` in the order of their sequence numbers. */
export function sealBody(rows: readonly ChunkRow[]): SealedBody {
  const plain = Buffer.allocUnsafe(1 + varintBytesMax * (1 + rows.length * chunkColumns.length));
  plain[0] = version;
  let end = writeVarint(plain, 1, rows.length);
  for (const [index, column] of chunkColumns.entries()) {
    let [before, step] = [0, 0];
    for (const row of rows) {
      const value = row[index] as number;
      const difference = value - before;
      before = value;
      end = writeVarint(plain, end, zigzag(steady.has(column) ? difference - step : difference));
      step = difference;
    }
  }
  const told = plain.subarray(0, end);
  return { body: deflateRawSync(told), hash: shortHash(told) };
}

/** Throws when the body is not what was sealed: a card that forgets is found out. */
export function openBody({ body, hash: kept }: { body: Uint8Array; hash: Uint8Array }): number[][] {
  const plain = inflateRawSync(body, { maxOutputLength: bodyBytesMax });
  if (!shortHash(plain).equals(kept)) throw new Error('a sealed chunk has changed on the disk');
  if (plain[0] !== version) throw new Error('a sealed chunk is of a newer version');
  const reader = new VarintReader(plain, 1);
  const count = reader.next();
  const rows = Array.from({ length: count }, () => new Array<number>(chunkColumns.length));
  for (const [index, column] of chunkColumns.entries()) {
    let [before, step] = [0, 0];
    for (const row of rows) {
      const told = unzigzag(reader.next());
      step = steady.has(column) ? told + step : told;
      before += step;
      row[index] = before;
    }
  }
  return rows;
}

const shortHash = (bytes: Uint8Array): Buffer =>
  hash('sha256', bytes, 'buffer').subarray(0, hashBytes);

/** Small numbers for small distances to 0, whatever their sign; exact below 2^52. */
const zigzag = (value: number): number => (value >= 0 ? value * 2 : value * -2 - 1);
const unzigzag = (value: number): number => (value % 2 === 0 ? value / 2 : -(value + 1) / 2);

function writeVarint(bytes: Buffer, at: number, value: number): number {
  let [rest, end] = [value, at];
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes[end++] = (rest % 128) | 128;
  bytes[end++] = rest;
  return end;
}

class VarintReader {
  readonly #bytes: Uint8Array;
  #at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  next(): number {
    let [value, unit] = [0, 1];
    for (;;) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw new Error('a sealed chunk ends too early');
      value += (byte & 127) * unit;
      if (byte < 128) return value;
      unit *= 128;
    }
  }
}
