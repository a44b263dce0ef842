/** Reversals: payments on their way back to the phones that made them. */
import type { Database } from 'better-sqlite3';
import type { HouseholdId, ReversalId } from '../../core/ids.ts';
import { finishReversal, returnReversal, startReversal } from '../../core/ledger.ts';
import type { Pause } from '../../core/pause.ts';
import type { Reversal, ReversalState } from '../../core/reversal.ts';
import { cents, epochMs } from '../../core/units.ts';
import type { Heard, QuestionPaths, TransactionUse } from '../../ports/books/money.ts';
import type { ReversalBooks } from '../../ports/books/reversals.ts';
import { pauseWriter } from './pauses.ts';
import { outgoingWriter, pathWriter } from './payout-rows.ts';
import { deedWriter, postingWriter } from './postings.ts';

type ReversalRow = {
  id: string;
  receipt: string;
  household: string | null;
  amount_cents: number;
  state: ReversalState;
  created_ms: number;
  sent_ms: number | null;
  asks: number;
  may_repeat: 0 | 1;
  code: string | null;
  detail: string;
};

const toReversal = (row: ReversalRow): Reversal => ({
  id: row.id as ReversalId,
  receipt: row.receipt,
  household: (row.household ?? undefined) as HouseholdId | undefined,
  amountCents: cents(row.amount_cents),
  state: row.state,
  createdAt: epochMs(row.created_ms),
  sentAt: row.sent_ms === null ? undefined : epochMs(row.sent_ms),
  asks: row.asks,
  mayRepeat: row.may_repeat === 1,
  code: row.code ?? undefined,
  detail: row.detail,
});

const underWay = "state IN ('intent', 'unknown', 'pending')";

/** The reversal family of books.db. */
export function reversalBooks(db: Database): ReversalBooks {
  const find = db.prepare<[string], ReversalRow>('SELECT * FROM reversal WHERE id = ?');
  const ofReceipt = db.prepare<[string], ReversalRow>(
    'SELECT * FROM reversal WHERE receipt = ? ORDER BY created_ms DESC, id DESC LIMIT 1',
  );
  const inStates = db.prepare<[string], ReversalRow>(
    'SELECT * FROM reversal WHERE state IN (SELECT value FROM json_each(?)) ORDER BY created_ms, id',
  );
  const there = db.prepare<[string], { balance: number }>(
    'SELECT balance FROM account WHERE id = ?',
  );
  const one = (row: ReversalRow | undefined) => row && toReversal(row);
  return {
    find: (id) => one(find.get(id)),
    ofReceipt: (receipt) => one(ofReceipt.get(receipt)),
    inStates: (states) => inStates.all(JSON.stringify(states)).map(toReversal),
    thereIn: (household) =>
      cents(there.get(household === undefined ? 'suspense' : `wallet:${household}`)?.balance ?? 0),
    ...sending(db),
    ...asking(db),
    ...ending(db),
  };
}

type Sending = Pick<
  ReversalBooks,
  'order' | 'markSent' | 'pending' | 'notSent' | 'unsure' | 'hold'
>;

function sending(db: Database): Sending {
  const [post, deeds] = [postingWriter(db), deedWriter(db)];
  const [addPaths, tell] = [pathWriter(db), outgoingWriter(db)];
  const insert = db.prepare(
    `INSERT INTO reversal (id, receipt, household, amount_cents, state, created_ms)
     VALUES (?, ?, ?, ?, 'intent', ?)`,
  );
  const sent = db.prepare(
    `UPDATE reversal SET state = 'unknown', sent_ms = coalesce(sent_ms, ?), may_repeat = 0
     WHERE id = ? AND (state = 'intent' OR state IN ('unknown', 'pending') AND may_repeat = 1)`,
  );
  const move = db.prepare(`UPDATE reversal SET state = ?, detail = ? WHERE id = ? AND ${underWay}`);
  const conversation = db.prepare('UPDATE reversal SET mpesa_conversation_id = ? WHERE id = ?');
  const unsent = db.prepare('UPDATE reversal SET sent_ms = NULL WHERE id = ?');
  const repeat = db.prepare('UPDATE reversal SET may_repeat = 1 WHERE id = ?');
  const detail = db.prepare(`UPDATE reversal SET detail = ? WHERE id = ? AND ${underWay}`);
  const later = db.prepare('UPDATE deed SET due_ms = ? WHERE key IN (?, ?)');
  const toAsk = (id: string, at: number) => {
    deeds.remove('reverse', id);
    deeds.put('ask-about-reversal', id, at);
  };

  const order = db.transaction((r: Reversal, at: number) => {
    insert.run(r.id, r.receipt, r.household ?? null, r.amountCents, r.createdAt);
    post(startReversal(r), at);
    deeds.put('reverse', r.id, at);
    tell(r.id, 'ordered', `${r.amountCents} cents of ${r.receipt}`, at);
  });
  const markSent = db.transaction((r: Reversal, paths: QuestionPaths, at: number) => {
    if (sent.run(at, r.id).changes !== 1) throw new Error(`reversal ${r.id} may not be sent`);
    addPaths('reversal', paths, r.id);
    tell(r.id, 'sent', '', at);
  });
  const pending = db.transaction((r: Reversal, mpesaId: string, askAt: number) => {
    if (move.run('pending', '', r.id).changes !== 1) return;
    conversation.run(mpesaId, r.id);
    toAsk(r.id, askAt);
  });
  const notSent = db.transaction((r: Reversal, why: string, again: number) => {
    // What was sent before stays in doubt, but M-Pesa said that it stands and may be tried again.
    const isFirst = r.state === 'intent';
    if (move.run(isFirst ? 'intent' : 'unknown', why, r.id).changes !== 1) return;
    (isFirst ? unsent : repeat).run(r.id);
    deeds.put('reverse', r.id, again);
  });
  const unsure = db.transaction((r: Reversal, why: string, askAt: number) => {
    if (move.run('unknown', why, r.id).changes === 1) toAsk(r.id, askAt);
  });
  const hold = db.transaction((r: Reversal, why: string, until: number) => {
    if (detail.run(why, r.id).changes === 1)
      later.run(until, `reverse:${r.id}`, `ask-about-reversal:${r.id}`);
  });
  return {
    order: (r, at) => order.immediate(r, at),
    markSent: (r, paths, at) => markSent.immediate(r, paths, at),
    pending: (r, mpesaId, askAt) => pending.immediate(r, mpesaId, askAt),
    notSent: (r, why, again) => notSent.immediate(r, why, again),
    unsure: (r, why, askAt) => unsure.immediate(r, why, askAt),
    hold: (r, why, until) => hold.immediate(r, why, until),
  };
}

