/** Compares what the meters believe to be safe with what is on the disk. */
import { DatabaseSync } from 'node:sqlite';
import { numberFrom } from '../../gateway/adapters/readings/open-database.ts';
import { openReadings } from '../../gateway/adapters/readings/open-readings.ts';
import { storedReadings } from '../../gateway/adapters/readings/stored-readings.ts';
import type { Reading } from '../../gateway/core/reading.ts';
import { joined, type Rollup, type RollupWidth, rollupOf } from '../../gateway/core/rollup.ts';
import { dayMs } from '../../gateway/core/slot.ts';
import { epochMs } from '../../gateway/core/units.ts';
import type { MeterBook } from './meter-book.ts';

export type Audit = {
  readonly stored: number;
  readonly acknowledged: number;
  /** Acknowledged, but not on the disk. */
  readonly missing: number;
  readonly twice: number;
  /** On the disk, but no meter sent it, or not with this content. */
  readonly neverSent: number;
  /** Set aside though every payload was a good one. */
  readonly quarantined: number;
  /** What else is wrong, in words. */
  readonly complaints: readonly string[];
};

/** What an audit found wrong, in words. */
export function wrongIn({ missing, twice, neverSent, quarantined, complaints }: Audit): string[] {
  const counts = { missing, twice, 'never sent': neverSent, quarantined };
  return [
    ...Object.entries(counts)
      .filter(([, count]) => count > 0)
      .map(([what, count]) => `${count} ${what}`),
    ...complaints,
  ];
}

/** As of one moment; the hub may run. */
export function audit(file: string, books: readonly MeterBook[]): Audit {
  const seenOf = new Map(books.map((book) => [book.name, new Uint8Array(book.end)]));
  const { found, quarantined, complaints } = lookAt(file, books, seenOf);
  let [acknowledged, missing] = [0, 0];
  for (const book of books) {
    const seen = seenOf.get(book.name);
    for (let s = 1; s < book.end; s++) {
      if (!book.isAcknowledged(s)) continue;
      acknowledged += 1;
      if (seen?.[s] === 0) missing += 1;
    }
  }
  return { ...found, acknowledged, missing, quarantined, complaints };
}

const nothing = { stored: 0, twice: 0, neverSent: 0 };

/** A file that cannot be read holds nothing. */
function lookAt(
  file: string,
  books: readonly MeterBook[],
  seenOf: ReadonlyMap<string, Uint8Array>,
) {
  try {
    const { strangers, ...found } = lookThrough(file, books, seenOf);
    const { quarantined, wrong } = inspect(file);
    return { found, quarantined, complaints: [...strangers, ...wrong] };
  } catch (error) {
    for (const seen of seenOf.values()) seen.fill(0);
    const why = error instanceof Error ? error.message : String(error);
    return { found: nothing, quarantined: 0, complaints: [`the file cannot be read: ${why}`] };
  }
}

const strangersShown = 3;

/** Marks in `seenOf` what is stored. */
function lookThrough(
  file: string,
  books: readonly MeterBook[],
  seenOf: ReadonlyMap<string, Uint8Array>,
) {
  const byName = new Map(books.map((book) => [book.name, book]));
  const strangers: string[] = [];
  let [stored, twice, neverSent] = [0, 0, 0];
  for (const reading of storedReadings(file)) {
    stored += 1;
    const book = byName.get(reading.meter);
    const seen = seenOf.get(reading.meter);
    if (book === undefined || seen === undefined || !isAsSent(book, reading)) {
      neverSent += 1;
      if (neverSent <= strangersShown) strangers.push(`never sent: ${JSON.stringify(reading)}`);
      continue;
    }
    if (seen[reading.sequence] === 1) twice += 1;
    seen[reading.sequence] = 1;
  }
  return { stored, twice, neverSent, strangers };
}

function isAsSent(book: MeterBook, reading: Reading): boolean {
  const { sequence: s } = reading;
  if (!book.wasSent(s)) return false;
  const { at, ...told } = book.content(s);
  for (const name of Object.keys(told) as (keyof typeof told)[])
    if (reading[name] !== told[name]) return false;
  return at === undefined ? reading.timeSource === 'receipt' : reading.at === at;
}

