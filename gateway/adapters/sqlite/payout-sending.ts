/** A payout from its intention to M-Pesa's answer. */
import type { Database } from 'better-sqlite3';
import { startPayout } from '../../core/ledger.ts';
import type { Payout } from '../../core/payout.ts';
import type { PayoutBooks, QuestionPaths } from '../../ports/books/money.ts';
import { outgoingWriter, pathWriter } from './payout-rows.ts';
import { deedWriter, postingWriter } from './postings.ts';

type Sending = Pick<
  PayoutBooks,
  'start' | 'markSent' | 'pending' | 'notSent' | 'unsure' | 'hold' | 'noteQuestion' | 'asked'
>;

export function payoutSending(db: Database): Sending {
  const deeds = deedWriter(db);
  const addPaths = pathWriter(db);
  const asked = db.prepare('UPDATE payout SET asks = asks + 1 WHERE id = ?');
  const question = db.transaction((p: Payout, paths: QuestionPaths, next: number) => {
    addPaths('status', paths, p.id);
    deeds.put('ask-about-payout', p.id, next);
  });
  return {
    ...beginning(db),
    ...answers(db),
    asked: (p) => void asked.run(p.id),
    noteQuestion: (p, paths, next) => question.immediate(p, paths, next),
  };
}

function beginning(db: Database): Pick<Sending, 'start' | 'markSent' | 'hold'> {
  const post = postingWriter(db);
  const deeds = deedWriter(db);
  const addPaths = pathWriter(db);
  const tell = outgoingWriter(db);
  const insert = db.prepare(
    `INSERT INTO payout (id, household, kind, sequence, phone, amount_cents, conversation_id, state, created_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?, 'intent', ?)`,
  );
  // The first moment counts: from then on M-Pesa may know the conversation id.
  const sent = db.prepare(
    `UPDATE payout SET sent_ms = CASE state WHEN 'intent' THEN ? ELSE sent_ms END, state = 'unknown'
     WHERE id = ? AND state IN ('intent', 'unknown')`,
  );
  const detail = db.prepare(
    "UPDATE payout SET detail = ? WHERE id = ? AND state IN ('intent', 'unknown')",
  );
  const start = db.transaction((p: Payout, at: number) => {
    const whose = [p.id, p.household, p.kind, p.sequence, p.phone];
    insert.run(...whose, p.amountCents, p.conversationId, p.createdAt);
    post(startPayout(p), at);
    deeds.put('pay-out', p.id, at);
    tell(p.id, 'started', `${p.kind} of ${p.amountCents} cents`, at);
  });
  const markSent = db.transaction((p: Payout, paths: QuestionPaths, at: number) => {
    if (sent.run(at, p.id).changes !== 1) throw new Error(`payout ${p.id} is over`);
    addPaths('payout', paths, p.id);
    tell(p.id, 'sent', '', at);
  });
  const hold = db.transaction((p: Payout, why: string, until: number) => {
    if (detail.run(why, p.id).changes === 1) deeds.put('pay-out', p.id, until);
  });
  return {
    start: (p, at) => start.immediate(p, at),
    markSent: (p, paths, at) => markSent.immediate(p, paths, at),
    hold: (p, why, until) => hold.immediate(p, why, until),
  };
}

function answers(db: Database): Pick<Sending, 'pending' | 'notSent' | 'unsure'> {
  const deeds = deedWriter(db);
  const state = db.prepare(
    "UPDATE payout SET state = ?, detail = ? WHERE id = ? AND state IN ('intent', 'unknown', 'pending')",
  );
  const conversation = db.prepare('UPDATE payout SET mpesa_conversation_id = ? WHERE id = ?');

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
    pending: (p, mpesaId, askAt) => pending.immediate(p, mpesaId, askAt),
    notSent: (p, why, again) => notSent.immediate(p, why, again),
    unsure: (p, why, askAt) => unsure.immediate(p, why, askAt),
  };
}
