/** Two daemons on one data folder would pay twice: the second one is refused. */
import Database from 'better-sqlite3';

/** Holds the lock until disposed or until the process ends, however it ends. Throws when another hub holds it. */
export function beTheOnlyHub(file: string): Disposable {
  const db = new Database(file, { timeout: 0 });
  try {
    db.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    db.close();
    throw new Error('another hub runs on this data folder', { cause });
  }
  return {
    [Symbol.dispose]: () => {
      db.close();
    },
  };
}

/** Throws when another hub holds it. For the moment before anything is started that would disturb that hub. */
export const refuseSecondHub = (file: string): void => beTheOnlyHub(file)[Symbol.dispose]();
