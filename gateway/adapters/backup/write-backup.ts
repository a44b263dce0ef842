/** Writes one backup: whole and on the disk, or not there at all. */
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createZstdCompress } from 'node:zlib';
import Database from 'better-sqlite3';
import { type Member, packing } from './members.ts';
import { type BackupLabel, type ScryptCost, sealing } from './sealed-stream.ts';
import { syncFolder } from './work-folder.ts';

const lockWaitMs = 30_000;

export type NewBackup = {
  /** Must not be there yet. */
  readonly file: string;
  readonly label: BackupLabel;
  readonly passphrase: string;
  readonly members: readonly Member[];
  /** What a guess costs; cheaper only where a test opens hundreds. */
  readonly cost?: ScryptCost;
  /** Opens what is written to; a test gives a disk that is full. */
  readonly openDisk?: (part: string) => Writable;
};

const usualDisk = (part: string): Writable =>
  createWriteStream(part, { flags: 'wx', mode: 0o600, flush: true });

/** Answers its bytes. Throws in words for a keeper; what was begun is gone then, and other backups are untouched. */
export async function writeBackup(backup: NewBackup): Promise<{ readonly bytes: number }> {
  const { file, label, passphrase, members, cost, openDisk = usualDisk } = backup;
  if (existsSync(file)) throw new Error(`${file} is there already: choose another name.`);
  const folder = dirname(file);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const part = join(folder, `.${basename(file)}.part`);
  rmSync(part, { force: true });
  try {
    await pipeline(
      Readable.from(packing(members)),
      createZstdCompress(),
      sealing(label, passphrase, cost),
      openDisk(part),
    );
    renameSync(part, file);
    syncFolder(folder);
  } catch (error) {
    rmSync(part, { force: true });
    throw asFullDisk(error, folder);
  }
  return { bytes: statSync(file).size };
}

/** A copy of a database that others write at this moment: one moment of it, whole. Holds up no writer. */
export function snapshot(database: string, copy: string): void {
  const db = new Database(database, { fileMustExist: true, timeout: lockWaitMs });
  try {
    db.prepare('VACUUM INTO ?').run(copy);
  } catch (error) {
    throw asFullDisk(error, dirname(copy));
  } finally {
    db.close();
  }
}

/** What the copies of these files need beyond themselves: the tail of a log, and a file system's own. */
const spare = 32 * 2 ** 20;

/** Throws when the copies will not fit, before the disk is filled to its last byte under a running hub. */
export function refuseWithoutRoom(folder: string, files: readonly string[]): void {
  const needed = files.reduce((sum, file) => sum + statSync(file).size, spare);
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize >= needed) return;
  throw new Error(
    noRoom(folder, `${megabytes(needed)} are needed, ${megabytes(bavail * bsize)} are free`),
  );
}

const megabytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MB`;
const noRoom = (folder: string, why: string): string =>
  `No room for a backup in ${folder}: ${why}. The backups that are there are untouched. ` +
  'Make room, or choose another place: BACKUP_DIR.';

const fullCodes: readonly unknown[] = ['ENOSPC', 'EDQUOT', 'EFBIG', 'SQLITE_FULL'];

function asFullDisk(error: unknown, folder: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return fullCodes.includes(code)
    ? new Error(noRoom(folder, 'the disk is full'), { cause: error })
    : error;
}
