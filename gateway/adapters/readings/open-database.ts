/** Opens readings.db for its only writer. */
import { readdirSync, readFileSync } from 'node:fs';
import Database from 'better-sqlite3';

const migrationsFolder = new URL('./migrations/', import.meta.url);
/** Small pages wear an SD card less: a commit touches few bytes on many pages. */
const pageBytes = 1024;
const checkpointPages = 4000;
const walKeptBytes = 8 * 1024 * 1024;
/** How long another connection, a backup say, may hold the file before the disk counts as refusing. */
const busyMs = 2000;

/** Creates or migrates the file. `fileBytesMax` caps its growth; throws when the file is of a newer gateway. */
export function openDatabase(file: string, fileBytesMax?: number): Database.Database {
  const db = new Database(file, { timeout: busyMs });
  db.pragma(`page_size = ${pageBytes}`);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.pragma(`wal_autocheckpoint = ${checkpointPages}`);
  db.pragma(`journal_size_limit = ${walKeptBytes}`);
  if (fileBytesMax !== undefined) {
    db.pragma(`max_page_count = ${Math.floor(fileBytesMax / pageBytes)}`);
  }
  migrate(db);
  db.prepare(
    "INSERT INTO counter VALUES ('starts', 1) ON CONFLICT DO UPDATE SET value = value + 1",
  ).run();
  // This build of SQLite turns FULL into NORMAL at the first write unless FULL was asked for, so look after one.
  if (db.pragma('synchronous', { simple: true }) !== 2) throw new Error('not synchronous=FULL');
  return db;
}

function migrate(db: Database.Database): void {
  const files = readdirSync(migrationsFolder)
    .filter((name) => name.endsWith('.sql'))
    .sort();
  const version = db.pragma('user_version', { simple: true }) as number;
  if (version > files.length) throw new Error('readings.db was written by a newer gateway');
  for (const [index, name] of files.entries()) {
    if (index < version) continue;
    const sql = readFileSync(new URL(name, migrationsFolder), 'utf8');
    db.transaction(() => {
      db.exec(sql);
      db.pragma(`user_version = ${index + 1}`);
    }).immediate();
  }
}
