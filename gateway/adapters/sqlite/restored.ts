/** Looks for what was under way when the books were put back. */
import type { Database } from 'better-sqlite3';
import type { RestoredBooks } from '../../ports/books/restored.ts';

/** The restored family of books.db. */
export function restoredBooks(db: Database): RestoredBooks {
  const unanswered = db.prepare<[number, number, number], { n: number }>(
    `SELECT (SELECT count(*) FROM payout WHERE state IN ('unknown', 'pending')
         AND created_ms < ? AND coalesce(proved_ms, 0) < ?)
       + (SELECT count(*) FROM reversal WHERE state IN ('unknown', 'pending') AND created_ms < ?) AS n`,
  );
  const intents = db.prepare<[number], { n: number }>(
    `SELECT count(*) AS n FROM token_intent i JOIN trade t ON t.id = i.trade
     WHERE i.state = 'open' AND t.created_ms < ?`,
  );
  return {
    unanswered: (before) => unanswered.get(before, before, before)?.n ?? 0,
    intentsOpen: (before) => intents.get(before)?.n ?? 0,
  };
}
