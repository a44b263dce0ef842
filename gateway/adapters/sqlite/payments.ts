/** Payments that certainly reached the hub: each receipt has one row, and its money one place. */
import type { Database } from 'better-sqlite3';
import type { Listed, Payment, PaymentHint, PaymentPlace } from '../../core/evidence.ts';
import type { HouseholdId, TopupId } from '../../core/ids.ts';
import { assignPayment, creditPaybill, suspendPayment } from '../../core/ledger.ts';
import { type Cents, cents, epochMs } from '../../core/units.ts';
import type { Act, EvidenceBooks } from '../../ports/books/evidence.ts';
import { postingWriter } from './postings.ts';
import { creditWriter } from './topup-rows.ts';

type PaymentRow = {
  receipt: string;
  amount_cents: number;
  reference: string;
  phone: string | null;
  at_ms: number;
  source: 'list' | 'person';
  place: 'topup' | 'wallet' | 'suspense';
  topup: string | null;
  household: string | null;
};

const toPayment = (row: PaymentRow): Payment => ({
  receipt: row.receipt,
  amountCents: cents(row.amount_cents),
  reference: row.reference,
  phone: row.phone ?? undefined,
  at: epochMs(row.at_ms),
  source: row.source,
  place: row.place,
  topup: (row.topup ?? undefined) as TopupId | undefined,
  household: (row.household ?? undefined) as HouseholdId | undefined,
});

/** Money of a payment whose reversal stands or was done is no longer in suspense. */
const stillInSuspense = `place = 'suspense' AND NOT EXISTS (
  SELECT 1 FROM reversal r WHERE r.receipt = payment.receipt AND r.state <> 'failed')`;

type Taking = Pick<EvidenceBooks, 'take' | 'assign'>;
type Looking = Pick<EvidenceBooks, 'find' | 'ofTopup' | 'ofHousehold' | 'ofPhone' | 'inSuspense'>;
type Hints = Pick<EvidenceBooks, 'noteHint' | 'hint' | 'openHints'>;
type Acts = Pick<EvidenceBooks, 'noteAct' | 'acts'>;

function taking(db: Database): Taking {
  const post = postingWriter(db);
  const credit = creditWriter(db);
  const insert = db.prepare(
    `INSERT INTO payment
       (receipt, amount_cents, reference, phone, at_ms, source, seen_ms, place, topup, household)
     VALUES ($receipt, $amountCents, $reference, $phone, $at, $source, $seen, $place, $topup, $household)
     ON CONFLICT (receipt) DO NOTHING`,
  );
  // What a person typed gives way to what M-Pesa lists: for the same push, and for the same receipt.
  const forgetTyped = db.prepare(
    "DELETE FROM payment WHERE source = 'person' AND place = 'topup' AND (topup = $id OR receipt = $receipt)",
  );
  const unclaim = db.prepare('UPDATE topup SET receipt = NULL WHERE receipt = ? AND id <> ?');
  const name = db.prepare('UPDATE topup SET receipt = ? WHERE id = ?');
  const confirmed = db.prepare(
    "UPDATE payment SET source = 'list' WHERE receipt = ? AND source = 'person'",
  );
  const assigned = db.prepare(
    `UPDATE payment SET place = 'wallet', household = ?, was_suspense = 1
     WHERE receipt = ? AND ${stillInSuspense}`,
  );
  const amountOf = db.prepare<[string], { cents: number }>(
    'SELECT amount_cents AS cents FROM payment WHERE receipt = ?',
  );

  const putRow = (payment: Listed, place: PaymentPlace, source: string, at: number): boolean => {
    const topup = place.kind === 'topup' ? place.topup : undefined;
    const { receipt, amountCents, reference, phone = null } = payment;
    const household = place.kind === 'wallet' ? place.household : (topup?.household ?? null);
    const row = { receipt, amountCents, reference, phone, at: payment.at, source, seen: at };
    const where = { place: place.kind, topup: topup?.id ?? null, household };
    return insert.run({ ...row, ...where }).changes === 1;
  };
  const putMoney = (receipt: string, amount: Cents, place: PaymentPlace, at: number): boolean => {
    switch (place.kind) {
      case 'topup':
        unclaim.run(receipt, place.topup.id);
        name.run(receipt, place.topup.id);
        return credit(place.topup, at);
      case 'wallet':
        post(creditPaybill(receipt, place.household, amount), at);
        return true;
      case 'suspense':
        post(suspendPayment(receipt, amount), at);
        return false;
    }
  };
  const take = db.transaction(
    (payment: Listed, place: PaymentPlace, source: 'list' | 'person', at: number): boolean => {
      if (place.kind === 'topup' && source === 'list')
        forgetTyped.run({ id: place.topup.id, receipt: payment.receipt });
      if (putRow(payment, place, source, at))
        return putMoney(payment.receipt, payment.amountCents, place, at);
      if (source === 'list') confirmed.run(payment.receipt);
      return false;
    },
  );
  const assign = db.transaction((receipt: string, household: HouseholdId, at: number): boolean => {
    if (assigned.run(household, receipt).changes !== 1) return false;
    post(assignPayment(receipt, household, cents(amountOf.get(receipt)?.cents ?? 0)), at);
    return true;
  });
  return {
    take: (payment, place, source, at) => take.immediate(payment, place, source, at),
    assign: (receipt, household, at) => assign.immediate(receipt, household, at),
  };
}

