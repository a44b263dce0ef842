/**
 * What an upgrade asks of a release before it is trusted with the books.
 *
 * `try-books.ts copy DATA_DIR FILE` copies books.db while a hub writes it. `try-books.ts open FOLDER` opens the books
 * and readings of a folder as this release does, which brings them to its form, and says whether they add up.
 */
import { closeSync, existsSync, fsyncSync, openSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { openReadings } from '../gateway/adapters/readings/open-readings.ts';
import { openBooks } from '../gateway/adapters/sqlite/open.ts';
import type { EpochMs } from '../gateway/core/units.ts';

const lockWaitMs = 10_000;

function copy(dataDir: string, file: string): void {
  const books = join(dataDir, 'books.db');
  // A hub that never ran has none.
  if (!existsSync(books)) return;
  rmSync(file, { force: true });
  const db = new Database(books, { readonly: true, timeout: lockWaitMs });
  try {
    db.prepare('VACUUM INTO ?').run(file);
  } finally {
    db.close();
  }
  for (const path of [file, dirname(file)]) flush(path);
}

function flush(path: string): void {
  const handle = openSync(path, 'r');
  fsyncSync(handle);
  closeSync(handle);
}

async function open(folder: string): Promise<void> {
  using books = openBooks(join(folder, 'books.db'));
  for (const unit of ['cents', 'Wh'] as const) {
    const leftOver = books.audit.trialBalance(unit);
    if (leftOver !== 0) throw new Error(`the books do not add up: ${leftOver} ${unit} left over`);
  }
  await using _readings = await openReadings({
    file: join(folder, 'readings.db'),
    commitMs: 0,
    pendingMax: 1,
    now: () => Date.now() as EpochMs,
    onFatal: (error) => {
      throw error;
    },
    mayForget: () => false,
  });
}

const [what, folder = '', file = ''] = process.argv.slice(2);
if (what === 'copy' && file !== '') copy(folder, file);
else if (what === 'open' && folder !== '') await open(folder);
else throw new Error('try-books.ts copy DATA_DIR FILE, or try-books.ts open FOLDER');
