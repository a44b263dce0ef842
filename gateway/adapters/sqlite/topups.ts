/** Top-ups: the push that fills a wallet, from intention to credit. */
import type { Database } from 'better-sqlite3';
import type { HouseholdId, TopupId, TradeId } from '../../core/ids.ts';
import { creditTopup } from '../../core/ledger.ts';
import type { Msisdn } from '../../core/phone.ts';
import { startOfDay } from '../../core/slot.ts';
import type { Topup, TopupState } from '../../core/topup.ts';
import { cents, epochMs } from '../../core/units.ts';
import type { TopupBooks } from '../../ports/books/money.ts';
import { deedWriter, historyWriter, postingWriter } from './postings.ts';

type TopupRow = {
  id: string;
  household: string;
  phone: string;
  amount_cents: number;
  account_reference: string;
  state: TopupState;
  created_ms: number;
  sent_ms: number | null;
  polls: number;
  checkout_request_id: string | null;
  merchant_request_id: string | null;
  code: string | null;
  receipt: string | null;
  detail: string;
};

const toTopup = (row: TopupRow): Topup => ({
  id: row.id as TopupId,
  household: row.household as HouseholdId,
  phone: row.phone as Msisdn,
  amountCents: cents(row.amount_cents),
  accountReference: row.account_reference,
  state: row.state,
  createdAt: epochMs(row.created_ms),
  sentAt: row.sent_ms === null ? undefined : epochMs(row.sent_ms),
  polls: row.polls,
  checkoutRequestId: row.checkout_request_id ?? undefined,
  merchantRequestId: row.merchant_request_id ?? undefined,
  code: row.code ?? undefined,
  receipt: row.receipt ?? undefined,
  detail: row.detail,
});

type Asking = Pick<TopupBooks, 'request' | 'markSent' | 'ringing' | 'notSent' | 'unsure' | 'asked'>;
type Ending = Pick<
  TopupBooks,
  'credit' | 'noteReceipt' | 'refuse' | 'neverRang' | 'abandon' | 'review'
>;

/** From the intention to a ringing phone. */
function asking(db: Database): Asking {
  const deeds = deedWriter(db);
  const tell = historyWriter(db);
  const insert = db.prepare(
    `INSERT INTO topup (id, household, phone, amount_cents, account_reference, state, created_ms)
     VALUES (?, ?, ?, ?, ?, 'intent', ?)`,
  );
  const link = db.prepare('UPDATE trade SET topup = ? WHERE id = ?');
  const sent = db.prepare(
    "UPDATE topup SET state = 'unknown', sent_ms = ?, detail = 'sent' WHERE id = ? AND state = 'intent'",
  );
  const addPath = db.prepare("INSERT INTO callback_path VALUES (?, 'push', ?, ?)");
  const ring = db.prepare(
    `UPDATE topup SET state = 'pending', checkout_request_id = ?, merchant_request_id = ?, detail = ''
     WHERE id = ? AND state = 'unknown'`,
  );
  // Money that comes after everybody gave up is still its household's: the id lets us ask for it.
  const nameLate = db.prepare(
    `UPDATE topup SET checkout_request_id = ?, merchant_request_id = ?
     WHERE id = ? AND state IN ('review', 'failed') AND checkout_request_id IS NULL`,
  );
  const back = db.prepare(
    "UPDATE topup SET state = 'intent', sent_ms = NULL, detail = ? WHERE id = ? AND state = 'unknown'",
  );
  const unsure = db.prepare("UPDATE topup SET detail = ? WHERE id = ? AND state = 'unknown'");
  const asked = db.prepare('UPDATE topup SET polls = polls + 1 WHERE id = ?');

  const request = db.transaction((t: Topup, trades: readonly TradeId[], at: number) => {
    insert.run(t.id, t.household, t.phone, t.amountCents, t.accountReference, t.createdAt);
    for (const trade of trades) {
      link.run(t.id, trade);
      tell(trade, 'topup.requested', `${t.amountCents} cents`, at);
    }
    deeds.put('ring-phone', t.id, at);
  });
  const markSent = db.transaction((t: Topup, hash: string, expires: number, at: number) => {
    if (sent.run(at, t.id).changes !== 1) return false;
    addPath.run(hash, t.id, expires);
    return true;
  });
  const ringing = db.transaction((t: Topup, checkout: string, merchant: string, askAt: number) => {
    const names = ring.run(checkout, merchant, t.id).changes;
    if (names + nameLate.run(checkout, merchant, t.id).changes !== 1) return;
    deeds.remove('ring-phone', t.id);
    deeds.put('ask-about-topup', t.id, askAt);
  });
  const notSent = db.transaction((t: Topup, why: string, again: number) => {
    if (back.run(why, t.id).changes !== 1) return;
    deeds.put('ring-phone', t.id, again);
  });
  const beUnsure = db.transaction((t: Topup, why: string, lookAt: number) => {
    if (unsure.run(why, t.id).changes !== 1) return;
    deeds.remove('ring-phone', t.id);
    deeds.put('ask-about-topup', t.id, lookAt);
  });
  const note = db.transaction((t: Topup, next: number | undefined) => {
    asked.run(t.id);
    if (next === undefined) deeds.remove('ask-about-topup', t.id);
    else deeds.put('ask-about-topup', t.id, next);
  });
  return {
    request: (t, trades, at) => request.immediate(t, trades, at),
    markSent: (t, hash, expires, at) => markSent.immediate(t, hash, expires, at),
    ringing: (t, checkout, merchant, askAt) => ringing.immediate(t, checkout, merchant, askAt),
    notSent: (t, why, again) => notSent.immediate(t, why, again),
    unsure: (t, why, lookAt) => beUnsure.immediate(t, why, lookAt),
    asked: (t, next) => note.immediate(t, next),
  };
}

