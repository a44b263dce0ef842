/** Payouts: what sellers earned, on its way to their phones. */
import type { Database } from 'better-sqlite3';
import type { HouseholdId, PayoutId } from '../../core/ids.ts';
import { finishPayout, returnPayout, startPayout } from '../../core/ledger.ts';
import type { Payout, PayoutState } from '../../core/payout.ts';
import type { Msisdn } from '../../core/phone.ts';
import { cents, epochMs } from '../../core/units.ts';
import type { PayoutBooks } from '../../ports/books/money.ts';
import type { CallbackKind } from '../../ports/mobile-money.ts';
import { deedWriter, postingWriter } from './postings.ts';

type PayoutRow = {
  id: string;
  household: string;
  sequence: number;
  phone: string;
  amount_cents: number;
  conversation_id: string;
  state: PayoutState;
  created_ms: number;
  sent_ms: number | null;
  asks: number;
};

const toPayout = (row: PayoutRow): Payout => ({
  id: row.id as PayoutId,
  household: row.household as HouseholdId,
  sequence: row.sequence,
  phone: row.phone as Msisdn,
  amountCents: cents(row.amount_cents),
  conversationId: row.conversation_id,
  state: row.state,
  createdAt: epochMs(row.created_ms),
  sentAt: row.sent_ms === null ? undefined : epochMs(row.sent_ms),
  asks: row.asks,
});

type Sending = Pick<PayoutBooks, 'start' | 'markSent' | 'pending' | 'notSent' | 'unsure'>;
type Questions = Pick<PayoutBooks, 'noteQuestion' | 'asked'>;
type Ending = Pick<PayoutBooks, 'finish' | 'fail' | 'review'>;

function pathWriter(db: Database) {
  const insert = db.prepare('INSERT INTO callback_path VALUES (?, ?, ?, ?)');
  return (kind: CallbackKind, hash: string, subject: string, expires: number): void => {
    insert.run(hash, kind, subject, expires);
  };
}

function sending(db: Database): Sending {
  const post = postingWriter(db);
  const deeds = deedWriter(db);
  const addPath = pathWriter(db);
  const insert = db.prepare(
    `INSERT INTO payout (id, household, sequence, phone, amount_cents, conversation_id, state, created_ms)
     VALUES (?, ?, ?, ?, ?, ?, 'intent', ?)`,
  );
  const sent = db.prepare(
    "UPDATE payout SET state = 'unknown', sent_ms = ? WHERE id = ? AND state IN ('intent', 'unknown')",
  );
  const state = db.prepare(
    "UPDATE payout SET state = ?, detail = ? WHERE id = ? AND state IN ('intent', 'unknown', 'pending')",
  );
  const conversation = db.prepare('UPDATE payout SET mpesa_conversation_id = ? WHERE id = ?');

  const start = db.transaction((p: Payout, at: number) => {
    insert.run(
      p.id,
      p.household,
      p.sequence,
      p.phone,
      p.amountCents,
      p.conversationId,
      p.createdAt,
    );
    post(startPayout(p.id, p.household, p.amountCents), at);
    deeds.put('pay-out', p.id, at);
  });
  const markSent = db.transaction(
    (p: Payout, result: string, timeout: string, expires: number, at: number) => {
      if (sent.run(at, p.id).changes !== 1) throw new Error(`payout ${p.id} is over`);
      addPath('payout-result', result, p.id, expires);
      addPath('payout-timeout', timeout, p.id, expires);
    },
  );
  const pending = db.transaction((p: Payout, mpesaId: string | undefined, askAt: number) => {
    // A result may be faster than the answer: what is over leaves nothing to do.
    if (state.run('pending', '', p.id).changes !== 1) return;
    if (mpesaId !== undefined) conversation.run(mpesaId, p.id);
    deeds.remove('pay-out', p.id);
    deeds.put('ask-about-payout', p.id, askAt);
  });
  const notSent = db.transaction((p: Payout, why: string, again: number) => {
    // A doubt about an earlier send is not forgotten because this one did not leave.
    const now = p.state === 'unknown' ? 'unknown' : 'intent';
    if (state.run(now, why, p.id).changes !== 1) return;
    deeds.put('pay-out', p.id, again);
  });
  const unsure = db.transaction((p: Payout, why: string, askAt: number) => {
    if (state.run('unknown', why, p.id).changes !== 1) return;
    deeds.remove('pay-out', p.id);
    deeds.put('ask-about-payout', p.id, askAt);
  });
  return {
    start: (p, at) => start.immediate(p, at),
    markSent: (p, result, timeout, expires, at) =>
      markSent.immediate(p, result, timeout, expires, at),
    pending: (p, mpesaId, askAt) => pending.immediate(p, mpesaId, askAt),
    notSent: (p, why, again) => notSent.immediate(p, why, again),
    unsure: (p, why, askAt) => unsure.immediate(p, why, askAt),
  };
}

