/** Deletes what is older than its retention, and gives space back, a little at each tick. */
import { rollupWidths } from '../../core/rollup.ts';
import { dayMs } from '../../core/slot.ts';
import type { RetentionDays } from './messages.ts';
import type { ReadingsDatabase } from './open-database.ts';
import { numberFrom } from './open-database.ts';
import type { Shelf } from './shelf.ts';

/** Buckets of roll-ups, chunks and boundaries that go at one tick. */
const rowsAtOnce = 500;
/** Places of the ring that are kept though they are free: an hour of readings fits in again without growing. */
const ringKept = 65_536;
/** Free pages beyond this share of the file are given back, so many at a tick. */
const freeShareMax = 0.25;
const pagesAtOnce = 2_000;
/** Lives that are known again when something old is sent once more. */
const livesKept = 100_000;
/** Registers at the start of slots, for as long as late slots may be looked at. */
const boundaryDays = 400;

/** What is too old by `now`; true when there was anything, so that there may be more. */
export function forgetOld(
  { db, begin, commit }: ReadingsDatabase,
  shelf: Shelf,
  keep: RetentionDays,
  now: number,
): boolean {
  const before = (days: number): number => now - days * dayMs;
  begin();
  let deleted = 0;
  const run = (sql: string, limit: number): void => {
    deleted += Number(db.prepare(sql).run(limit).changes);
  };
  run(
    `DELETE FROM chunk WHERE (seal, meter) IN (SELECT seal, meter FROM chunk WHERE seal <=
     coalesce((SELECT min(id) - 1 FROM seal WHERE last_at >= ?), (SELECT max(id) FROM seal))
     LIMIT ${rowsAtOnce})`,
    before(keep.raw),
  );
  // Chunks say themselves under which boot they were measured.
  run(
    `DELETE FROM life WHERE id IN (SELECT id FROM life WHERE id < (SELECT max(id) FROM life) - ?
     AND id NOT IN (SELECT DISTINCT life FROM ring) LIMIT ${rowsAtOnce})`,
    livesKept,
  );
  // The last seal's number is needed for ever: it says which rows of the ring are free.
  run(
    'DELETE FROM seal WHERE last_at < ? AND id < (SELECT min(seal) FROM chunk)',
    before(keep.raw),
  );
  run(
    `DELETE FROM minute WHERE (bucket, meter) IN
     (SELECT bucket, meter FROM minute WHERE bucket < ? LIMIT ${rowsAtOnce})`,
    Math.floor(before(keep.minute) / rollupWidths.minute),
  );
  run(
    `DELETE FROM quarter WHERE (bucket, meter) IN
     (SELECT bucket, meter FROM quarter WHERE bucket < ? LIMIT ${rowsAtOnce})`,
    Math.floor(before(keep.quarter) / rollupWidths.quarter),
  );
  run(
    `DELETE FROM boundary WHERE (slot, meter) IN
     (SELECT slot, meter FROM boundary WHERE slot < ? LIMIT ${rowsAtOnce})`,
    Math.floor(before(boundaryDays) / rollupWidths.quarter),
  );
  const shrunk = shelf.ring.shrink(ringKept);
  commit();
  return deleted > 0 || shrunk;
}

/** Hands free pages at the end of the file back to the file system. */
export function giveSpaceBack({ db }: ReadingsDatabase): boolean {
  const free = numberFrom(db, 'PRAGMA freelist_count');
  const pages = numberFrom(db, 'PRAGMA page_count');
  if (free < pagesAtOnce || free < pages * freeShareMax) return false;
  db.exec(`PRAGMA incremental_vacuum(${pagesAtOnce})`);
  return true;
}
