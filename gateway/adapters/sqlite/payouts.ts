/** Payouts: what sellers earned and what households withdraw, on its way to their phones. */
import type { Database } from 'better-sqlite3';
import type { HouseholdId, PayoutId } from '../../core/ids.ts';
import { type FeeStep, isTariff, type PayoutState } from '../../core/payout.ts';
import { cents, epochMs } from '../../core/units.ts';
import type { PayoutBooks } from '../../ports/books/money.ts';
import { payoutEnding } from './payout-ending.ts';
import { type PayoutRow, toPayout } from './payout-rows.ts';
import { payoutSending } from './payout-sending.ts';

type Sums = Pick<
  PayoutBooks,
  | 'paidOutTo'
  | 'begunSince'
  | 'sentSince'
  | 'neededCents'
  | 'othersUnderWay'
  | 'isProvedSince'
  | 'earners'
>;
type Fees = Pick<PayoutBooks, 'feeFor' | 'changeFees'>;
type Newest = Pick<PayoutBooks, 'lastAt' | 'refusedAt' | 'lastDone' | 'nextSequence'>;

/** The payout family of books.db. */
export function payoutBooks(db: Database): PayoutBooks {
  const find = db.prepare<[string], PayoutRow>('SELECT * FROM payout WHERE id = ?');
  const open = db.prepare<[string], PayoutRow>(
    "SELECT * FROM payout WHERE household = ? AND state IN ('intent', 'unknown', 'pending', 'review')",
  );
  const inStates = db.prepare<[string], PayoutRow>(
    'SELECT * FROM payout WHERE state IN (SELECT value FROM json_each(?)) ORDER BY created_ms, id',
  );
  const ofHousehold = db.prepare<[string, number], PayoutRow>(
    'SELECT * FROM payout WHERE household = ? ORDER BY sequence DESC LIMIT ?',
  );
  const history = db.prepare<[string], { event: string; detail: string; at: number }>(
    'SELECT event, detail, at_ms AS at FROM outgoing_event WHERE subject = ? ORDER BY id',
  );
  const one = (row: PayoutRow | undefined) => row && toPayout(row);
  return {
    find: (id) => one(find.get(id)),
    openOf: (household) => one(open.get(household)),
    inStates: (states) => inStates.all(JSON.stringify(states)).map(toPayout),
    ofHousehold: (household, limit) => ofHousehold.all(household, limit).map(toPayout),
    historyOf: (id) => history.all(id).map((line) => ({ ...line, at: epochMs(line.at) })),
    ...newest(db),
    ...sums(db),
    ...fees(db),
    ...payoutSending(db),
    ...payoutEnding(db),
  };
}

function newest(db: Database): Newest {
  // A failed one counts too: its money joins the next run, never the same one again.
  const last = db.prepare<[string], { at: number | null }>(
    "SELECT max(created_ms) AS at FROM payout WHERE household = ? AND kind = 'batch'",
  );
  const newestOne = db.prepare<[string], { at: number; state: PayoutState }>(
    `SELECT created_ms AS at, state FROM payout WHERE household = ? AND kind = 'batch'
     ORDER BY sequence DESC LIMIT 1`,
  );
  const lastDone = db.prepare<[string], { id: string }>(
    `SELECT id FROM payout WHERE household = ? AND state = 'done' AND kind = 'batch'
     ORDER BY sequence DESC LIMIT 1`,
  );
  const sequence = db.prepare<[string], { n: number | null }>(
    'SELECT max(sequence) AS n FROM payout WHERE household = ?',
  );
  return {
    lastAt: (household) => {
      const at = last.get(household)?.at;
      return at === null || at === undefined ? undefined : epochMs(at);
    },
    refusedAt: (household) => {
      const row = newestOne.get(household);
      return row?.state === 'failed' ? epochMs(row.at) : undefined;
    },
    lastDone: (household) => lastDone.get(household)?.id as PayoutId | undefined,
    nextSequence: (household) => (sequence.get(household)?.n ?? 0) + 1,
  };
}

function sums(db: Database): Sums {
  type Sum = { sum: number | null };
  const paid = db.prepare<[string], Sum>(
    `SELECT sum(coalesce(paid_cents, amount_cents)) AS sum FROM payout
     WHERE household = ? AND state = 'done' AND kind = 'batch'`,
  );
  const begun = db.prepare<[string, number], Sum>(
    `SELECT sum(amount_cents) AS sum FROM payout
     WHERE household = ? AND created_ms >= ? AND state <> 'failed'`,
  );
  const sent = db.prepare<[number], Sum>(
    `SELECT sum(amount_cents) AS sum FROM payout
     WHERE sent_ms >= ? AND state IN ('unknown', 'pending', 'done', 'review')`,
  );
  const needed = db.prepare<[], Sum>(
    `SELECT (SELECT coalesce(sum(amount_cents), 0) FROM payout WHERE state = 'intent')
       + coalesce((SELECT amount_cents FROM payout WHERE code = '1' ORDER BY sent_ms DESC LIMIT 1), 0) AS sum`,
  );
  // Of several that are in doubt the one that was sent first may be sent again: they do not wait for each other.
  const underWay = db.prepare<[string], { n: number }>(
    `SELECT count(*) AS n FROM payout p, payout own
     WHERE own.id = ? AND p.id <> own.id AND (p.state = 'pending' OR p.state = 'unknown'
       AND (own.state <> 'unknown' OR (p.sent_ms, p.id) < (own.sent_ms, own.id)))`,
  );
  const proved = db.prepare<[number]>(
    `SELECT 1 FROM payout WHERE proved_ms >= ? AND proved_ms > coalesce(
       (SELECT max(at_ms) FROM payout_pause WHERE cause = 'credential'), -1) LIMIT 1`,
  );
  const earners = db.prepare<[number], { household: string }>(
    `SELECT substr(id, 10) AS household FROM account
     WHERE id GLOB 'earnings:*' AND balance >= ? ORDER BY id`,
  );
  return {
    paidOutTo: (household) => cents(paid.get(household)?.sum ?? 0),
    begunSince: (household, since) => cents(begun.get(household, since)?.sum ?? 0),
    sentSince: (since) => cents(sent.get(since)?.sum ?? 0),
    neededCents: () => cents(needed.get()?.sum ?? 0),
    othersUnderWay: (id) => underWay.get(id)?.n ?? 0,
    isProvedSince: (since) => proved.get(since) !== undefined,
    earners: (least) => earners.all(least).map((row) => row.household as HouseholdId),
  };
}

function fees(db: Database): Fees {
  // The newest tariff that has begun holds as a whole: its steps need not be those of an older one.
  const fee = db.prepare<[number, number, number], { fee_cents: number }>(
    `SELECT fee_cents FROM mpesa_fee WHERE kind = 'payout' AND from_ms = (
       SELECT max(from_ms) FROM mpesa_fee WHERE kind = 'payout' AND from_ms <= ?)
     AND least_cents <= ? AND most_cents >= ?`,
  );
  const insert = db.prepare("INSERT INTO mpesa_fee VALUES ('payout', ?, ?, ?, ?)");
  const change = db.transaction((steps: readonly FeeStep[], from: number) => {
    if (!isTariff(steps)) throw new RangeError('a tariff names every amount once');
    for (const { leastCents, mostCents, feeCents } of steps)
      insert.run(from, leastCents, mostCents, feeCents);
  });
  return {
    feeFor: (amount, at) => cents(fee.get(at, amount, amount)?.fee_cents ?? 0),
    changeFees: (steps, from) => change.immediate(steps, from),
  };
}
