/**
 * Readings that arrive while nobody knows the hub's time: they are kept, dated by a time that may be wrong, and dated
 * anew once the time is known. They stand in seals of their own, and nothing is sealed meanwhile.
 */
import type { DatabaseSync } from 'node:sqlite';
import { registersBetween } from '../../core/boundary.ts';
import type { MeterId } from '../../core/ids.ts';
import type { Reading } from '../../core/reading.ts';
import { slotAt } from '../../core/slot.ts';
import { columnCount, columnNames, columns, readingOf, unpackRow } from './hot-row.ts';
import { readState } from './meter-state.ts';
import { numberFrom, type ReadingsDatabase } from './open-database.ts';
import type { Shelf } from './shelf.ts';

/** A time, told as neighbourhood time less machine time within one start of the machine. */
export type HubTime = { readonly boot: string; readonly offsetMs: number };

/** Times that differ by less are one time. */
const sameMs = 1_000;
/** Readings of one life of a meter say when it began; by so much they differ because some were longer under way. */
const latencyMaxS = 120;
/** More seals than this are not held back: two million readings in the ring are enough. */
const sealsHeldMax = 32;

type Row = {
  readonly seal: number;
  readonly life: number;
  readonly boot: string;
  readonly offsetMs: number;
};

export class Doubt {
  readonly #database: ReadingsDatabase;
  readonly #shelf: Shelf;
  #row: Row | undefined;

  constructor(database: ReadingsDatabase, shelf: Shelf) {
    this.#database = database;
    this.#shelf = shelf;
    this.goOn();
  }

