/** Opens books.db: who lives here, ledger, trades, intentions. A commit is on the disk when it returns. */
import Database from 'better-sqlite3';
import type { Books } from '../../ports/books/books.ts';
import { auditBooks } from './audit.ts';
import { deedBooks, inboxBooks } from './deeds.ts';
import { energyBooks } from './energy.ts';
import { householdBooks, settingBooks } from './households.ts';
import { migrate } from './migrate.ts';
import { payoutBooks } from './payouts.ts';
import { roundBooks } from './rounds.ts';
import { tokenBooks } from './tokens.ts';
import { topupBooks } from './topups.ts';
import { tradeBooks } from './trades.ts';
import { type BookViews, bookViews } from './views.ts';

export type OpenBooks = Books & {
  readonly views: BookViews;
  /** Runs one write in a transaction of its own; only for tests and for setting up a neighbourhood at once. */
  together(work: () => void): void;
  [Symbol.dispose](): void;
};

const lockWaitMs = 5_000;

/** `file` may be ':memory:'. Throws when another hub holds the file or it belongs to a newer version. */
export function openBooks(file: string): OpenBooks {
  const db = new Database(file, { timeout: lockWaitMs });
  db.pragma('journal_mode = WAL');
  // Unless asked for, better-sqlite3's build quietly falls back to NORMAL with the first write in WAL mode.
  db.pragma('synchronous = FULL');
  db.pragma('foreign_keys = ON');
  migrate(db, new URL('./migrations/', import.meta.url));
  if (db.pragma('synchronous', { simple: true }) !== 2)
    throw new Error('books.db does not write with synchronous=FULL');
  return {
    households: householdBooks(db),
    settings: settingBooks(db),
    energy: energyBooks(db),
    rounds: roundBooks(db),
    trades: tradeBooks(db),
    topups: topupBooks(db),
    payouts: payoutBooks(db),
    tokens: tokenBooks(db),
    deeds: deedBooks(db),
    inbox: inboxBooks(db),
    audit: auditBooks(db),
    views: bookViews(db),
    together: (work) => db.transaction(work).immediate(),
    [Symbol.dispose]: () => {
      db.close();
    },
  };
}