function questions(db: Database): Questions {
  const deeds = deedWriter(db);
  const addPath = pathWriter(db);
  const asked = db.prepare('UPDATE payout SET asks = asks + 1 WHERE id = ?');
  const question = db.transaction(
    (p: Payout, result: string, timeout: string, expires: number, next: number) => {
      addPath('status-result', result, p.id, expires);
      addPath('status-timeout', timeout, p.id, expires);
      deeds.put('ask-about-payout', p.id, next);
    },
  );
  return {
    asked: (p) => void asked.run(p.id),
    noteQuestion: (p, result, timeout, expires, next) =>
      question.immediate(p, result, timeout, expires, next),
  };
}

function ending(db: Database): Ending {
  const post = postingWriter(db);
  const deeds = deedWriter(db);
  const done = db.prepare(
    `UPDATE payout SET state = 'done', transaction_id = ?, detail = ''
     WHERE id = ? AND state IN ('intent', 'unknown', 'pending', 'review')`,
  );
  const end = db.prepare(
    "UPDATE payout SET state = ?, detail = ? WHERE id = ? AND state IN ('intent', 'unknown', 'pending')",
  );
  const failed = db.prepare(
    `UPDATE payout SET state = 'failed', detail = ?
     WHERE id = ? AND state IN ('intent', 'unknown', 'pending', 'review')`,
  );
  const dropDeeds = (id: string) => {
    deeds.remove('pay-out', id);
    deeds.remove('ask-about-payout', id);
  };
  const finish = db.transaction(
    (p: Payout, transactionId: string | undefined, fee: number, at: number) => {
      if (done.run(transactionId ?? null, p.id).changes !== 1) return false;
      post(finishPayout(p.id, p.amountCents, cents(fee)), at);
      dropDeeds(p.id);
      return true;
    },
  );
  const fail = db.transaction((p: Payout, why: string, at: number) => {
    if (failed.run(why, p.id).changes !== 1) return;
    post(returnPayout(p.id, p.household, p.amountCents), at);
    dropDeeds(p.id);
  });
  const review = db.transaction((p: Payout, why: string) => {
    end.run('review', why, p.id);
    dropDeeds(p.id);
  });
  return {
    finish: (p, transactionId, fee, at) => finish.immediate(p, transactionId, fee, at),
    fail: (p, why, at) => fail.immediate(p, why, at),
    review: (p, why) => review.immediate(p, why),
  };
}

/** The payout family of books.db. */
export function payoutBooks(db: Database): PayoutBooks {
  const find = db.prepare<[string], PayoutRow>('SELECT * FROM payout WHERE id = ?');
  const open = db.prepare<[string], PayoutRow>(
    "SELECT * FROM payout WHERE household = ? AND state IN ('intent', 'unknown', 'pending', 'review')",
  );
  // A failed one counts too: its money joins the next run, never the same one again.
  const last = db.prepare<[string], { at: number | null }>(
    'SELECT max(created_ms) AS at FROM payout WHERE household = ?',
  );
  const newest = db.prepare<[string], { at: number; state: PayoutState }>(
    'SELECT created_ms AS at, state FROM payout WHERE household = ? ORDER BY sequence DESC LIMIT 1',
  );
  const lastDone = db.prepare<[string], { id: string }>(
    "SELECT id FROM payout WHERE household = ? AND state = 'done' ORDER BY sequence DESC LIMIT 1",
  );
  const sequence = db.prepare<[string], { n: number | null }>(
    'SELECT max(sequence) AS n FROM payout WHERE household = ?',
  );
  const paid = db.prepare<[string], { sum: number | null }>(
    "SELECT sum(amount_cents) AS sum FROM payout WHERE household = ? AND state = 'done'",
  );
  const earners = db.prepare<[number], { household: string }>(
    `SELECT substr(id, 10) AS household FROM account
     WHERE id GLOB 'earnings:*' AND balance >= ? ORDER BY id`,
  );
  const fee = db.prepare<[number, number, number], { fee_cents: number }>(
    `SELECT fee_cents FROM mpesa_fee WHERE kind = 'payout' AND from_ms <= ? AND least_cents <= ?
     AND most_cents >= ? ORDER BY from_ms DESC LIMIT 1`,
  );
  const one = (row: PayoutRow | undefined) => row && toPayout(row);
  return {
    find: (id) => one(find.get(id)),
    openOf: (household) => one(open.get(household)),
    lastAt: (household) => {
      const at = last.get(household)?.at;
      return at === null || at === undefined ? undefined : epochMs(at);
    },
    refusedAt: (household) => {
      const row = newest.get(household);
      return row?.state === 'failed' ? epochMs(row.at) : undefined;
    },
    lastDone: (household) => lastDone.get(household)?.id as PayoutId | undefined,
    nextSequence: (household) => (sequence.get(household)?.n ?? 0) + 1,
    paidOutTo: (household) => cents(paid.get(household)?.sum ?? 0),
    earners: (least) => earners.all(least).map((row) => row.household as HouseholdId),
    feeFor: (amount, at) => cents(fee.get(at, amount, amount)?.fee_cents ?? 0),
    ...sending(db),
    ...questions(db),
    ...ending(db),
  };
}
