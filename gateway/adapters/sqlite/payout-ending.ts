/** A payout from what is said about it to its end. */
import type { Database } from 'better-sqlite3';
import { finishPayout, returnPayout } from '../../core/ledger.ts';
import { blamesCredential, type Pause } from '../../core/pause.ts';
import type { Payout } from '../../core/payout.ts';
import { type Cents, cents } from '../../core/units.ts';
import type { Heard, PayoutBooks, TransactionUse } from '../../ports/books/money.ts';
import { pauseWriter } from './pauses.ts';
import { outgoingWriter } from './payout-rows.ts';
import { deedWriter, postingWriter } from './postings.ts';

type Ending = Pick<PayoutBooks, 'proved' | 'heard' | 'finish' | 'fail' | 'review'>;

/** What is done stays done; a review ends by what M-Pesa says at last, or by a person. */
export function payoutEnding(db: Database): Ending {
  const post = postingWriter(db);
  const deeds = deedWriter(db);
  const tell = outgoingWriter(db);
  const done = db.prepare(
    `UPDATE payout SET state = 'done', transaction_id = ?, charge_cents = ?, proved_ms = ?, paid_cents = ?, detail = ''
     WHERE id = ? AND state IN ('intent', 'unknown', 'pending', 'review')`,
  );
  const owner = db.prepare<[string], { id: string }>(
    'SELECT id FROM payout WHERE transaction_id = ?',
  );
  const review = db.prepare(
    "UPDATE payout SET state = 'review', detail = ? WHERE id = ? AND state IN ('intent', 'unknown', 'pending')",
  );
  const failed = db.prepare(
    `UPDATE payout SET state = 'failed', detail = ?
     WHERE id = ? AND state IN ('intent', 'unknown', 'pending', 'review')`,
  );
  const proved = db.prepare('UPDATE payout SET proved_ms = ? WHERE id = ?');
  const dropDeeds = (id: string) => {
    deeds.remove('pay-out', id);
    deeds.remove('ask-about-payout', id);
  };
  const finish = db.transaction(
    (p: Payout, transaction: string | undefined, fee: number, at: number, paid?: Cents) => {
      const used = transaction === undefined ? undefined : owner.get(transaction);
      if (used !== undefined && used.id !== p.id) return 'used';
      const ended = done.run(transaction ?? null, fee, at, paid ?? null, p.id).changes === 1;
      if (!ended) return 'over';
      post(finishPayout(p, cents(fee), paid), at);
      dropDeeds(p.id);
      tell(p.id, 'done', transaction ?? '', at);
      return 'finished';
    },
  );
  const fail = db.transaction((p: Payout, why: string, at: number): boolean => {
    if (failed.run(why, p.id).changes !== 1) return false;
    post(returnPayout(p), at);
    dropDeeds(p.id);
    tell(p.id, 'failed', why, at);
    return true;
  });
  const setAside = db.transaction((p: Payout, why: string, at: number): boolean => {
    if (review.run(why, p.id).changes !== 1) return false;
    dropDeeds(p.id);
    tell(p.id, 'review', why, at);
    return true;
  });
  return {
    proved: (p, at) => void proved.run(at, p.id),
    heard: hearing(db),
    finish: (p, transactionId, fee, at, paid): TransactionUse =>
      finish.immediate(p, transactionId, fee, at, paid),
    fail: (p, why, at) => fail.immediate(p, why, at),
    review: (p, why, at) => setAside.immediate(p, why, at),
  };
}

function hearing(db: Database): Ending['heard'] {
  const deeds = deedWriter(db);
  const tell = outgoingWriter(db);
  const begin = pauseWriter(db);
  const isNews = db.prepare<[string, string | null]>(
    'SELECT 1 FROM payout WHERE id = ? AND code IS NOT ?',
  );
  const note = db.prepare(
    `UPDATE payout SET code = coalesce(?, code), detail = ?, proved_ms = coalesce(?, proved_ms),
       state = CASE WHEN ? THEN 'unknown' ELSE state END
     WHERE id = ? AND state IN ('unknown', 'pending')`,
  );
  const heard = db.transaction((p: Payout, what: Heard, pause: Pause | undefined): boolean => {
    const { code = null, words, isAmbiguous, askAt, at } = what;
    const news = isNews.get(p.id, code) !== undefined;
    const proved = code === null || blamesCredential(code) ? null : at;
    if (note.run(code, words, proved, isAmbiguous ? 1 : 0, p.id).changes !== 1) return false;
    deeds.put('ask-about-payout', p.id, askAt);
    if (news) tell(p.id, 'heard', `code ${code ?? 'unreadable'}: ${words}`, at);
    // A message that comes again after a person resumed does not pause again.
    return news && pause !== undefined && begin(pause);
  });
  return (p, what, pause) => heard.immediate(p, what, pause);
}
