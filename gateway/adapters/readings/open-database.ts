/** Opens readings.db for its only writer. */
import {
  closeSync,
  existsSync,
  fdatasyncSync,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  statfsSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { writeAnew } from './write-ahead-log.ts';

const migrationsFolder = new URL('./migrations/', import.meta.url);
/** Small pages wear an SD card less: a commit touches few bytes on many pages. */
const pageBytes = 512;
/** The log is long, so that a page which changes often reaches its place in the file seldom. */
const checkpointBytes = 16 * 2 ** 20;
/** What the log takes before a checkpoint begins it anew: frames have headers, and the last commit may be long. */
const logBytes = checkpointBytes + 2 * 2 ** 20;
/** So much of it is laid out at one step. */
const zeros = Buffer.alloc(2 ** 20);
/** Where less than this is free, the log is not laid out: room for readings comes first. */
const freeBytesLeast = 256 * 2 ** 20;
/** Memory for pages of the file. */
const cacheKib = 8 * 1024;
/** How long another connection, a backup say, may hold the file before the disk counts as refusing. */
const busyMs = 2000;

export type ReadingsDatabase = {
  readonly db: DatabaseSync;
  readonly begin: () => void;
  /** What was written since `begin` is on the disk when this returns. */
  readonly commit: () => void;
  /** What was written since `begin` counts, and is on the disk when the disk thread says so. */
  readonly commitUnwaited: () => void;
  readonly rollback: () => void;
  /**
   * Fills the log with some zeros, up to the size that it will have anyway; false when nothing is left to do. A
   * commit then writes into blocks that the file has, and the file system has nothing of its own to note down.
   * To SQLite zeros are no frames: a frame bears the salt of the log's header (sqlite.org/fileformat2.html).
   */
  readonly layOut: () => boolean;
  /**
   * After a wait for the disk that failed: what the log holds is on the disk when this returns. Throws when the
   * disk does not take it, and an error of ours when something of it is lost, so that the process ends.
   */
  readonly mendLog: () => void;
  /** Whether a wait of this thread has failed since the log was mended. */
  readonly hasFailed: () => boolean;
  readonly close: () => void;
};

/** Whether a commit waits for the disk; only a crash test that must lose something says no. */
export type Durability = 'on-disk' | 'lost-in-power-cuts';

/** Creates or migrates the file. `fileBytesMax` caps its growth; throws when the file is of a newer gateway. */
export function openDatabase(
  file: string,
  fileBytesMax?: number,
  durability: Durability = 'on-disk',
): ReadingsDatabase {
  const db = new DatabaseSync(file, { timeout: busyMs });
  db.exec(`PRAGMA page_size = ${pageBytes}; PRAGMA auto_vacuum = INCREMENTAL`);
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  const pageSize = numberFrom(db, 'PRAGMA page_size');
  db.exec(`PRAGMA wal_autocheckpoint = ${Math.ceil(checkpointBytes / pageSize)}`);
  db.exec(`PRAGMA journal_size_limit = ${2 * checkpointBytes}; PRAGMA cache_size = -${cacheKib}`);
  if (fileBytesMax !== undefined) {
    db.exec(`PRAGMA max_page_count = ${Math.floor(fileBytesMax / pageSize)}`);
  }
  writeLeftLogAnew(db, `${file}-wal`);
  migrate(db);
  db.exec("INSERT INTO counter VALUES ('starts', 1) ON CONFLICT DO UPDATE SET value = value + 1");
  // Some builds of SQLite turn FULL into NORMAL at the first write unless FULL was asked for, so look after one.
  if (numberFrom(db, 'PRAGMA synchronous') !== 2) throw new Error('not synchronous=FULL');
  return durable(db, file, durability);
}

/**
 * A commit waits for the disk by fdatasync on the write-ahead log. With synchronous=FULL SQLite itself would
 * wait by fsync (this build has no fdatasync), which on ext4 writes the log's time stamp through the file
 * system's journal: the same safety for two and a half times the bytes on the card (docs/performance.md).
 * NORMAL is FULL less that one wait (sqlite.org/pragma.html#pragma_synchronous), and the wait stands here.
 */
function durable(db: DatabaseSync, file: string, durability: Durability): ReadingsDatabase {
  const log = `${file}-wal`;
  if (!existsSync(log)) throw new Error('readings.db has no write-ahead log');
  const logFile = openSync(log, 'r+');
  const begin = db.prepare('BEGIN IMMEDIATE');
  const commit = db.prepare('COMMIT');
  const frames = db.prepare('PRAGMA wal_checkpoint(NOOP)');
  db.exec('PRAGMA synchronous = NORMAL');
  let waitFailed = false;
  const waitForDisk = (): void => {
    try {
      fdatasyncSync(logFile);
    } catch (error) {
      waitFailed = true;
      throw error;
    }
  };
  return {
    db,
    begin: () => void begin.run(),
    commit: () => {
      commit.run();
      if (durability === 'on-disk') waitForDisk();
    },
    commitUnwaited: () => void commit.run(),
    rollback: () => {
      if (db.isTransaction) db.exec('ROLLBACK');
    },
    hasFailed: () => waitFailed,
    mendLog: () => {
      const { log: wanted = 0 } = (frames.get() ?? {}) as { log?: number };
      // Holding the right to write, so that nobody appends meanwhile.
      begin.run();
      try {
        if (writeAnew(logFile) < wanted) throw new Error('what the log held is lost');
      } finally {
        db.exec('ROLLBACK');
      }
      waitFailed = false;
    },
    layOut: () => {
      if (!layOut(file, logFile)) return false;
      waitForDisk();
      return true;
    },
    close: () => {
      closeSync(logFile);
      db.close();
    },
  };
}

/** One step of laying out the log, as ReadingsDatabase says; the caller waits for the disk. */
function layOut(file: string, logFile: number): boolean {
  const { size } = fstatSync(logFile);
  const { bavail, bsize } = statfsSync(dirname(file));
  if (size >= logBytes || bavail * bsize < freeBytesLeast) return false;
  return writeSync(logFile, zeros, 0, zeros.length, size) > 0;
}

/** The one number that a statement answers. */
export function numberFrom(db: DatabaseSync, sql: string): number {
  return Number(Object.values(db.prepare(sql).get() ?? {})[0]);
}

/**
 * A hub that ended while the disk failed may have left a log whose pages count as clean but are not on the disk.
 * They are written anew before anybody is told that something in them is kept.
 */
function writeLeftLogAnew(db: DatabaseSync, log: string): void {
  if (!existsSync(log)) return;
  const logFile = openSync(log, 'r+');
  try {
    // Holding the right to write, so that nobody appends meanwhile.
    db.exec('BEGIN IMMEDIATE');
    writeAnew(logFile);
    db.exec('COMMIT');
  } finally {
    closeSync(logFile);
  }
}

function migrate(db: DatabaseSync): void {
  const files = readdirSync(migrationsFolder)
    .filter((name) => name.endsWith('.sql'))
    .sort();
  const version = numberFrom(db, 'PRAGMA user_version');
  if (version > files.length) throw new Error('readings.db was written by a newer gateway');
  for (const [index, name] of files.entries()) {
    if (index < version) continue;
    const sql = readFileSync(new URL(name, migrationsFolder), 'utf8');
    db.exec(`BEGIN IMMEDIATE; ${sql}; PRAGMA user_version = ${index + 1}; COMMIT`);
  }
}
