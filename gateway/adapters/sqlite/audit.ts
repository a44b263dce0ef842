/** Looks at the books as an auditor does: from the postings alone. */
import type { Database } from 'better-sqlite3';
import type { AuditBooks, Imbalance } from '../../ports/books/audit.ts';

/**
 * What was posted about each payout or reversal against what its state asks for: its start, and one end
 * once it is over. A posting of another amount, another way or one too many counts against it.
 */
const postingsOf = (
  table: 'payout' | 'reversal',
  home: string,
  finished: string,
  wentCents = 'o.amount_cents',
) =>
  `SELECT what, expected, 2 * fitting - posted AS found FROM (
     SELECT 'postings of ${table} ' || o.id AS what,
       CASE WHEN o.state IN ('${finished}', 'failed') THEN 2 ELSE 1 END AS expected,
       (SELECT count(*) FROM posting p WHERE p.key IN (
          '${table}:' || o.id || ':start', '${table}:' || o.id || ':done', '${table}:' || o.id || ':failed')) AS posted,
       (SELECT count(*) FROM posting p WHERE p.amount = CASE p.key
          WHEN '${table}:' || o.id || ':done' THEN ${wentCents} ELSE o.amount_cents END AND (
          (p.key = '${table}:' || o.id || ':start' AND p.from_account = ${home} AND p.to_account = 'out-in-flight')
          OR (p.key = '${table}:' || o.id || ':done' AND o.state = '${finished}'
            AND p.from_account = 'out-in-flight' AND p.to_account = 'mpesa-utility')
          OR (p.key = '${table}:' || o.id || ':failed' AND o.state = 'failed'
            AND p.from_account = 'out-in-flight' AND p.to_account = ${home}))
          AND p.key >= '${table}:' || o.id || ':' AND p.key < '${table}:' || o.id || ';') AS fitting
     FROM ${table} o)
   WHERE expected <> found`;

/** Each answers rows {what, expected, found} where two figures that must be equal are not. */
const onItsWayOut = `SELECT 'money on its way out' AS what,
     (SELECT coalesce(sum(amount_cents), 0) FROM payout WHERE state IN ('intent', 'unknown', 'pending', 'review'))
     + (SELECT coalesce(sum(amount_cents), 0) FROM reversal WHERE state IN ('intent', 'unknown', 'pending', 'review')) AS expected,
     (SELECT balance FROM account WHERE id = 'out-in-flight') AS found
   WHERE expected <> found`;
const inSuspense = `SELECT 'money in suspense' AS what,
     (SELECT coalesce(sum(amount_cents), 0) FROM payment WHERE place = 'suspense')
       - (SELECT coalesce(sum(amount_cents), 0) FROM reversal WHERE household IS NULL AND state <> 'failed') AS expected,
     (SELECT balance FROM account WHERE id = 'suspense') AS found
   WHERE expected <> found`;
const heldByTrades = `SELECT 'money held by trades' AS what,
     (SELECT coalesce(sum(amount_cents), 0) FROM trade WHERE state IN ('paid', 'transferring', 'review')) AS expected,
     (SELECT coalesce(sum(balance), 0) FROM account WHERE id GLOB 'trade-held:*') AS found
   WHERE expected <> found`;
const reservedByTrades = `SELECT 'energy reserved by trades' AS what,
     (SELECT coalesce(sum(energy_wh), 0) FROM trade
      WHERE state IN ('matched', 'awaiting-funds', 'paid', 'transferring', 'review')) AS expected,
     (SELECT coalesce(sum(balance), 0) FROM account WHERE id GLOB 'reserved:*') AS found
   WHERE expected <> found`;
const rules = [
  `SELECT 'account ' || a.id AS what, coalesce(p.sum, 0) AS expected, a.balance AS found
   FROM account a LEFT JOIN (
     SELECT account, sum(amount) AS sum FROM (
       SELECT to_account AS account, amount FROM posting
       UNION ALL SELECT from_account, -amount FROM posting) GROUP BY account) p ON p.account = a.id
   WHERE a.balance <> coalesce(p.sum, 0)`,
  onItsWayOut,
  inSuspense,
  `SELECT 'credit of top-up ' || t.id AS what, t.amount_cents AS expected, coalesce(p.amount, 0) AS found
   FROM topup t LEFT JOIN posting p ON p.key = 'topup:' || t.id
   WHERE (t.state = 'credited' AND coalesce(p.amount, 0) <> t.amount_cents) OR (t.state <> 'credited' AND p.id IS NOT NULL)`,
  `SELECT 'payment ' || e.receipt AS what, e.amount_cents AS expected, coalesce(p.amount, 0) AS found
   FROM payment e LEFT JOIN posting p ON p.key = CASE
     WHEN e.place = 'topup' THEN 'topup:' || e.topup
     WHEN e.place = 'suspense' THEN 'suspense:' || e.receipt
     WHEN e.was_suspense = 1 THEN 'suspense:' || e.receipt || ':assign'
     ELSE 'paybill:' || e.receipt END
   WHERE coalesce(p.amount, 0) <> e.amount_cents`,
  `SELECT 'credits without evidence' AS what, 0 AS expected, count(*) AS found FROM posting p
   WHERE (p.key GLOB 'paybill:*' AND NOT EXISTS (SELECT 1 FROM payment e WHERE e.receipt = substr(p.key, 9)))
      OR (p.key GLOB 'topup:*' AND NOT EXISTS (SELECT 1 FROM topup t WHERE t.id = substr(p.key, 7)))
   HAVING found <> 0`,
  postingsOf(
    'payout',
    "CASE o.kind WHEN 'batch' THEN 'earnings:' ELSE 'wallet:' END || o.household",
    'done',
    'min(o.amount_cents, coalesce(o.paid_cents, o.amount_cents))',
  ),
  postingsOf('reversal', "coalesce('wallet:' || o.household, 'suspense')", 'reversed'),
  `SELECT 'account below nothing ' || id AS what, 0 AS expected, balance AS found FROM account
   WHERE balance < 0 AND (id GLOB 'wallet:*' OR id GLOB 'earnings:*' OR id GLOB 'energy:*' OR id GLOB 'bought:*')`,
  heldByTrades,
  reservedByTrades,
  `SELECT 'settled trades without a signature' AS what, 0 AS expected, count(*) AS found
   FROM trade WHERE state IN ('settled', 'closed') AND signature IS NULL HAVING found <> 0`,
];

/** What can be told without reading every posting that was ever made: a living hub looks at it every hour. */
const standingRules = [
  `SELECT 'sum of all ' || unit AS what, 0 AS expected, sum(balance) AS found FROM account
   GROUP BY unit HAVING found <> 0`,
  onItsWayOut,
  inSuspense,
  heldByTrades,
  reservedByTrades,
];

/** The audit of books.db. */
export function auditBooks(db: Database): AuditBooks {
  const sum = db.prepare<[string], { sum: number | null }>(
    'SELECT sum(balance) AS sum FROM account WHERE unit = ?',
  );
  const prepared = (list: readonly string[]) => {
    const checks = list.map((rule) => db.prepare<[], Imbalance>(rule));
    return () => checks.flatMap((check) => check.all());
  };
  return {
    trialBalance: (unit) => sum.get(unit)?.sum ?? 0,
    imbalances: prepared(rules),
    standing: prepared(standingRules),
  };
}