/** From an answer to the end. A credit is final; a failure is not: a late success still credits. */
function ending(db: Database): Ending {
  const post = postingWriter(db);
  const deeds = deedWriter(db);
  const tell = historyWriter(db);
  const credited = db.prepare(
    "UPDATE topup SET state = 'credited', code = '0' WHERE id = ? AND state <> 'credited'",
  );
  const tradesOf = db.prepare<[string], { id: string }>('SELECT id FROM trade WHERE topup = ?');
  const receipt = db.prepare(
    'UPDATE OR IGNORE topup SET receipt = ? WHERE id = ? AND receipt IS NULL',
  );
  const haveReceipt = db.prepare<[string, string], { id: string }>(
    'SELECT id FROM topup WHERE receipt = ? AND id = ?',
  );
  const failed = db.prepare(
    `UPDATE topup SET state = 'failed', code = ?, detail = ?
     WHERE id = ? AND state IN ('intent', 'unknown', 'pending')`,
  );
  const end = db.prepare(
    "UPDATE topup SET state = ?, detail = ? WHERE id = ? AND state <> 'credited'",
  );

  const credit = db.transaction((t: Topup, at: number) => {
    if (credited.run(t.id).changes !== 1) return false;
    post(creditTopup(t.id, t.household, t.amountCents), at);
    deeds.remove('ask-about-topup', t.id);
    for (const { id } of tradesOf.all(t.id)) tell(id, 'topup.confirmed', '', at);
    return true;
  });
  const refuse = db.transaction(
    (t: Topup, code: string, why: string, watch: number | undefined) => {
      failed.run(code, why, t.id);
      deeds.remove('ring-phone', t.id);
      if (watch === undefined) deeds.remove('ask-about-topup', t.id);
      else deeds.put('ask-about-topup', t.id, watch);
    },
  );
  const forgetPrompt = db.prepare('UPDATE topup SET sent_ms = NULL WHERE id = ?');
  const neverRang = db.transaction((t: Topup, code: string, why: string) => {
    failed.run(code, why, t.id);
    forgetPrompt.run(t.id);
    deeds.remove('ring-phone', t.id);
  });
  const setAside = db.transaction((t: Topup, state: TopupState, why: string) => {
    end.run(state, why, t.id);
    deeds.remove('ring-phone', t.id);
    deeds.remove('ask-about-topup', t.id);
  });
  return {
    credit: (t, at) => credit.immediate(t, at),
    noteReceipt: (t, text) => {
      receipt.run(text, t.id);
      return haveReceipt.get(text, t.id) !== undefined;
    },
    refuse: (t, code, why, watch) => refuse.immediate(t, code, why, watch),
    neverRang: (t, code, why) => neverRang.immediate(t, code, why),
    abandon: (t, why) => setAside.immediate(t, 'abandoned', why),
    review: (t, why) => setAside.immediate(t, 'review', why),
  };
}

/** The top-up family of books.db. */
export function topupBooks(db: Database): TopupBooks {
  const find = db.prepare<[string], TopupRow>('SELECT * FROM topup WHERE id = ?');
  const byRequest = db.prepare<[string], TopupRow>(
    'SELECT * FROM topup WHERE checkout_request_id = ?',
  );
  const open = db.prepare<[string], TopupRow>(
    "SELECT * FROM topup WHERE phone = ? AND state IN ('intent', 'unknown', 'pending')",
  );
  const sentSince = db.prepare<[string, number], { n: number }>(
    'SELECT count(*) AS n FROM topup WHERE phone = ? AND sent_ms >= ?',
  );
  const newest = db.prepare<[string], { sent_ms: number | null; state: TopupState }>(
    'SELECT sent_ms, state FROM topup WHERE phone = ? AND sent_ms IS NOT NULL ORDER BY sent_ms DESC LIMIT 1',
  );
  const attempts = db.prepare<[string], { n: number }>(
    'SELECT count(*) AS n FROM topup WHERE household = ?',
  );
  const one = (row: TopupRow | undefined) => row && toTopup(row);
  return {
    find: (id) => one(find.get(id)),
    byCheckoutRequest: (id) => one(byRequest.get(id)),
    openOn: (phone) => one(open.get(phone)),
    historyOf: (_household, phone, now) => {
      const last = newest.get(phone);
      const at = last?.sent_ms == null ? undefined : epochMs(last.sent_ms);
      return {
        promptOpen: open.get(phone) !== undefined,
        promptsToday: sentSince.get(phone, startOfDay(now))?.n ?? 0,
        lastPromptAt: at,
        unansweredAt: last?.state === 'credited' ? undefined : at,
      };
    },
    attemptsOf: (household) => attempts.get(household)?.n ?? 0,
    ...asking(db),
    ...ending(db),
  };
}