  #read(): Row | undefined {
    const sql = 'SELECT seal, life, boot, offset_ms AS offsetMs FROM doubt';
    return this.#database.db.prepare(sql).get() as Row | undefined;
  }

  /** Whether sealing must wait for the time: a seal is final, and so is what it says of meters. */
  get holdsSeals(): boolean {
    return this.#row !== undefined && this.#shelf.sealsDue < sealsHeldMax;
  }

  /** After memory was read back: readings in doubt still go to seals of their own. */
  goOn(): void {
    this.#row = this.#read();
    if (this.#row !== undefined)
      this.#shelf.openSeal = Math.max(this.#shelf.openSeal, this.#row.seal);
  }

  /** From now on readings are dated by a time that nobody confirms. As `believe`. */
  begin(time: HubTime): number {
    const known = this.#row;
    if (known?.boot === time.boot && Math.abs(known.offsetMs - time.offsetMs) < sameMs) return 0;
    // Its earlier doubt, or that of another start, ends with what this one knows.
    const moved = this.believe(time);
    const seal = this.#shelf.beginSeal();
    const offsetMs = Math.round(time.offsetMs);
    const life = numberFrom(this.#database.db, 'SELECT coalesce(max(id), 0) FROM life');
    this.#database.begin();
    this.#database.db
      .prepare('INSERT INTO doubt VALUES (1, ?, ?, ?, ?)')
      .run(seal, life, time.boot, offsetMs);
    this.#database.commit();
    this.#row = { seal, life, boot: time.boot, offsetMs };
    return moved;
  }

  /**
   * The time is known. Readings of this start of the machine that the hub's own clock dated move to when they really
   * arrived; those of an earlier start stay where they are, because nobody knows by how much that one was wrong.
   * Answers how many moved. Throws when the disk refuses, and memory is to be read back.
   */
  believe(time: HubTime): number {
    const doubt = this.#row;
    if (doubt === undefined) return 0;
    const byS = doubt.boot === time.boot ? Math.round((time.offsetMs - doubt.offsetMs) / 1_000) : 0;
    this.#database.begin();
    const moved = byS === 0 ? 0 : this.#move(doubt, byS);
    this.#database.db.exec('DELETE FROM doubt');
    this.#database.commit();
    this.#row = undefined;
    if (moved > 0) this.#shelf.readBack();
    return moved;
  }

  /**
   * An uptime is `at_s - drift - started_s`, and stays what the meter told. A meter that ran on while the hub had no
   * power was dated by the time at which it had started, which was right.
   */
  #move({ seal, life }: Row, byS: number): number {
    const { db } = this.#database;
    const fromSeal = Math.max(seal, this.#shelf.finished + 1);
    const { changes } = db
      .prepare(
        `UPDATE ring SET at_s = at_s + :by, drift = iif(marks / 2 % 2 = 1, drift, drift + :by)
         WHERE seal >= :seal AND marks % 2 = 1
         AND NOT (life <= :life AND marks / 2 % 2 = 0 AND abs(drift) <= :latency)`,
      )
      .run({ by: byS, seal: fromSeal, life, latency: latencyMaxS });
    if (changes > 0) drawBoundariesAnew(db, fromSeal, this.#shelf.finished);
    return Number(changes);
  }
}

/** Registers at the starts of slots, for every meter that spoke in doubt, from its last reading before that on. */
function drawBoundariesAnew(db: DatabaseSync, fromSeal: number, finished: number): void {
  const pen = penOf(db);
  let walk: { readonly id: number; before: Reading | undefined; isDrawn: boolean } | undefined;
  for (const { id, reading, isInDoubt } of readingsOf(db, fromSeal, finished)) {
    if (walk?.id !== id) walk = { id, before: latestSealed(db, id, reading.meter), isDrawn: false };
    if (isInDoubt && !walk.isDrawn) pen.eraseAfter(id, walk.before);
    walk.isDrawn ||= isInDoubt;
    if (walk.isDrawn) pen.draw(id, walk.before, reading);
    if (walk.before === undefined || reading.at > walk.before.at) walk.before = reading;
  }
}

function penOf(db: DatabaseSync) {
  const erase = db.prepare('DELETE FROM boundary WHERE meter = ? AND slot > ?');
  const draw = db.prepare(
    `INSERT INTO boundary VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET import_mwh = excluded.import_mwh,
     export_mwh = excluded.export_mwh, generation_mwh = excluded.generation_mwh`,
  );
  return {
    eraseAfter: (id: number, last: Reading | undefined): void =>
      void erase.run(id, last === undefined ? 0 : slotAt(last.at)),
    draw: (id: number, before: Reading | undefined, after: Reading): void => {
      const found = before === undefined ? [] : registersBetween(after.meter, before, after);
      for (const { slot, importMwh, exportMwh, generationMwh } of found)
        draw.run(slot, id, importMwh, exportMwh, generationMwh);
    },
  };
}

type Spoken = { readonly id: number; readonly reading: Reading; readonly isInDoubt: boolean };

/** What is not sealed, meter by meter in the order of sequence. */
function* readingsOf(db: DatabaseSync, fromSeal: number, finished: number): Generator<Spoken> {
  const rows = db.prepare(
    `SELECT ${columnNames}, life.meter, life.boot, life.started_s, meter.name
     FROM ring JOIN life ON life.id = ring.life JOIN meter ON meter.id = life.meter
     WHERE seal > ? ORDER BY life.meter, sequence`,
  );
  rows.setReturnArrays(true);
  for (const row of rows.iterate(finished)) {
    const values = row as unknown as (number | string)[];
    const told = values.slice(columnCount);
    const [id, boot, startedS, name] = told as [number, number, number, MeterId];
    const life = { id: 0, meter: id, boot, startedS };
    const reading = readingOf(name, boot, unpackRow(values as number[], life));
    yield { id, reading, isInDoubt: (values[columns.seal] as number) >= fromSeal };
  }
}

function latestSealed(db: DatabaseSync, id: number, name: MeterId): Reading | undefined {
  const row = db.prepare('SELECT state FROM meter_state WHERE meter = ?').get(id);
  return row === undefined ? undefined : readState(name, String(row['state'])).latest;
}
