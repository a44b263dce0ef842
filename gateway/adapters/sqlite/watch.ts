/** What the hub knows of its agreement with M-Pesa: looks at the list, at the balance, and what does not agree. */
import type { Database } from 'better-sqlite3';
import type { TopupId } from '../../core/ids.ts';
import { cents, epochMs } from '../../core/units.ts';
import type {
  Alarm,
  BalanceLook,
  Balances,
  Comparison,
  Moment,
  WatchBooks,
} from '../../ports/books/evidence.ts';
import { deedWriter } from './postings.ts';

type Lists = Pick<
  WatchBooks,
  'lastComparison' | 'lastComplete' | 'compared' | 'missingInList' | 'openConfirmations'
>;
type Floats = Pick<WatchBooks, 'ours' | 'float' | 'noteFloat'>;
type Looks = Pick<WatchBooks, 'lastLook' | 'look' | 'lastAnswered' | 'askBalance' | 'answered'>;
type Signs = Pick<
  WatchBooks,
  'raise' | 'end' | 'alarms' | 'moment' | 'noteMoment' | 'forgetMoment'
>;

type ComparisonRow = Omit<Comparison, 'at' | 'from' | 'complete'> & {
  readonly at: number;
  readonly from: number;
  readonly complete: 0 | 1;
};

function lists(db: Database): Lists {
  const deeds = deedWriter(db);
  const columns = 'at_ms AS at, from_ms AS "from", complete, payments, credited, why';
  const last = db.prepare<[], ComparisonRow>(
    `SELECT ${columns} FROM comparison ORDER BY id DESC LIMIT 1`,
  );
  const complete = db.prepare<[], ComparisonRow>(
    `SELECT ${columns} FROM comparison WHERE complete = 1 ORDER BY id DESC LIMIT 1`,
  );
  const insert = db.prepare(
    `INSERT INTO comparison (at_ms, from_ms, complete, payments, credited, why)
     VALUES (?, ?, ?, ?, ?, ?)`,
  );
  const missing = db.prepare<[number, number, number], { id: string }>(
    `SELECT id FROM topup WHERE state = 'credited' AND sent_ms >= ? AND credited_ms < ?
       AND NOT EXISTS (SELECT 1 FROM payment p WHERE p.topup = topup.id)
       AND NOT EXISTS (SELECT 1 FROM money_alarm a WHERE a.kind = 'missing' AND a.subject = topup.id) ORDER BY id LIMIT ?`,
  );
  const path = db.prepare(
    "INSERT INTO callback_path (hash, kind, subject, expires_ms) VALUES (?, ?, 'paybill', ?)",
  );
  const toComparison = (row: ComparisonRow | undefined): Comparison | undefined =>
    row && {
      ...row,
      at: epochMs(row.at),
      from: epochMs(row.from),
      complete: row.complete === 1,
    };
  const compared = db.transaction((c: Comparison) => {
    insert.run(c.at, c.from, c.complete ? 1 : 0, c.payments, c.credited, c.why);
    deeds.remove('compare-payments', 'list');
  });
  const open = db.transaction((confirmation: string, validation: string, expires: number) => {
    path.run(confirmation, 'confirmation', expires);
    path.run(validation, 'validation', expires);
  });
  return {
    lastComparison: () => toComparison(last.get()),
    lastComplete: () => toComparison(complete.get()),
    compared: (comparison) => compared.immediate(comparison),
    missingInList: (from, to, limit) => missing.all(from, to, limit).map(({ id }) => id as TopupId),
    openConfirmations: (confirmation, validation, expires) =>
      open.immediate(confirmation, validation, expires),
  };
}

type LookRow = {
  id: string;
  asked_ms: number;
  utility_cents: number;
  charges_cents: number;
  in_flight_cents: number;
  answered_ms: number | null;
  their_utility_cents: number | null;
  their_charges_cents: number | null;
  utility_off_cents: number | null;
  charges_off_cents: number | null;
};

const both = (utility: number | null, charges: number | null): Balances | undefined =>
  utility === null || charges === null
    ? undefined
    : { utilityCents: utility, chargesCents: charges };

const toLook = (row: LookRow): BalanceLook => ({
  id: row.id,
  askedAt: epochMs(row.asked_ms),
  ours: { utilityCents: row.utility_cents, chargesCents: row.charges_cents },
  inFlightCents: cents(row.in_flight_cents),
  answeredAt: row.answered_ms === null ? undefined : epochMs(row.answered_ms),
  theirs: both(row.their_utility_cents, row.their_charges_cents),
  off: both(row.utility_off_cents, row.charges_off_cents),
});

