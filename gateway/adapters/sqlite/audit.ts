/** Looks at the books as an auditor does: from the postings alone. */
import type { Database } from 'better-sqlite3';
import type { AuditBooks, Imbalance } from '../../ports/books/audit.ts';

/** Each answers rows {what, expected, found} where two figures that must be equal are not. */
const rules = [
  `SELECT 'account ' || a.id AS what, coalesce(p.sum, 0) AS expected, a.balance AS found
   FROM account a LEFT JOIN (
     SELECT account, sum(amount) AS sum FROM (
       SELECT to_account AS account, amount FROM posting
       UNION ALL SELECT from_account, -amount FROM posting) GROUP BY account) p ON p.account = a.id
   WHERE a.balance <> coalesce(p.sum, 0)`,
  `SELECT 'money on its way out' AS what,
     (SELECT coalesce(sum(amount_cents), 0) FROM payout WHERE state IN ('intent', 'unknown', 'pending', 'review')) AS expected,
     (SELECT balance FROM account WHERE id = 'out-in-flight') AS found
   WHERE expected <> found`,
  `SELECT 'money held by trades' AS what,
     (SELECT coalesce(sum(amount_cents), 0) FROM trade WHERE state IN ('paid', 'transferring', 'review')) AS expected,
     (SELECT coalesce(sum(balance), 0) FROM account WHERE id GLOB 'trade-held:*') AS found
   WHERE expected <> found`,
  `SELECT 'energy reserved by trades' AS what,
     (SELECT coalesce(sum(energy_wh), 0) FROM trade
      WHERE state IN ('matched', 'awaiting-funds', 'paid', 'transferring', 'review')) AS expected,
     (SELECT coalesce(sum(balance), 0) FROM account WHERE id GLOB 'reserved:*') AS found
   WHERE expected <> found`,
  `SELECT 'settled trades without a signature' AS what, 0 AS expected, count(*) AS found
   FROM trade WHERE state IN ('settled', 'closed') AND signature IS NULL HAVING found <> 0`,
];

/** The audit of books.db. */
export function auditBooks(db: Database): AuditBooks {
  const sum = db.prepare<[string], { sum: number | null }>(
    'SELECT sum(balance) AS sum FROM account WHERE unit = ?',
  );
  const checks = rules.map((rule) => db.prepare<[], Imbalance>(rule));
  return {
    trialBalance: (unit) => sum.get(unit)?.sum ?? 0,
    imbalances: () => checks.flatMap((check) => check.all()),
  };
}
