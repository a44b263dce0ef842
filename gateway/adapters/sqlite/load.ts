/** How much stands in books.db and waits there; for figures, a few short reads. */
import type { Database } from 'better-sqlite3';
import type { CommitTimes } from './commit-times.ts';

export type DeedLoad = {
  readonly kind: string;
  readonly count: number;
  /** Ms of neighbourhood time that the longest-due of them is due; 0 when none is. */
  readonly overdueMs: number;
};

export type BookLoad = {
  tradesByState(): Readonly<Record<string, number>>;
  deeds(now: number): readonly DeedLoad[];
  /** Messages from outside that nobody has read yet. */
  unread(): number;
  /** Trades for which a top-up was asked, or whose earnings a payout brings; the first few. */
  tradesOf(kind: 'topup' | 'payout', id: string): string[];
  readonly commits: CommitTimes;
};

const linkedMost = 20;

export function bookLoad(db: Database, commits: CommitTimes): BookLoad {
  const trades = db.prepare<[], { state: string; n: number }>(
    'SELECT state, count(*) AS n FROM trade GROUP BY state',
  );
  const deeds = db.prepare<[number], DeedLoad>(
    `SELECT kind, count(*) AS count, max(0, ? - min(due_ms)) AS overdueMs FROM deed
     WHERE due_ms > 0 GROUP BY kind`,
  );
  const linked = {
    topup: db.prepare<[string], { id: string }>(
      `SELECT id FROM trade WHERE topup = ? ORDER BY id LIMIT ${linkedMost}`,
    ),
    payout: db.prepare<[string], { id: string }>(
      `SELECT trade.id FROM payout JOIN trade ON trade.seller = payout.household
       WHERE payout.id = ? AND trade.payout = payout.id ORDER BY trade.id LIMIT ${linkedMost}`,
    ),
  };
  const unread = db.prepare<[], { n: number }>(
    "SELECT count(*) AS n FROM deed WHERE kind LIKE 'read-%'",
  );
  return {
    tradesByState: () => Object.fromEntries(trades.all().map(({ state, n }) => [state, n])),
    deeds: (now) => deeds.all(now),
    unread: () => unread.get()?.n ?? 0,
    tradesOf: (kind, id) => linked[kind].all(id).map((trade) => trade.id),
    commits,
  };
}
