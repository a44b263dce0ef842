/** How much was minted since the day began, kept in memory: it is asked before every signature. */
import type { Database } from 'better-sqlite3';

type Row = { intent: string; wh: number };

/**
 * Summed up when a day is first asked about, and then kept up with every attempt. Whatever else may change it makes it
 * be summed up anew; an attempt that is rolled back counts until then, which errs to the safe side.
 */
export function mintedToday(db: Database): (since: number, besides: string) => number {
  const minted = db.prepare<[number], Row>(
    `SELECT id AS intent, mint_wh AS wh FROM token_intent
     WHERE id IN (SELECT intent FROM token_attempt WHERE at_ms >= ?) AND state <> 'failed'`,
  );
  let known:
    | { readonly since: number; readonly byIntent: Map<string, number>; sum: number }
    | undefined;
  db.function('note_attempt', (intent: string, at: number, wh: number) => {
    if (known === undefined || at < known.since || known.byIntent.has(intent)) return null;
    known.byIntent.set(intent, wh);
    known.sum += wh;
    return null;
  });
  db.function('forget_minted', () => {
    known = undefined;
    return null;
  });
  db.exec(
    `CREATE TEMP TRIGGER attempt_mints AFTER INSERT ON main.token_attempt BEGIN
       SELECT note_attempt(NEW.intent, NEW.at_ms, (SELECT mint_wh FROM token_intent WHERE id = NEW.intent)); END;
     CREATE TEMP TRIGGER intent_fails AFTER UPDATE OF state ON main.token_intent
       WHEN NEW.state = 'failed' OR OLD.state = 'failed' BEGIN SELECT forget_minted(); END;`,
  );
  return (since, besides) => {
    if (known?.since !== since) {
      const rows = minted.all(since);
      const byIntent = new Map(rows.map(({ intent, wh }) => [intent, wh] as const));
      known = { since, byIntent, sum: rows.reduce((all, { wh }) => all + wh, 0) };
    }
    return known.sum - (known.byIntent.get(besides) ?? 0);
  };
}
