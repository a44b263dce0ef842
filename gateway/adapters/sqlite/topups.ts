/** Top-ups: the push that fills a wallet, from intention to credit. */
import type { Database } from 'better-sqlite3';
import type { TradeId } from '../../core/ids.ts';
import { startOfDay } from '../../core/slot.ts';
import type { Topup, TopupState } from '../../core/topup.ts';
import { epochMs } from '../../core/units.ts';
import type { HeardPush, TopupBooks } from '../../ports/books/money.ts';
import { readMarker } from './deeds.ts';
import { deedWriter, historyWriter } from './postings.ts';
import { creditWriter, type TopupRow, toTopup } from './topup-rows.ts';

type Asking = Pick<TopupBooks, 'request' | 'markSent' | 'ringing' | 'notSent' | 'unsure' | 'asked'>;
type Ending = Pick<
  TopupBooks,
  ('credit' | 'conflict') | ('refuse' | 'neverRang' | 'abandon' | 'review' | 'close')
>;
type Hearing = Pick<TopupBooks, 'noteClaim' | 'hear'>;
type Looking = Pick<
  TopupBooks,
  | ('find' | 'byCheckoutRequest' | 'byReference' | 'byReceipt' | 'openOn')
  | ('ofHousehold' | 'inStates' | 'undecidedSince' | 'attemptsOf' | 'promise')
  | ('historyOf' | 'equalPromptAt')
>;

