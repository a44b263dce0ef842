/** What the card under the data folder still holds, and how much the hub has written to it. */
import { readFileSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Files that grow, by the word that figures use for them. */
const files = {
  books: 'books.db',
  'books-log': 'books.db-wal',
  readings: 'readings.db',
  'readings-log': 'readings.db-wal',
} as const;

export type CardLook = {
  readonly freeBytes: number;
  readonly sizeBytes: number;
  /** Sent to the storage layer by this process since its start (proc(5), io); undefined where the system does not tell. */
  readonly writtenBytes: number | undefined;
  /** Bytes of each file that exists, by its word. */
  readonly files: Readonly<Record<string, number>>;
};

/** Throws when the folder is gone. */
export function lookAtCard(dataDir: string): CardLook {
  const { bavail, blocks, bsize } = statfsSync(dataDir);
  const sizes = Object.entries(files).flatMap(([word, name]) => {
    const found = statSync(join(dataDir, name), { throwIfNoEntry: false });
    return found === undefined ? [] : [[word, found.size] as const];
  });
  return {
    ...{ freeBytes: bavail * bsize, sizeBytes: blocks * bsize, writtenBytes: writtenBytes() },
    files: Object.fromEntries(sizes),
  };
}

function writtenBytes(): number | undefined {
  try {
    const told = /^write_bytes: (\d+)$/m.exec(readFileSync('/proc/self/io', 'utf8'));
    return told === null ? undefined : Number(told[1]);
  } catch {
    return undefined;
  }
}

/** How many files and sockets the process may have open at once (proc(5), limits); undefined where the system does not tell. */
export function openFilesMost(file = '/proc/self/limits'): number | undefined {
  try {
    const told = /^Max open files\s+(\d+)/m.exec(readFileSync(file, 'utf8'));
    return told === null ? undefined : Number(told[1]);
  } catch {
    return undefined;
  }
}
