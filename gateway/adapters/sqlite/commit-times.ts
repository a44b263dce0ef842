/** How long transactions of books.db take, their commit and its wait for the disk included. */
import type { Database, Transaction } from 'better-sqlite3';

export type CommitTimes = {
  readonly count: number;
  readonly seconds: number;
  /** The longest since somebody looked. */
  worstSeconds(): number;
};

type Work = (...args: unknown[]) => unknown;

/** From now on every transaction that is not inside another one is timed. */
export function timeCommits(db: Database): CommitTimes {
  let [count, totalMs, worstMs] = [0, 0, 0];
  const timed =
    (run: Work): Work =>
    (...args) => {
      if (db.inTransaction) return run(...args);
      const began = performance.now();
      try {
        return run(...args);
      } finally {
        const tookMs = performance.now() - began;
        count += 1;
        totalMs += tookMs;
        worstMs = Math.max(worstMs, tookMs);
      }
    };
  const begin = db.transaction.bind(db) as unknown as (work: Work) => Transaction<Work>;
  const transaction = (work: Work) => {
    const own = begin(work);
    return Object.assign(timed(own), {
      ...{ default: timed(own.default), deferred: timed(own.deferred) },
      ...{ immediate: timed(own.immediate), exclusive: timed(own.exclusive) },
    });
  };
  Object.assign(db, { transaction });
  return {
    get count() {
      return count;
    },
    get seconds() {
      return totalMs / 1_000;
    },
    worstSeconds: () => {
      const worst = worstMs / 1_000;
      worstMs = 0;
      return worst;
    },
  };
}