/** From the intention to a ringing phone. */
function asking(db: Database): Asking {
  const deeds = deedWriter(db);
  const tell = historyWriter(db);
  const insert = db.prepare(
    `INSERT INTO topup (id, household, phone, amount_cents, account_reference, state, created_ms, by_hand)
     VALUES (?, ?, ?, ?, ?, 'intent', ?, ?)`,
  );
  const link = db.prepare('UPDATE trade SET topup = ? WHERE id = ?');
  const sent = db.prepare(
    "UPDATE topup SET state = 'unknown', sent_ms = ?, detail = 'sent' WHERE id = ? AND state = 'intent'",
  );
  const addPath = db.prepare("INSERT INTO callback_path VALUES (?, 'push', ?, ?)");
  const ring = db.prepare(
    `UPDATE topup SET state = 'pending', checkout_request_id = ?, merchant_request_id = ?, detail = ''
     WHERE id = ? AND state IN ('intent', 'unknown')`,
  );
  // Money that comes after everybody gave up is still its household's: the id lets us ask for it.
  const nameLate = db.prepare(
    `UPDATE topup SET checkout_request_id = ?, merchant_request_id = ?
     WHERE id = ? AND state IN ('review', 'failed', 'closed', 'abandoned') AND checkout_request_id IS NULL`,
  );
  const back = db.prepare(
    "UPDATE topup SET state = 'intent', sent_ms = NULL, detail = ? WHERE id = ? AND state = 'unknown'",
  );
  const unsure = db.prepare("UPDATE topup SET detail = ? WHERE id = ? AND state = 'unknown'");
  const asked = db.prepare('UPDATE topup SET polls = polls + 1 WHERE id = ?');

  const request = db.transaction((t: Topup, trades: readonly TradeId[], at: number) => {
    const byHand = t.byHand ? 1 : 0;
    insert.run(t.id, t.household, t.phone, t.amountCents, t.accountReference, t.createdAt, byHand);
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
  const deeds = deedWriter(db);
  const creditNow = creditWriter(db);
  const failed = db.prepare(
    `UPDATE topup SET state = 'failed', code = ?, detail = ?
     WHERE id = ? AND state IN ('intent', 'unknown', 'pending')`,
  );
  const end = db.prepare(
    "UPDATE topup SET state = ?, detail = ? WHERE id = ? AND state <> 'credited'",
  );
  const contradict = db.prepare(
    `UPDATE topup SET state = 'conflict', detail = ?
     WHERE id = ? AND state IN ('unknown', 'pending', 'failed', 'closed')`,
  );

  const credit = db.transaction(creditNow);
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
  const conflict = db.transaction((t: Topup, why: string, at: number) => {
    if (contradict.run(why, t.id).changes !== 1) return;
    deeds.remove('ring-phone', t.id);
    deeds.put('compare-payments', 'list', at);
  });
  return {
    credit: (t, at) => credit.immediate(t, at),
    conflict: (t, why, at) => conflict.immediate(t, why, at),
    refuse: (t, code, why, watch) => refuse.immediate(t, code, why, watch),
    neverRang: (t, code, why) => neverRang.immediate(t, code, why),
    abandon: (t, why) => setAside.immediate(t, 'abandoned', why),
    review: (t, why) => setAside.immediate(t, 'review', why),
    close: (t, why) => setAside.immediate(t, 'closed', why),
  };
}

/** What callbacks claim. */
function hearing(db: Database): Hearing {
  const deeds = deedWriter(db);
  const receipt = db.prepare(
    'UPDATE OR IGNORE topup SET receipt = ? WHERE id = ? AND receipt IS NULL',
  );
  const haveReceipt = db.prepare<[string, string], { id: string }>(
    'SELECT id FROM topup WHERE receipt = ? AND id = ?',
  );
  const claim = db.prepare(
    `UPDATE topup SET claimed_ms = coalesce(claimed_ms, $at), confirmed_ms = coalesce(confirmed_ms, $at),
       claimed_cents = CASE WHEN claimed_ms IS NULL THEN $cents ELSE claimed_cents END
     WHERE id = $id AND state <> 'credited'`,
  );
  const noteReceipt = (t: Topup, text: string): boolean => {
    receipt.run(text, t.id);
    return haveReceipt.get(text, t.id) !== undefined;
  };
  const read = readMarker(db);
  const hear = db.transaction((t: Topup, heard: HeardPush) => {
    const { paidCents, receipt: text, toldAt, askAt, message, readAs } = heard;
    if (paidCents !== undefined) claim.run({ id: t.id, at: toldAt, cents: paidCents });
    const isOurs = text === undefined || noteReceipt(t, text);
    if (askAt !== undefined) deeds.put('ask-about-topup', t.id, askAt);
    read(message, readAs);
    return isOurs;
  });
  return {
    hear: (t, heard) => hear.immediate(t, heard),
    noteClaim: ({ id }, amount, at) => void claim.run({ id, at, cents: amount ?? null }),
  };
}

function looking(db: Database): Looking {
  const finder = (column: string) => {
    const find = db.prepare<[string], TopupRow>(`SELECT * FROM topup WHERE ${column} = ?`);
    return (value: string): Topup | undefined => {
      const row = find.get(value);
      return row && toTopup(row);
    };
  };
  const open = db.prepare<[string], TopupRow>(
    "SELECT * FROM topup WHERE phone = ? AND state IN ('intent', 'unknown', 'pending')",
  );
  const sentSince = db.prepare<[string, number], { n: number }>(
    'SELECT count(*) AS n FROM topup WHERE phone = ? AND sent_ms >= ?',
  );
  const newest = db.prepare<[string], { sent: number; state: TopupState }>(
    `SELECT sent_ms AS sent, state FROM topup
     WHERE phone = ? AND sent_ms IS NOT NULL ORDER BY sent_ms DESC LIMIT 1`,
  );
  const equal = db.prepare<[string, number], { sent: number }>(
    `SELECT sent_ms AS sent FROM topup
     WHERE phone = ? AND amount_cents = ? AND sent_ms IS NOT NULL ORDER BY sent_ms DESC LIMIT 1`,
  );
  const attempts = db.prepare<[string], { n: number }>(
    'SELECT count(*) AS n FROM topup WHERE household = ?',
  );
  const ofHousehold = db.prepare<[string, number], TopupRow>(
    'SELECT * FROM topup WHERE household = ? ORDER BY created_ms DESC, id DESC LIMIT ?',
  );
  const inStates = db.prepare<[string, number], TopupRow>(
    `SELECT * FROM topup WHERE state IN (SELECT value FROM json_each(?))
     ORDER BY created_ms, id LIMIT ?`,
  );
  const undecided = db.prepare<[number, number], TopupRow>(
    `SELECT * FROM topup WHERE state IN ('unknown', 'conflict', 'review')
     AND coalesce(sent_ms, created_ms) >= ? ORDER BY created_ms, id LIMIT ?`,
  );
  return {
    find: finder('id'),
    byCheckoutRequest: finder('checkout_request_id'),
    byReference: finder('account_reference'),
    byReceipt: finder('receipt'),
    openOn: (phone) => {
      const row = open.get(phone);
      return row && toTopup(row);
    },
    ofHousehold: (household, limit) => ofHousehold.all(household, limit).map(toTopup),
    inStates: (states, limit) => inStates.all(JSON.stringify(states), limit).map(toTopup),
    undecidedSince: (since, limit) => undecided.all(since, limit).map(toTopup),
    historyOf: (_household, phone, now) => {
      const last = newest.get(phone);
      const at = last && epochMs(last.sent);
      return {
        promptOpen: open.get(phone) !== undefined,
        promptsToday: sentSince.get(phone, startOfDay(now))?.n ?? 0,
        lastPromptAt: at,
        unansweredAt: last?.state === 'credited' ? undefined : at,
      };
    },
    equalPromptAt: (phone, amount) => {
      const row = equal.get(phone, amount);
      return row && epochMs(row.sent);
    },
    attemptsOf: (household) => attempts.get(household)?.n ?? 0,
    promise: promiseOf(db),
  };
}

function promiseOf(db: Database): TopupBooks['promise'] {
  const counts = db.prepare<[], { confirmed: number; credited: number }>(
    `SELECT count(*) AS confirmed, count(*) FILTER (WHERE state = 'credited') AS credited
     FROM topup WHERE confirmed_ms IS NOT NULL AND state NOT IN ('failed', 'closed')`,
  );
  const waited = `SELECT credited_ms - confirmed_ms AS ms FROM topup
    WHERE credited_ms IS NOT NULL AND confirmed_ms IS NOT NULL ORDER BY credited_ms - confirmed_ms`;
  const median = db.prepare<[number], { ms: number }>(`${waited} LIMIT 1 OFFSET ?`);
  const worst = db.prepare<[], { ms: number }>(`${waited} DESC LIMIT 1`);
  return () => {
    const { confirmed, credited } = counts.get() ?? { confirmed: 0, credited: 0 };
    const medianMs = credited === 0 ? undefined : median.get((credited - 1) >> 1)?.ms;
    return { confirmed, credited, medianMs, worstMs: worst.get()?.ms };
  };
}

/** The top-up family of books.db. */
export const topupBooks = (db: Database): TopupBooks => ({
  ...looking(db),
  ...asking(db),
  ...hearing(db),
  ...ending(db),
});