/** The file by itself: whole, and every table tells the same number of sealed readings. */
function inspect(file: string): { quarantined: number; wrong: string[] } {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    db.exec('BEGIN');
    const wrong: string[] = [];
    const [health] = Object.values(db.prepare('PRAGMA quick_check').get() ?? {});
    if (health !== 'ok') wrong.push(`quick_check: ${health}`);
    const sealed = numberFrom(db, "SELECT total(value) FROM counter WHERE name = 'sealed'");
    for (const [table, isCounted] of [
      ['seal', ''],
      ['chunk', 'WHERE seal <= (SELECT coalesce(max(id), 0) FROM seal)'],
      ...['minute', 'quarter', 'hour', 'day'].map((width) => [width, '']),
    ]) {
      const told = numberFrom(db, `SELECT total(readings) FROM ${table} ${isCounted}`);
      if (told !== sealed) wrong.push(`${table} tells ${told} readings, ${sealed} are sealed`);
    }
    return { quarantined: numberFrom(db, 'SELECT count(*) FROM quarantine'), wrong };
  } finally {
    db.close();
  }
}

/**
 * Starts on the file as a hub would, while no hub runs, and compares what it then knows with what the readings
 * themselves say: each meter's last registers, and its hours and days. Answers what differs, in words.
 */
export async function rebuilds(file: string, books: readonly MeterBook[]): Promise<string[]> {
  const { last, rollups } = recomputed(file);
  const wrong: string[] = [];
  await using readings = await openReadings({
    ...{ file, commitMs: 1, pendingMax: 1, now: () => epochMs(0) },
    retentionDays: { raw: 1e5, minute: 1e5, quarter: 1e5 },
    onFatal: ({ message }) => void wrong.push(message),
  });
  for (const { name } of books) {
    const [known, told] = [readings.latest().get(name), last.get(name)].map(inOrder);
    if (known !== told) wrong.push(`the last reading of ${name} is ${told}, not ${known}`);
    for (const width of comparedWidths) {
      const found = await readings.rollups(width, name, epochMs(0), farFuture, rollupsMax);
      wrong.push(...differences(width, name, found, rollups[width]));
    }
  }
  return wrong;
}

const comparedWidths = ['hour', 'day'] as const;

function recomputed(file: string) {
  const last = new Map<string, Reading>();
  const rollups = { hour: new Map<string, Rollup>(), day: new Map<string, Rollup>() };
  for (const reading of storedReadings(file)) {
    const known = last.get(reading.meter);
    if (known === undefined || known.sequence < reading.sequence) last.set(reading.meter, reading);
    for (const width of comparedWidths) {
      const rollup = rollupOf(width, reading);
      const before = rollups[width].get(keyOf(rollup));
      rollups[width].set(keyOf(rollup), before === undefined ? rollup : joined(before, rollup));
    }
  }
  return { last, rollups };
}

const farFuture = epochMs(100_000 * dayMs);
const rollupsMax = 100_000;
const keyOf = ({ meter, start }: Rollup): string => `${meter} ${start}`;

function differences(
  width: RollupWidth,
  meter: string,
  found: readonly Rollup[],
  wanted: ReadonlyMap<string, Rollup>,
): string[] {
  const wrong = found.filter((rollup) => {
    const told = wanted.get(keyOf(rollup));
    return told === undefined || inOrder(told) !== inOrder(rollup);
  });
  const missing =
    [...wanted.keys()].filter((key) => key.startsWith(`${meter} `)).length - found.length;
  return [
    ...(wrong.length > 0 ? [`${wrong.length} ${width} roll-ups of ${meter} are wrong`] : []),
    ...(missing === 0 ? [] : [`${missing} ${width} roll-ups of ${meter} are missing`]),
  ];
}

/** The same text for the same content. */
const inOrder = (content: object | undefined): string =>
  JSON.stringify(Object.entries(content ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)));
