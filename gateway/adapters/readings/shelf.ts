/** All that the writing thread remembers: meters, the ring's places, and the minutes of every seal that is open. */
import { remembering, rememberingRefused } from '../../core/admit-reading.ts';
import type { MeterId } from '../../core/ids.ts';
import { hourMs } from '../../core/slot.ts';
import { columns, type HotRow, readingOf, unpackRow } from './hot-row.ts';
import { Lives } from './lives.ts';
import { Meter } from './meter.ts';
import { readState, writeState } from './meter-state.ts';
import { MeterMinutes } from './minutes.ts';
import { numberFrom, type ReadingsDatabase } from './open-database.ts';
import { ReadingFields, untold } from './reading-fields.ts';
import { Ring } from './ring.ts';

/** A seal that holds so many readings is closed before its hour is over. */
export const sealReadingsMax = 65_536;

export class Shelf {
  readonly ring: Ring;
  readonly lives: Lives;
  /** The seal that readings go to now; those below it, down to `finished`, wait to be sealed. */
  openSeal = 1;
  finished = 0;
  /** Readings in finished seals. */
  sealedReadings = 0;
  readonly minutes = new Map<number, Map<number, MeterMinutes>>();
  #openHour = 0;
  readonly #database: ReadingsDatabase;
  readonly #byName = new Map<MeterId, Meter>();
  readonly #byId = new Map<number, Meter>();
  readonly #fields = new ReadingFields();
  readonly #insertMeter;
  readonly #saveState;
  readonly #forgetUsed;

