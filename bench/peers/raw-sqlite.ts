/**
 * As fast as SQLite can store: rows of the hub's own table, write-ahead log, synchronous=FULL, one commit per
 * thousand. usage: raw-sqlite.ts better-sqlite3|node:sqlite FILE SECONDS METERS
 */
import { DatabaseSync } from 'node:sqlite';
import Database from 'better-sqlite3';
import { serveBench } from './peer-process.ts';
import { RawTable, rowNumber } from './raw-table.ts';

const rowsPerCommit = 1000;
/** Rows of one INSERT. */
const rowsAtOnce = 20;
/** Rows are made before the clock runs: it is the database that is measured. */
const madeInserts = 500;
const [, , library, file = '', seconds = '1', meters = '500'] = process.argv;

const db = library === 'node:sqlite' ? new DatabaseSync(file) : new Database(file);
db.exec('PRAGMA journal_mode = WAL');
db.exec('PRAGMA synchronous = FULL');
const table = new RawTable(file);
db.exec(table.createSql);
const insert = db.prepare(table.insertSql(rowsAtOnce));
const width = table.columns.length;
const made = Array.from({ length: madeInserts }, (_, index) => {
  const values = new Array<number>(rowsAtOnce * width).fill(0);
  for (let k = 0; k < rowsAtOnce; k++) {
    table.put(values, k * width, rowNumber(index * rowsAtOnce + k, Number(meters)), 0);
  }
  return values;
});

function insertFor(ms: number): { rows: number; seconds: number } {
  const began = performance.now();
  let rows = 0;
  let index = 0;
  while (performance.now() - began < ms) {
    db.exec('BEGIN IMMEDIATE');
    for (const end = rows + rowsPerCommit; rows < end; ) {
      const values = made[index] as number[];
      index = (index + 1) % madeInserts;
      for (let k = 0; k < rowsAtOnce; k++) values[k * width] = ++rows;
      insert.run(...values);
    }
    db.exec('COMMIT');
  }
  return { rows, seconds: (performance.now() - began) / 1000 };
}

serveBench(
  {},
  {
    insert: () => {
      const told = insertFor(Number(seconds) * 1000);
      const { n } = db.prepare('SELECT count(*) AS n FROM ring').get() as { n: number };
      return { ...told, stored: n };
    },
  },
);
