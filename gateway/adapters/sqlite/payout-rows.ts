/** How a payout stands in its table, and what is written down about money on its way out. */
import type { Database } from 'better-sqlite3';
import type { HouseholdId, PayoutId } from '../../core/ids.ts';
import type { Payout, PayoutKind, PayoutState } from '../../core/payout.ts';
import type { Msisdn } from '../../core/phone.ts';
import { cents, epochMs } from '../../core/units.ts';
import type { QuestionPaths } from '../../ports/books/money.ts';
import type { CallbackKind } from '../../ports/mobile-money.ts';

export type PayoutRow = {
  id: string;
  household: string;
  kind: PayoutKind;
  sequence: number;
  phone: string;
  amount_cents: number;
  conversation_id: string;
  state: PayoutState;
  created_ms: number;
  sent_ms: number | null;
  asks: number;
  code: string | null;
  detail: string;
};

export const toPayout = (row: PayoutRow): Payout => ({
  id: row.id as PayoutId,
  household: row.household as HouseholdId,
  kind: row.kind,
  sequence: row.sequence,
  phone: row.phone as Msisdn,
  amountCents: cents(row.amount_cents),
  conversationId: row.conversation_id,
  state: row.state,
  createdAt: epochMs(row.created_ms),
  sentAt: row.sent_ms === null ? undefined : epochMs(row.sent_ms),
  asks: row.asks,
  code: row.code ?? undefined,
  detail: row.detail,
});

/** Adds a line to the history of a payout or a reversal. */
export function outgoingWriter(db: Database) {
  const insert = db.prepare(
    'INSERT INTO outgoing_event (subject, event, detail, at_ms) VALUES (?, ?, ?, ?)',
  );
  return (subject: string, event: string, detail: string, at: number): void => {
    insert.run(subject, event, detail, at);
  };
}

/** Keeps the hashes of two paths that were given out for one answer. */
export function pathWriter(db: Database) {
  const insert = db.prepare('INSERT INTO callback_path VALUES (?, ?, ?, ?)');
  return (family: PathFamily, paths: QuestionPaths, subject: string): void => {
    const { resultHash, timeoutHash, expires } = paths;
    insert.run(resultHash, `${family}-result` satisfies CallbackKind, subject, expires);
    insert.run(timeoutHash, `${family}-timeout` satisfies CallbackKind, subject, expires);
  };
}
type PathFamily = 'payout' | 'status' | 'receipt' | 'reversal';
