/** Receipts: the day's tree word by word, and the attempts to note its root. */
import type { Database } from 'better-sqlite3';
import type { TokenIntentId, TradeId } from '../../core/ids.ts';
import type { ReceiptDay } from '../../core/receipt.ts';
import { dayMs } from '../../core/slot.ts';
import type { TokenAttempt } from '../../core/token.ts';
import { epochMs } from '../../core/units.ts';
import type { ReceiptBooks } from '../../ports/books/receipts.ts';
import { deedWriter } from './postings.ts';
import { type TradeRow, toTrade } from './trade-rows.ts';

/** What was settled longer before the last tree was closed stands in a tree already: so the search stays short. */
const lookBackMs = 7 * dayMs;

type DayRow = {
  day: string;
  id: string;
  leaves: number;
  root: string;
  state: ReceiptDay['state'];
  signature: string | null;
};
type AttemptRow = {
  signature: string;
  raw: Buffer;
  last_valid_height: number;
  genesis_hash: string;
};
type ReceiptText = { readonly trade: TradeId; readonly text: string };

const toDay = ({ day, id, leaves, root, state, signature }: DayRow): ReceiptDay => ({
  ...{ day, id: id as TokenIntentId, leaves, root, state, signature: signature ?? undefined },
});

/** The receipt family of books.db. */
export function receiptBooks(db: Database): ReceiptBooks {
  return { ...dayViews(db), ...dayClosing(db), ...noteMoves(db) };
}

type Views = Pick<
  ReceiptBooks,
  | 'isClosed'
  | 'withoutReceipt'
  | 'find'
  | 'ofTrade'
  | 'openAttempt'
  | 'attempts'
  | 'underWay'
  | 'landedBytes'
>;

function dayViews(db: Database): Views {
  const byDay = db.prepare<[string], DayRow>('SELECT * FROM receipt_day WHERE day = ?');
  const byId = db.prepare<[string], DayRow>('SELECT * FROM receipt_day WHERE id = ?');
  // A trade is settled once: its table of moves has no way back.
  const settled = db.prepare<[number, number], TradeRow & { settled_ms: number }>(
    `SELECT t.*, e.at_ms AS settled_ms FROM trade_event e JOIN trade t ON t.id = e.trade
     WHERE e.event = 'tokens.settled' AND e.at_ms < ? AND t.signature IS NOT NULL
       AND e.at_ms >= coalesce((SELECT max(at_ms) FROM receipt_day), 0) - ${lookBackMs}
       AND NOT EXISTS (SELECT 1 FROM receipt r WHERE r.trade = t.id)
     ORDER BY e.id LIMIT ?`,
  );
  const place = db.prepare<[string], { day: string; place: number }>(
    'SELECT day, place FROM receipt WHERE trade = ?',
  );
  const texts = db.prepare<[string], { text: string }>(
    'SELECT text FROM receipt WHERE day = ? ORDER BY place',
  );
  const open = db.prepare<[string], AttemptRow>(
    "SELECT * FROM receipt_attempt WHERE day_id = ? AND state = 'open'",
  );
  const count = db.prepare<[string], { n: number }>(
    'SELECT count(*) AS n FROM receipt_attempt WHERE day_id = ?',
  );
  return {
    isClosed: (day) => byDay.get(day) !== undefined,
    withoutReceipt: (before, limit) =>
      settled.all(before, limit).map((row) => {
        const trade = toTrade(row);
        const signature = trade.signature ?? '';
        return { trade: { ...trade, signature }, settledAt: epochMs(row.settled_ms) };
      }),
    find: (id) => {
      const row = byId.get(id);
      return row && toDay(row);
    },
    ofTrade: (trade) => {
      const found = place.get(trade);
      const row = found && byDay.get(found.day);
      if (found === undefined || row === undefined) return undefined;
      const all = texts.all(row.day).map(({ text }) => text);
      return { day: toDay(row), texts: all, index: found.place };
    },
    openAttempt: (day) => {
      const row = open.get(day);
      if (row === undefined) return undefined;
      const { signature, raw, last_valid_height: lastValidHeight, genesis_hash: genesisHash } = row;
      return { signature, raw, lastValidHeight, genesisHash };
    },
    attempts: (day) => count.get(day)?.n ?? 0,
    ...signedDays(db),
  };
}

function signedDays(db: Database): Pick<ReceiptBooks, 'underWay' | 'landedBytes'> {
  const underWay = db.prepare<[], { id: TokenIntentId }>(
    `SELECT id FROM receipt_day d WHERE state = 'open'
       AND EXISTS (SELECT 1 FROM receipt_attempt a WHERE a.day_id = d.id)`,
  );
  const landed = db.prepare<[string], { raw: Buffer }>(
    "SELECT raw FROM receipt_attempt WHERE day_id = ? AND state = 'landed'",
  );
  return {
    underWay: () => underWay.all().map(({ id }) => id),
    landedBytes: (day) => landed.get(day)?.raw,
  };
}

function dayClosing(db: Database): Pick<ReceiptBooks, 'closeDay'> {
  const deeds = deedWriter(db);
  const insertDay = db.prepare(
    "INSERT INTO receipt_day (day, id, leaves, root, state, at_ms) VALUES (?, ?, ?, ?, 'open', ?)",
  );
  const insert = db.prepare('INSERT INTO receipt (trade, day, place, text) VALUES (?, ?, ?, ?)');
  const closeDay = db.transaction(
    (day: ReceiptDay, receipts: readonly ReceiptText[], at: number) => {
      insertDay.run(day.day, day.id, day.leaves, day.root, at);
      for (const [index, { trade, text }] of receipts.entries())
        insert.run(trade, day.day, index, text);
      deeds.put('note-receipts', day.id, at);
    },
  );
  return { closeDay: (day, receipts, at) => closeDay.immediate(day, receipts, at) };
}

type Moves = Pick<ReceiptBooks, 'saveAttempt' | 'expireAttempt' | 'finish' | 'setAside'>;

function noteMoves(db: Database): Moves {
  const deeds = deedWriter(db);
  const insert = db.prepare(
    `INSERT INTO receipt_attempt (signature, day_id, raw, last_valid_height, genesis_hash, state)
     VALUES (?, ?, ?, ?, ?, 'open') ON CONFLICT DO NOTHING`,
  );
  const expire = db.prepare(
    "UPDATE receipt_attempt SET state = 'expired' WHERE signature = ? AND state = 'open'",
  );
  const expireOthers = db.prepare(
    "UPDATE receipt_attempt SET state = 'expired' WHERE day_id = ? AND state = 'open' AND signature <> ?",
  );
  const landed = db.prepare("UPDATE receipt_attempt SET state = 'landed' WHERE signature = ?");
  const end = db.prepare(
    "UPDATE receipt_day SET state = 'done', signature = ? WHERE id = ? AND state <> 'done'",
  );
  const review = db.prepare(
    "UPDATE receipt_day SET state = 'review' WHERE id = ? AND state = 'open'",
  );
  const finish = db.transaction((day: string, signature: string) => {
    expireOthers.run(day, signature);
    landed.run(signature);
    end.run(signature, day);
    deeds.remove('note-receipts', day);
  });
  return {
    saveAttempt: (day, { signature, raw, lastValidHeight, genesisHash }: TokenAttempt) =>
      insert.run(signature, day, raw, lastValidHeight, genesisHash).changes === 1,
    expireAttempt: ({ signature }) => void expire.run(signature),
    finish: (day, signature) => finish.immediate(day, signature),
    setAside: (day) => void review.run(day),
  };
}