  constructor(database: ReadingsDatabase) {
    this.#database = database;
    this.ring = new Ring(database.db);
    this.lives = new Lives(database.db);
    this.#insertMeter = database.db.prepare('INSERT INTO meter (name) VALUES (?)');
    this.#saveState = database.db.prepare(
      'INSERT INTO meter_state VALUES (?, ?) ON CONFLICT DO UPDATE SET state = excluded.state',
    );
    this.#forgetUsed = database.db.prepare('DELETE FROM used_number WHERE meter = ?');
    this.readBack();
  }

  get stored(): number {
    return this.sealedReadings + this.ring.liveRows;
  }

  meters(): IterableIterator<Meter> {
    return this.#byName.values();
  }

  named(name: MeterId): Meter | undefined {
    return this.#byName.get(name);
  }

  withId(id: number): Meter {
    const meter = this.#byId.get(id);
    if (meter === undefined) throw new Error(`no meter has the number ${id}`);
    return meter;
  }

  /** A new meter gets its row, within the transaction under way. */
  meet(name: MeterId): Meter {
    const known = this.#byName.get(name);
    if (known !== undefined) return known;
    const id = Number(this.#insertMeter.run(name).lastInsertRowid);
    return this.#know(new Meter(id, name));
  }

  /** Readings go to another seal when the hour is over or the seal is full. */
  turnTo(now: number): void {
    const hour = Math.floor(now / hourMs);
    const rows = this.ring.rowsOf(this.openSeal);
    if (rows > 0 && (hour > this.#openHour || rows >= sealReadingsMax)) this.openSeal += 1;
    // A batch is a little older than the tick before it; only a clock that was put back goes back by hours.
    const isPutBack = hour < this.#openHour - 1;
    this.#openHour = isPutBack ? hour : Math.max(hour, this.#openHour);
  }

  /** Readings go to a seal of their own from now on: its number. */
  beginSeal(): number {
    if (this.ring.rowsOf(this.openSeal) > 0) this.openSeal += 1;
    return this.openSeal;
  }

  /** A seal is on the disk: its places are free, its minutes are in the tables. */
  finish(seal: number, readings: number): void {
    this.finished = seal;
    this.sealedReadings += readings;
    this.ring.release(seal);
    this.minutes.delete(seal);
  }

  /** How many seals are closed and not finished. */
  get sealsDue(): number {
    return this.openSeal - this.finished - 1;
  }

  /** The oldest of them. */
  dueSeal(): number | undefined {
    const next = this.finished + 1;
    return next < this.openSeal ? next : undefined;
  }

  minutesOf(seal: number, meter: number): MeterMinutes {
    let meters = this.minutes.get(seal);
    if (meters === undefined) {
      meters = new Map();
      this.minutes.set(seal, meters);
    }
    let minutes = meters.get(meter);
    if (minutes === undefined) {
      minutes = new MeterMinutes();
      meters.set(meter, minutes);
    }
    return minutes;
  }

  /** Memory as the disk has it: at a start, and after a transaction that came to nothing. */
  readBack(): void {
    const { db } = this.#database;
    this.#byName.clear();
    this.#byId.clear();
    this.minutes.clear();
    this.lives.forget();
    this.finished = numberFrom(db, 'SELECT coalesce(max(id), 0) FROM seal');
    this.sealedReadings = numberFrom(
      db,
      "SELECT coalesce((SELECT value FROM counter WHERE name = 'sealed'), 0)",
    );
    this.openSeal = this.finished + 1;
    this.#readMeters();
    let latestAt = 0;
    this.ring.readBack(this.finished, (row) => {
      this.openSeal = Math.max(this.openSeal, row[columns.seal] as number);
      latestAt = Math.max(latestAt, row[columns.atS] as number);
      this.#rememberRow(row);
    });
    this.#openHour = Math.floor((latestAt * 1000) / hourMs);
    this.#rememberRefused();
  }

  /** Within a transaction: what a start needs to know of a meter's readings that are sealed. */
  saveState(meter: Meter): void {
    const latest = meter.hasLast ? meter.latest() : undefined;
    this.#saveState.run(meter.id, writeState({ memory: meter.memory(), latest }));
    this.#forgetUsed.run(meter.id);
  }

  #know(meter: Meter): Meter {
    this.#byName.set(meter.name, meter);
    this.#byId.set(meter.id, meter);
    return meter;
  }

  #readMeters(): void {
    const rows = this.#database.db
      .prepare('SELECT id, name, state FROM meter LEFT JOIN meter_state ON meter = id')
      .all() as { id: number; name: MeterId; state: string | null }[];
    for (const { id, name, state } of rows) {
      const meter = this.#know(new Meter(id, name));
      if (state === null) continue;
      const { memory, latest } = readState(name, state);
      meter.adopt(memory, latest, untold);
      if (latest !== undefined) meter.life = this.lives.of(id, latest.boot, 0);
    }
  }

  #rememberRow(row: HotRow): void {
    const life = this.lives.byId(row[columns.life] as number);
    const meter = this.withId(life.meter);
    const hot = unpackRow(row, life);
    const reading = readingOf(meter.name, life.boot, hot);
    const { importMwh, exportMwh, generationMwh, powerMw, uptimeSeconds } = hot;
    const uptime = uptimeSeconds === untold ? undefined : uptimeSeconds;
    const { last } = meter;
    const isNext = meter.mayBePlain && hot.sequence === last.sequence + 1 && life === meter.life;
    if (isNext && last.byMeter && hot.byMeter && hot.at > last.at)
      meter.passTo(hot, hot.at, generationMwh);
    else meter.adopt(remembering(meter.memory(), reading, uptime), reading, uptimeSeconds);
    if (last.sequence === reading.sequence) meter.life = life;
    meter.recent.remember(
      Object.assign(this.#fields, hot, { boot: life.boot }),
      generationMwh,
      untold,
    );
    this.minutesOf(row[columns.seal] as number, life.meter).add(
      ...([hot.at, importMwh, exportMwh, generationMwh, powerMw] as const),
    );
  }

  #rememberRefused(): void {
    const rows = this.#database.db.prepare('SELECT meter, sequence FROM used_number').all() as {
      meter: number;
      sequence: number;
    }[];
    for (const { meter: id, sequence } of rows) {
      const meter = this.withId(id);
      meter.adopt(rememberingRefused(meter.memory(), sequence), undefined, untold);
    }
  }
}
