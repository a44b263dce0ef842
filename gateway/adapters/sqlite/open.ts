/** Opens books.db: who lives here, ledger, trades, intentions. A commit is on the disk when it returns. */
import Database from 'better-sqlite3';
import type { Books } from '../../ports/books/books.ts';
import { adviceBooks } from './advice-scores.ts';
import { auditBooks } from './audit.ts';
import { timeCommits } from './commit-times.ts';
import { deedBooks, inboxBooks } from './deeds.ts';
import { energyBooks } from './energy.ts';
import { gateBooks } from './gates.ts';
import { giftBooks } from './gifts.ts';
import { householdBooks, settingBooks } from './households.ts';
import { type KpiFacts, kpiFacts } from './kpi-facts.ts';
import { type BookLoad, bookLoad } from './load.ts';
import { marketBooks } from './market.ts';
import { type MeViews, meViews } from './me-views.ts';
import { meterBooks } from './meters.ts';
import { migrate } from './migrate.ts';
import { pauseBooks } from './pauses.ts';
import { evidenceBooks } from './payments.ts';
import { payoutBooks } from './payouts.ts';
import { receiptBooks } from './receipts.ts';
import { restoredBooks } from './restored.ts';
import { reversalBooks } from './reversals.ts';
import { roundBooks } from './rounds.ts';
import { choiceBooks, sessionBooks } from './sessions.ts';
import { statementBooks } from './statements.ts';
import { makeThrowAway } from './throw-away.ts';
import { type TokenAudit, tokenAudit } from './token-audit.ts';
import { tokenBooks } from './tokens.ts';
import { topupBooks } from './topups.ts';
import { tradeBooks } from './trades.ts';
import { type BookViews, bookViews } from './views.ts';
import { walletBooks } from './wallets.ts';
import { watchBooks } from './watch.ts';

export type OpenBooks = Books & {
  readonly views: BookViews;
  readonly me: MeViews;
  readonly load: BookLoad;
  readonly tokenAudit: TokenAudit;
  readonly kpis: KpiFacts;
  /** Runs writes in one transaction; for the story, for tests and for setting up a neighbourhood at once. */
  together(work: () => void): void;
  [Symbol.dispose](): void;
};

const lockWaitMs = 5_000;

export type BookUse = {
  /** Books of a simulation, which nobody opens again: without what only makes single accounts quick to look up. */
  readonly throwAway?: boolean;
};

/**
 * `file` may be ':memory:', or the bytes of books to go on with in memory. Throws when another hub holds the file or it
 * belongs to a newer version.
 */
export function openBooks(file: string | Buffer, { throwAway = false }: BookUse = {}): OpenBooks {
  const db = new Database(file, { timeout: lockWaitMs });
  const commits = timeCommits(db);
  db.pragma('journal_mode = WAL');
  // Unless asked for, better-sqlite3's build quietly falls back to NORMAL with the first write in WAL mode.
  db.pragma('synchronous = FULL');
  db.pragma('foreign_keys = ON');
  migrate(db, new URL('./migrations/', import.meta.url));
  if (db.pragma('synchronous', { simple: true }) !== 2)
    throw new Error('books.db does not write with synchronous=FULL');
  if (throwAway) makeThrowAway(db);
  return {
    households: householdBooks(db),
    meters: meterBooks(db),
    choices: choiceBooks(db),
    sessions: sessionBooks(db),
    settings: settingBooks(db),
    energy: energyBooks(db),
    rounds: roundBooks(db),
    gates: gateBooks(db),
    market: marketBooks(db),
    gifts: giftBooks(db),
    advice: adviceBooks(db),
    trades: tradeBooks(db),
    topups: topupBooks(db),
    evidence: evidenceBooks(db),
    watch: watchBooks(db),
    statements: statementBooks(db),
    payouts: payoutBooks(db),
    pauses: pauseBooks(db),
    restored: restoredBooks(db),
    reversals: reversalBooks(db),
    tokens: tokenBooks(db),
    receipts: receiptBooks(db),
    wallets: walletBooks(db),
    deeds: deedBooks(db),
    inbox: inboxBooks(db),
    audit: auditBooks(db),
    kpis: kpiFacts(db),
    views: bookViews(db),
    me: meViews(db),
    load: bookLoad(db, commits),
    tokenAudit: tokenAudit(db),
    together: (work) => db.transaction(work).immediate(),
    [Symbol.dispose]: () => {
      db.close();
    },
  };
}