function looking(db: Database): Looking {
  const find = db.prepare<[string], PaymentRow>('SELECT * FROM payment WHERE receipt = ?');
  const ofTopup = db.prepare<[string], PaymentRow>('SELECT * FROM payment WHERE topup = ?');
  const newest = (column: 'household' | 'phone') =>
    db.prepare<[string, number], PaymentRow>(
      `SELECT * FROM payment WHERE ${column} = ? ORDER BY at_ms DESC, receipt DESC LIMIT ?`,
    );
  const [ofHousehold, ofPhone] = [newest('household'), newest('phone')];
  const suspense = db.prepare<[number], PaymentRow>(
    `SELECT * FROM payment WHERE ${stillInSuspense} ORDER BY at_ms DESC, receipt DESC LIMIT ?`,
  );
  const one = (row: PaymentRow | undefined) => row && toPayment(row);
  return {
    find: (receipt) => one(find.get(receipt)),
    ofTopup: (topup) => one(ofTopup.get(topup)),
    ofHousehold: (household, limit) => ofHousehold.all(household, limit).map(toPayment),
    ofPhone: (phone, limit) => ofPhone.all(phone, limit).map(toPayment),
    inSuspense: (limit) => suspense.all(limit).map(toPayment),
  };
}

type HintRow = Pick<PaymentRow, 'receipt' | 'reference' | 'phone' | 'at_ms'> & {
  amount_cents: number | null;
};
const toHint = (row: HintRow): PaymentHint => ({
  receipt: row.receipt,
  amountCents: row.amount_cents === null ? undefined : cents(row.amount_cents),
  reference: row.reference,
  phone: row.phone ?? undefined,
  at: epochMs(row.at_ms),
});

function hints(db: Database): Hints {
  const insert = db.prepare(
    `INSERT INTO payment_hint SELECT $receipt, $amount, $reference, $phone, $at
     WHERE (SELECT count(*) FROM payment_hint) < $most ON CONFLICT (receipt) DO NOTHING`,
  );
  const find = db.prepare<[string], HintRow>('SELECT * FROM payment_hint WHERE receipt = ?');
  const open = db.prepare<[number], HintRow>(
    `SELECT * FROM payment_hint h WHERE NOT EXISTS (SELECT 1 FROM payment p WHERE p.receipt = h.receipt)
       AND NOT EXISTS (SELECT 1 FROM topup t WHERE t.receipt = h.receipt AND t.state = 'credited')
     ORDER BY at_ms DESC, receipt LIMIT ?`,
  );
  return {
    noteHint: ({ receipt, amountCents, reference, phone, at }, most) => {
      const [amount, from] = [amountCents ?? null, phone ?? null];
      insert.run({ receipt, amount, reference, phone: from, at, most });
    },
    hint: (receipt) => {
      const row = find.get(receipt);
      return row && toHint(row);
    },
    openHints: (limit) => open.all(limit).map(toHint),
  };
}

function acts(db: Database): Acts {
  const insert = db.prepare(
    'INSERT INTO act (at_ms, act, subject, household, reason) VALUES (?, ?, ?, ?, ?)',
  );
  const newest = db.prepare<
    [number],
    { at: number; act: string; subject: string; household: string | null; reason: string }
  >('SELECT at_ms AS at, act, subject, household, reason FROM act ORDER BY id DESC LIMIT ?');
  return {
    noteAct: ({ act, subject, household, reason, at }) =>
      void insert.run(at, act, subject, household ?? null, reason),
    acts: (limit) =>
      newest.all(limit).map(
        ({ household, at, ...rest }): Act => ({
          ...rest,
          at: epochMs(at),
          household: (household ?? undefined) as HouseholdId | undefined,
        }),
      ),
  };
}

/** The evidence family of books.db. */
export const evidenceBooks = (db: Database): EvidenceBooks => ({
  ...taking(db),
  ...looking(db),
  ...hints(db),
  ...acts(db),
});
