/** Proves that books.db can be written, through a connection of its own: one that hangs elsewhere shows here. */
import Database from 'better-sqlite3';

export type WriteProbe = Disposable & {
  /** Commits one page and flushes it. Throws with the reason when the database is locked or the disk fails. */
  write(): void;
};

/** The event loop stands still while it waits for a lock. */
const lockWaitMs = 1_000;

/** `file` must hold open books. */
export function openWriteProbe(file: string): WriteProbe {
  const db = new Database(file, { timeout: lockWaitMs, fileMustExist: true });
  db.pragma('synchronous = FULL');
  return {
    write: () => {
      try {
        // Puts back what stands there: the header is written, and nothing in it changes.
        db.transaction(() => {
          const mark = db.pragma('application_id', { simple: true });
          db.pragma(`application_id = ${mark}`);
        }).immediate();
      } catch (error) {
        if (!isFull(error)) throw error;
      }
    },
    [Symbol.dispose]: () => {
      db.close();
    },
  };
}

/** A full disk is said elsewhere; starting the hub again would free nothing. */
const isFull = (error: unknown): boolean =>
  error instanceof Database.SqliteError && error.code === 'SQLITE_FULL';