type Asking = Pick<ReversalBooks, 'noteQuestion' | 'asked' | 'stands' | 'heard'>;

function asking(db: Database): Asking {
  const [deeds, addPaths] = [deedWriter(db), pathWriter(db)];
  const [tell, begin] = [outgoingWriter(db), pauseWriter(db)];
  const asked = db.prepare('UPDATE reversal SET asks = asks + 1 WHERE id = ?');
  const repeat = db.prepare(
    "UPDATE reversal SET may_repeat = 1 WHERE id = ? AND state IN ('unknown', 'pending')",
  );
  const note = db.prepare(
    `UPDATE reversal SET code = coalesce(?, code), detail = ? WHERE id = ? AND state IN ('unknown', 'pending')`,
  );
  const isNews = db.prepare<[string, string | null]>(
    'SELECT 1 FROM reversal WHERE id = ? AND code IS NOT ?',
  );
  const question = db.transaction((r: Reversal, paths: QuestionPaths, next: number) => {
    addPaths('receipt', paths, r.id);
    deeds.put('ask-about-reversal', r.id, next);
  });
  const stands = db.transaction((r: Reversal, at: number) => {
    if (repeat.run(r.id).changes !== 1) return;
    deeds.put('reverse', r.id, at);
    tell(r.id, 'stands', 'the payment has not gone back', at);
  });
  const heard = db.transaction((r: Reversal, what: Heard, pause: Pause | undefined): boolean => {
    const { code = null, words, askAt, at } = what;
    const news = isNews.get(r.id, code) !== undefined;
    if (note.run(code, words, r.id).changes !== 1) return false;
    deeds.put('ask-about-reversal', r.id, askAt);
    if (news) tell(r.id, 'heard', `code ${code ?? 'unreadable'}: ${words}`, at);
    return news && pause !== undefined && begin(pause);
  });
  return {
    noteQuestion: (r, paths, next) => question.immediate(r, paths, next),
    asked: (r) => void asked.run(r.id),
    stands: (r, at) => stands.immediate(r, at),
    heard: (r, what, pause) => heard.immediate(r, what, pause),
  };
}

function ending(db: Database): Pick<ReversalBooks, 'finish' | 'fail' | 'review'> {
  const [post, deeds, tell] = [postingWriter(db), deedWriter(db), outgoingWriter(db)];
  const reversed = db.prepare(
    `UPDATE reversal SET state = 'reversed', transaction_id = ?, detail = ''
     WHERE id = ? AND state IN ('intent', 'unknown', 'pending', 'review')`,
  );
  const owner = db.prepare<[string], { id: string }>(
    'SELECT id FROM reversal WHERE transaction_id = ?',
  );
  const failed = db.prepare(
    `UPDATE reversal SET state = 'failed', detail = ?
     WHERE id = ? AND state IN ('intent', 'unknown', 'pending', 'review')`,
  );
  const review = db.prepare(
    `UPDATE reversal SET state = 'review', detail = ? WHERE id = ? AND ${underWay}`,
  );
  const end = (id: string, event: string, detail: string, at: number) => {
    deeds.remove('reverse', id);
    deeds.remove('ask-about-reversal', id);
    tell(id, event, detail, at);
  };
  const finish = db.transaction(
    (r: Reversal, transaction: string | undefined, at: number): TransactionUse => {
      const used = transaction === undefined ? undefined : owner.get(transaction);
      if (used !== undefined && used.id !== r.id) return 'used';
      if (reversed.run(transaction ?? null, r.id).changes !== 1) return 'over';
      post(finishReversal(r), at);
      end(r.id, 'reversed', transaction ?? '', at);
      return 'finished';
    },
  );
  const fail = db.transaction((r: Reversal, why: string, at: number): boolean => {
    if (failed.run(why, r.id).changes !== 1) return false;
    post(returnReversal(r), at);
    end(r.id, 'failed', why, at);
    return true;
  });
  const setAside = db.transaction((r: Reversal, why: string, at: number): boolean => {
    if (review.run(why, r.id).changes !== 1) return false;
    end(r.id, 'review', why, at);
    return true;
  });
  return {
    finish: (r, transactionId, at) => finish.immediate(r, transactionId, at),
    fail: (r, why, at) => fail.immediate(r, why, at),
    review: (r, why, at) => setAside.immediate(r, why, at),
  };
}
