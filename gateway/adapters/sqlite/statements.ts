/** What went in and out of a household's accounts, line by line. */
import type { Database } from 'better-sqlite3';
import { epochMs } from '../../core/units.ts';
import type { StatementBooks, StatementLine } from '../../ports/books/evidence.ts';

type Line = Omit<StatementLine, 'at'> & { readonly at: number };

/** Balances run backwards from what the accounts hold now, so that a short statement needs no old postings. */
export function statementBooks(db: Database): StatementBooks {
  const lines = db.prepare<{ wallet: string; earnings: string; limit: number }, Line>(
    `SELECT at, account, what, amount,
       (SELECT balance FROM account a WHERE a.id = own)
         - coalesce(sum(amount) OVER (PARTITION BY own ORDER BY id DESC
             ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS balance
     FROM (
       SELECT id, at_ms AS at, to_account AS own, 'wallet' AS account, key AS what, amount
         FROM posting WHERE unit = 'cents' AND to_account = $wallet
       UNION ALL SELECT id, at_ms, from_account, 'wallet', key, -amount
         FROM posting WHERE unit = 'cents' AND from_account = $wallet
       UNION ALL SELECT id, at_ms, to_account, 'earnings', key, amount
         FROM posting WHERE unit = 'cents' AND to_account = $earnings
       UNION ALL SELECT id, at_ms, from_account, 'earnings', key, -amount
         FROM posting WHERE unit = 'cents' AND from_account = $earnings)
     ORDER BY id DESC, account LIMIT $limit`,
  );
  return {
    of: (household, limit) =>
      lines
        .all({ wallet: `wallet:${household}`, earnings: `earnings:${household}`, limit })
        .reverse()
        .map((line) => ({ ...line, at: epochMs(line.at) })),
  };
}
