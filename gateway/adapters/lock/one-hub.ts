/** Two daemons on one data folder would pay twice: the second one is refused. */
import Database from 'better-sqlite3';

/** Holds the lock until disposed or until the process ends, however it ends. Throws when another hub holds it. */
export function beTheOnlyHub(file: string): Disposable {
  const db = new Database(file, { timeout: 0 });
  try {
    db.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    db.close();
    throw isHeld(cause) ? new Error('another hub runs on this data folder', { cause }) : cause;
  }
  return {
    [Symbol.dispose]: () => {
      db.close();
    },
  };
}

/** Throws when another hub holds it. For the moment before anything is started that would disturb that hub. */
export const refuseSecondHub = (file: string): void => beTheOnlyHub(file)[Symbol.dispose]();

/** Anything else, a full disk say, is told as what it is. */
const isHeld = (cause: unknown): boolean =>
  cause instanceof Database.SqliteError && cause.code === 'SQLITE_BUSY';
