/** One look at readings for everybody: sealed chunks and the ring alike, and roll-ups with what is still in memory. */
import type { DatabaseSync } from 'node:sqlite';
import type { MeterId } from '../../core/ids.ts';
import { joined, type Rollup, type RollupWidth } from '../../core/rollup.ts';
import type { EpochMs } from '../../core/units.ts';
import { type Packed, packRollups, packRows } from './answers.ts';
import { type ChunkRow, chunkRowOf, openBody } from './chunk-format.ts';
import { columnNames, columns, unpackRow } from './hot-row.ts';
import { type RollupRow, RollupRows, rollupAt, rowOf } from './rollup-rows.ts';
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
  between(name: MeterId, from: EpochMs, to: EpochMs, limit: number): Packed {
    const meter = this.#shelf.named(name);
    if (meter === undefined) return packRows(name, []);
    const most = Math.max(0, Math.min(limit, readingsMax));
    const found: ChunkRow[] = [];
    let [latestAt, isOrdered] = [0, true];
    const take = (row: ChunkRow): void => {
      const at = row[1] as number;
      if (at < from || at >= to) return;
      if (at <= latestAt) isOrdered = false;
      else latestAt = at;
      found.push(row);
    };
    const chunks = this.#chunks.all(meter.id, from, to) as unknown as ChunkKey[];
    for (const { seal, firstAt } of chunks) {
      if (found.length >= most && firstAt > latestAt) break;
      openBody(this.#body.get(seal, meter.id) as unknown as SealedBody).forEach(take);
    }
    const [fromS, toS] = [Math.floor(from / 1000), Math.floor(to / 1000)];
    const fresh = this.#fresh.all(this.#shelf.finished, meter.id, fromS, toS);
    for (const row of fresh as unknown as number[][]) {
      const life = this.#shelf.lives.byId(row[columns.life] as number);
      take(chunkRowOf(unpackRow(row, life), life.boot));
    }
    if (!isOrdered) found.sort(byTime);
    return packRows(name, found.slice(0, most));
  }

  /** Ordered by time, then by meter as they came to be known; a bucket that is not over holds what has come so far. */
  rollups(
    width: RollupWidth,
    name: MeterId | undefined,
    from: EpochMs,
    to: EpochMs,
    limit: number,
  ): Packed {
    const nameOf = (id: number): MeterId => this.#shelf.withId(id).name;
    const meter = name === undefined ? undefined : this.#shelf.named(name);
    if (name !== undefined && meter === undefined) return packRollups([], nameOf);
    const most = Math.max(0, Math.min(limit, readingsMax));
    const sealed = this.#rollups.read(width, meter?.id, from, to, most);
    const fresh = this.#unsealed(width, meter?.id, from, to);
    return packRollups(merged(width, sealed, fresh).slice(0, most), nameOf);
  }

  /** Of the seals that are not finished, by bucket and meter. */
  #unsealed(
    width: RollupWidth,
    only: number | undefined,
    from: EpochMs,
    to: EpochMs,
  ): Map<number, RollupRow> {
    const found = new Map<number, RollupRow>();
    for (const { meter, rollup } of this.#open(width, only)) {
      if (rollup.start >= from && rollup.start < to) join(found, width, meter, rollup);
    }
    return found;
  }

  *#open(width: RollupWidth, only: number | undefined) {
    for (const meters of this.#shelf.minutes.values()) {
      for (const [meter, minutes] of meters) {
        if (only !== undefined && meter !== only) continue;
        const { name } = this.#shelf.withId(meter);
        for (const rollup of minutes.rollups(width, name)) yield { meter, rollup };
      }
    }
  }
}

const byTime = (a: ChunkRow, b: ChunkRow): number =>
  (a[1] as number) - (b[1] as number) || (a[0] as number) - (b[0] as number);

/** Exact for a million meters. */
const keyOf = ([bucket = 0, meter = 0]: RollupRow): number => bucket * 2 ** 20 + meter;

function join(
  found: Map<number, RollupRow>,
  width: RollupWidth,
  meter: number,
  rollup: Rollup,
): void {
  const row = rowOf(width, meter, rollup);
  const known = found.get(keyOf(row));
  const both = known && joined(rollupAt(known, 0, width, rollup.meter), rollup);
  found.set(keyOf(row), both === undefined ? row : rowOf(width, meter, both));
}

/** Sealed rows in their order, each with what is fresh of its bucket, and the fresh buckets that have no row yet. */
function merged(
  width: RollupWidth,
  sealed: readonly RollupRow[],
  fresh: Map<number, RollupRow>,
): readonly RollupRow[] {
  if (fresh.size === 0) return sealed;
  const nobody = '' as MeterId;
  const all = sealed.map((row) => {
    const more = fresh.get(keyOf(row));
    if (more === undefined) return row;
    fresh.delete(keyOf(row));
    const both = joined(rollupAt(row, 0, width, nobody), rollupAt(more, 0, width, nobody));
    return rowOf(width, row[1] as number, both);
  });
  all.push(...fresh.values());
  return all.sort(
    (a, b) => (a[0] as number) - (b[0] as number) || (a[1] as number) - (b[1] as number),
  );
}

type ChunkKey = { readonly seal: number; readonly firstAt: number };
type SealedBody = { readonly body: Uint8Array; readonly hash: Uint8Array };