function looks(db: Database): Looks {
  const deeds = deedWriter(db);
  const last = db.prepare<[], LookRow>(
    'SELECT * FROM balance_look ORDER BY asked_ms DESC, id DESC LIMIT 1',
  );
  const find = db.prepare<[string], LookRow>('SELECT * FROM balance_look WHERE id = ?');
  const answered = db.prepare<[string], LookRow>(
    `SELECT * FROM balance_look WHERE answered_ms IS NOT NULL AND id <> ?
     ORDER BY answered_ms DESC, id DESC LIMIT 1`,
  );
  const insert = db.prepare(
    `INSERT INTO balance_look (id, asked_ms, utility_cents, charges_cents, in_flight_cents)
     VALUES (?, ?, ?, ?, ?)`,
  );
  const path = db.prepare(
    'INSERT INTO callback_path (hash, kind, subject, expires_ms) VALUES (?, ?, ?, ?)',
  );
  const answer = db.prepare(
    `UPDATE balance_look SET answered_ms = ?, their_utility_cents = ?, their_charges_cents = ?,
       utility_off_cents = ?, charges_off_cents = ? WHERE id = ? AND answered_ms IS NULL`,
  );
  const ask = db.transaction(
    (look: BalanceLook, result: string, timeout: string, expires: number) => {
      const { utilityCents, chargesCents } = look.ours;
      insert.run(look.id, look.askedAt, utilityCents, chargesCents, look.inFlightCents);
      path.run(result, 'balance-result', look.id, expires);
      path.run(timeout, 'balance-timeout', look.id, expires);
      deeds.remove('ask-balance', 'accounts');
    },
  );
  return {
    lastLook: () => {
      const row = last.get();
      return row && toLook(row);
    },
    look: (id) => {
      const row = find.get(id);
      return row && toLook(row);
    },
    lastAnswered: (but) => {
      const row = answered.get(but);
      return row && toLook(row);
    },
    askBalance: (look, result, timeout, expires) => ask.immediate(look, result, timeout, expires),
    answered: (id, theirs, off, at) =>
      void answer.run(
        ...[at, theirs.utilityCents, theirs.chargesCents, off.utilityCents, off.chargesCents, id],
      ),
  };
}

function floats(db: Database): Floats {
  const balance = db.prepare<[string], { balance: number }>(
    'SELECT balance FROM account WHERE id = ?',
  );
  const coming = db.prepare<[], { cents: number }>(
    `SELECT coalesce(sum(amount_cents), 0) AS cents FROM topup
     WHERE state IN ('unknown', 'pending', 'conflict', 'review')`,
  );
  const newestFloat = db.prepare<[], { utilityCents: number; chargesCents: number }>(
    `SELECT utility_cents AS utilityCents, charges_cents AS chargesCents
     FROM float_note ORDER BY id DESC LIMIT 1`,
  );
  const putFloat = db.prepare(
    'INSERT INTO float_note (at_ms, utility_cents, charges_cents, reason) VALUES (?, ?, ?, ?)',
  );
  const of = (account: string): number => balance.get(account)?.balance ?? 0;
  return {
    // The books see M-Pesa from outside: what lies there stands with the other sign.
    ours: () => ({
      utilityCents: 0 - of('mpesa-utility'),
      chargesCents: 0 - of('mpesa-charges-paid'),
      outCents: cents(of('out-in-flight')),
      inCents: cents(coming.get()?.cents ?? 0),
    }),
    float: () => newestFloat.get(),
    noteFloat: ({ utilityCents, chargesCents }, reason, at) =>
      void putFloat.run(at, utilityCents, chargesCents, reason),
  };
}

function signs(db: Database): Signs {
  const raise = db.prepare(
    `INSERT INTO money_alarm (kind, subject, words, at_ms) VALUES (?, ?, ?, ?)
     ON CONFLICT (kind, subject) WHERE ended_ms IS NULL DO NOTHING`,
  );
  const end = db.prepare(
    'UPDATE money_alarm SET ended_ms = ? WHERE kind = ? AND subject = ? AND ended_ms IS NULL',
  );
  const open = db.prepare<[number], Omit<Alarm, 'at'> & { at: number }>(
    `SELECT kind, subject, words, at_ms AS at FROM money_alarm WHERE ended_ms IS NULL
     ORDER BY at_ms DESC, id DESC LIMIT ?`,
  );
  const moment = db.prepare<[string], { at: number }>(
    'SELECT at_ms AS at FROM money_moment WHERE name = ?',
  );
  const note = db.prepare(
    'INSERT INTO money_moment VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET at_ms = excluded.at_ms',
  );
  const forget = db.prepare('DELETE FROM money_moment WHERE name = ?');
  return {
    raise: ({ kind, subject, words, at }) => raise.run(kind, subject, words, at).changes === 1,
    end: (kind, subject, at) => void end.run(at, kind, subject),
    alarms: (limit) => open.all(limit).map((alarm) => ({ ...alarm, at: epochMs(alarm.at) })),
    moment: (name: Moment) => {
      const row = moment.get(name);
      return row && epochMs(row.at);
    },
    noteMoment: (name, at) => void note.run(name, at),
    forgetMoment: (name) => void forget.run(name),
  };
}

/** The watch family of books.db. */
export const watchBooks = (db: Database): WatchBooks => ({
  ...lists(db),
  ...looks(db),
  ...floats(db),
  ...signs(db),
});
