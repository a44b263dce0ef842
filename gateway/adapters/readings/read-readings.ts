/** One look at readings for everybody: sealed chunks and the ring alike, and roll-ups with what is still in memory. */
import type { DatabaseSync } from 'node:sqlite';
import type { MeterId } from '../../core/ids.ts';
import type { Reading } from '../../core/reading.ts';
import { joined, type Rollup, type RollupWidth } from '../../core/rollup.ts';
import { type EpochMs, epochMs, milliWattHours } from '../../core/units.ts';
import { type ChunkRow, openBody } from './chunk-format.ts';
import { columnNames, columns, readingOf, unpackRow } from './hot-row.ts';
import { RollupRows } from './rollup-rows.ts';
import type { Shelf } from './shelf.ts';

/** Answered at most, whatever was asked for. */
const readingsMax = 100_000;

/** Without the bodies, so that ordering them is cheap. */
const chunksSql = `
  SELECT chunk.seal, chunk.first_at AS firstAt
  FROM seal CROSS JOIN chunk ON chunk.seal = seal.id AND chunk.meter = ?
  WHERE seal.last_at >= ?2 AND seal.first_at < ?3 AND chunk.last_at >= ?2 AND chunk.first_at < ?3
  ORDER BY chunk.first_at`;

const freshSql = `
  SELECT ${columnNames} FROM ring
  WHERE seal > ? AND life IN (SELECT id FROM life WHERE meter = ?) AND at_s BETWEEN ? AND ?`;

export class ReadReadings {
  readonly #shelf: Shelf;
  readonly #rollups: RollupRows;
  readonly #chunks;
  readonly #body;
  readonly #fresh;

  constructor(db: DatabaseSync, shelf: Shelf) {
    this.#shelf = shelf;
    this.#rollups = new RollupRows(db);
    this.#chunks = db.prepare(chunksSql);
    this.#body = db.prepare('SELECT body, hash FROM chunk WHERE seal = ? AND meter = ?');
    this.#fresh = db.prepare(freshSql);
    this.#fresh.setReturnArrays(true);
  }

  /** Readings of one meter with from <= at < to, by time, then by sequence. */
  between(name: MeterId, from: EpochMs, to: EpochMs, limit: number): Reading[] {
    const meter = this.#shelf.named(name);
    if (meter === undefined) return [];
    const most = Math.max(0, Math.min(limit, readingsMax));
    const found: Reading[] = [];
    let latestAt = 0;
    const take = (reading: Reading): void => {
      if (reading.at < from || reading.at >= to) return;
      latestAt = Math.max(latestAt, reading.at);
      found.push(reading);
    };
    const chunks = this.#chunks.all(meter.id, from, to) as unknown as ChunkKey[];
    for (const { seal, firstAt } of chunks) {
      if (found.length >= most && firstAt > latestAt) break;
      const sealed = this.#body.get(seal, meter.id) as unknown as SealedBody;
      for (const row of openBody(sealed)) take(readingFrom(name, row));
    }
    const [fromS, toS] = [Math.floor(from / 1000), Math.floor(to / 1000)];
    const rows = this.#fresh.all(this.#shelf.finished, meter.id, fromS, toS);
    for (const row of rows as unknown as number[][]) {
      const life = this.#shelf.lives.byId(row[columns.life] as number);
      take(readingOf(name, life.boot, unpackRow(row, life)));
    }
    found.sort((a, b) => a.at - b.at || a.sequence - b.sequence);
    return found.slice(0, most);
  }

  /** Ordered by time, then by meter as they came to be known; a bucket that is not over holds what has come so far. */
  rollups(
    width: RollupWidth,
    name: MeterId | undefined,
    from: EpochMs,
    to: EpochMs,
    limit: number,
  ): Rollup[] {
    const most = Math.max(0, Math.min(limit, readingsMax));
    const buckets = new Map<string, Rollup>();
    const add = (rollup: Rollup): void => {
      const key = `${rollup.start} ${rollup.meter}`;
      const known = buckets.get(key);
      buckets.set(key, known === undefined ? rollup : joined(known, rollup));
    };
    const meter = name === undefined ? undefined : this.#shelf.named(name);
    if (name !== undefined && meter === undefined) return [];
    for (const rollup of this.#rollups.read(width, meter?.id, from, to, most)) add(rollup);
    for (const rollup of this.#unsealed(width, name)) {
      if (rollup.start >= from && rollup.start < to) add(rollup);
    }
    const idOf = (rollup: Rollup): number => this.#shelf.named(rollup.meter)?.id ?? 0;
    const ordered = [...buckets.values()].sort((a, b) => a.start - b.start || idOf(a) - idOf(b));
    return ordered.slice(0, most);
  }

  *#unsealed(width: RollupWidth, name: MeterId | undefined): Generator<Rollup> {
    for (const meters of this.#shelf.minutes.values()) {
      for (const [id, minutes] of meters) {
        const meter = this.#shelf.withId(id).name;
        if (name === undefined || meter === name) yield* minutes.rollups(width, meter);
      }
    }
  }
}

type ChunkKey = { readonly seal: number; readonly firstAt: number };
type SealedBody = { readonly body: Uint8Array; readonly hash: Uint8Array };

/** A row of a chunk as a reading. */
export function readingFrom(meter: MeterId, row: ChunkRow): Reading {
  const [sequence = 0, at = 0, boot = 0, imported = 0, exported = 0, generated = 0] = row;
  const [powerMw = 0, voltageMv = 0, , , , byReceipt = 0, flags = 0] = row.slice(6);
  return {
    ...{ meter, sequence, boot, powerMw, voltageMv, flags },
    at: epochMs(at),
    timeSource: byReceipt === 1 ? 'receipt' : 'meter',
    importMwh: milliWattHours(imported),
    exportMwh: milliWattHours(exported),
    generationMwh: milliWattHours(generated),
  };
}
