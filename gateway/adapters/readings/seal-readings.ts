/** Moves a closed seal's readings from the ring into one compressed chunk per meter, in steps of a few milliseconds. */
import { type RollupWidth, rollupWidths } from '../../core/rollup.ts';
import { type ChunkRow, chunkRowOf, sealBody } from './chunk-format.ts';
import { columns, unpackRow } from './hot-row.ts';
import { numberFrom, type ReadingsDatabase } from './open-database.ts';
import { RollupRows } from './rollup-rows.ts';
import type { Shelf } from './shelf.ts';

/** A transaction with chunks of so many readings is long enough: batches wait for it. */
const readingsAtOnce = 5_000;
/** Meters whose memory is written in one transaction. */
const statesAtOnce = 100;
const widths = Object.keys(rollupWidths) as readonly RollupWidth[];

/** Places in the ring by meter: a seal's readings themselves are never in memory all at once, because the hub has little. */
type Gathered = Map<number, number[]>;

/**
 * Yields between steps, so that batches of readings come first. Nothing that it wrote counts before its last
 * transaction, which makes chunks and roll-ups visible and the ring's rows free at once; a power cut before
 * that leaves chunks that the next start removes.
 */
export function* sealReadings(
  database: ReadingsDatabase,
  shelf: Shelf,
  seal: number,
): Generator<void, void> {
  const gathered: Gathered = new Map();
  for (const rows of shelf.ring.livesOf(seal)) {
    for (const [place, life] of rows) gather(shelf, gathered, place, life);
    yield;
  }
  let [firstAt, lastAt, readings] = [Number.POSITIVE_INFINITY, 0, 0];
  for (const part of partsOf(gathered)) {
    database.begin();
    for (const [meter, places] of part) {
      const span = keepChunk(database, seal, meter, rowsAt(shelf, places));
      firstAt = Math.min(firstAt, span.firstAt);
      lastAt = Math.max(lastAt, span.lastAt);
      readings += places.length;
    }
    database.commit();
    yield;
  }
  for (const meters of inSlices([...shelf.meters()], statesAtOnce)) {
    database.begin();
    for (const meter of meters) shelf.saveState(meter);
    database.commit();
    yield;
  }
  finish(database, shelf, seal, { firstAt, lastAt, readings });
}

const inSlices = <T>(all: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, index) =>
    all.slice(index * size, (index + 1) * size),
  );

/** Meters that fit in one transaction; a meter with too many readings is one alone. */
function* partsOf(gathered: Gathered): Generator<[number, number[]][]> {
  let part: [number, number[]][] = [];
  let readings = 0;
  for (const [meter, places] of gathered) {
    if (part.length > 0 && readings + places.length > readingsAtOnce) {
      yield part;
      part = [];
      readings = 0;
    }
    part.push([meter, places]);
    readings += places.length;
  }
  yield part;
}

function gather(shelf: Shelf, gathered: Gathered, place: number, life: number): void {
  const { meter } = shelf.lives.byId(life);
  const places = gathered.get(meter);
  if (places === undefined) gathered.set(meter, [place]);
  else places.push(place);
}

/** In the order of their sequence numbers. */
const rowsAt = (shelf: Shelf, places: readonly number[]): ChunkRow[] =>
  shelf.ring
    .at(places)
    .map((row) => {
      const life = shelf.lives.byId(row[columns.life] as number);
      return chunkRowOf(unpackRow(row, life), life.boot);
    })
    .sort((a, b) => (a[0] as number) - (b[0] as number));

function keepChunk(
  { db }: ReadingsDatabase,
  seal: number,
  meter: number,
  rows: readonly ChunkRow[],
): { firstAt: number; lastAt: number } {
  const { body, hash } = sealBody(rows);
  let [firstAt, lastAt] = [Number.POSITIVE_INFINITY, 0];
  for (const [, at = 0] of rows) {
    firstAt = Math.min(firstAt, at);
    lastAt = Math.max(lastAt, at);
  }
  db.prepare('INSERT OR REPLACE INTO chunk VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)').run(
    ...[seal, meter, rows.length, firstAt, lastAt],
    ...[rows[0]?.[0] ?? 0, rows.at(-1)?.[0] ?? 0, hash, body],
  );
  return { firstAt, lastAt };
}

function finish(
  database: ReadingsDatabase,
  shelf: Shelf,
  seal: number,
  { firstAt, lastAt, readings }: { firstAt: number; lastAt: number; readings: number },
): void {
  const { db } = database;
  const rollups = new RollupRows(db);
  database.begin();
  const kept = numberFrom(db, `SELECT sum(readings) FROM chunk WHERE seal = ${seal}`);
  if (kept !== readings) throw new Error('a seal has lost a chunk');
  for (const width of widths) addRollups(rollups, shelf, seal, width);
  db.prepare('INSERT INTO seal VALUES (?, ?, ?, ?)').run(seal, readings, firstAt, lastAt);
  db.prepare(
    "INSERT INTO counter VALUES ('sealed', ?) ON CONFLICT DO UPDATE SET value = value + excluded.value",
  ).run(readings);
  database.commit();
  shelf.finish(seal, readings);
}

/** In the order of the table's key, so that neighbours on the page are written together. */
function addRollups(rows: RollupRows, shelf: Shelf, seal: number, width: RollupWidth): void {
  const all = [...(shelf.minutes.get(seal) ?? [])].flatMap(([meter, minutes]) =>
    minutes.rollups(width, shelf.withId(meter).name).map((rollup) => ({ meter, rollup })),
  );
  all.sort((a, b) => a.rollup.start - b.rollup.start || a.meter - b.meter);
  for (const { meter, rollup } of all) rows.add(width, meter, rollup);
}
