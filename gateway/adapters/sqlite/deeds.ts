/** The outbox (deeds to be done outside) and the inbox (messages kept before they were answered). */
import type { Database, Statement } from 'better-sqlite3';
import type { InboxId } from '../../core/ids.ts';
import { epochMs } from '../../core/units.ts';
import type { Deed, DeedBooks, DeedKind, InboxBooks } from '../../ports/books/deeds.ts';
import type { CallbackKind } from '../../ports/mobile-money.ts';
import { type LivingPaths, livingPaths } from './living-paths.ts';
import { deedWriter } from './postings.ts';

const everyKind: readonly DeedKind[] = [
  ...(['ring-phone', 'ask-about-topup', 'read-push', 'read-payout'] as const),
  ...(['read-reversal', 'read-balance', 'read-confirmation'] as const),
  ...(['pay-out', 'ask-about-payout', 'reverse', 'ask-about-reversal'] as const),
  ...([
    'ask-balance',
    'compare-payments',
    'send-tokens',
    'reclaim-rent',
    'note-receipts',
    'look-at-wallet',
    'tell-command',
  ] as const),
];

type DueDeed = Deed & { kind: DeedKind };

/** One statement for each list of kinds that somebody looks for: the outbox asks after every deed. */
function dueOfKinds(db: Database) {
  const known = new WeakMap<readonly DeedKind[], Statement<[number, number], DueDeed>>();
  return (kinds: readonly DeedKind[]) => {
    const made = known.get(kinds);
    if (made !== undefined) return made;
    const named = kinds.map((kind) => `'${kind}'`).join(', ');
    // An index of one kind is found only by its equal.
    const ofKinds = kinds.length === 1 ? `kind = ${named}` : `kind IN (${named})`;
    const statement = db.prepare<[number, number], DueDeed>(
      `SELECT key, kind, subject, tries, due_ms AS dueMs FROM deed WHERE due_ms <= ? AND ${ofKinds}
       ORDER BY due_ms, key LIMIT ?`,
    );
    known.set(kinds, statement);
    return statement;
  };
}

/** The deeds of books.db. */
export function deedBooks(db: Database): DeedBooks {
  const deeds = deedWriter(db);
  const due = dueOfKinds(db);
  const done = db.prepare('DELETE FROM deed WHERE key = ?');
  const later = db.prepare(
    'UPDATE deed SET due_ms = ?, tries = tries + 1 WHERE key = ? AND due_ms = ?',
  );
  const wake = db.prepare('UPDATE deed SET due_ms = 0');
  const count = db.prepare<[], { n: number }>('SELECT count(*) AS n FROM deed');
  const ensureAll = db.transaction((kind: DeedKind, subjects: readonly string[], at: number) => {
    for (const subject of subjects) deeds.ensure(kind, subject, at);
  });
  return {
    due: (now, limit, kinds = everyKind) => due(kinds).all(now, limit),
    done: (key) => void done.run(key),
    later: (key, at, was) => void later.run(at, key, was),
    hasten: (kind, subject, at) => deeds.put(kind, subject, at),
    ensure: (kind, subject, at) => deeds.ensure(kind, subject, at),
    ensureAll: (kind, subjects, at) => ensureAll.immediate(kind, subjects, at),
    wakeAll: () => void wake.run(),
    waiting: () => count.get()?.n ?? 0,
  };
}

export type InboxLimits = {
  /** Bodies that one path may bring; more is somebody playing. On a standing path only unread ones count. */
  readonly messagesPerPathMost: number;
  readonly unreadPerStandingPathMost: number;
  /** All bodies together. Beyond it each path may still bring its first message. */
  readonly bodyBytesMost: number;
};

const usualInboxLimits: InboxLimits = {
  messagesPerPathMost: 20,
  unreadPerStandingPathMost: 1_000,
  bodyBytesMost: 256 * 1024 * 1024,
};

/** Which deed reads a callback of each kind of path. */
const readBy: Readonly<Record<CallbackKind, DeedKind>> = {
  push: 'read-push',
  'payout-result': 'read-payout',
  'payout-timeout': 'read-payout',
  'status-result': 'read-payout',
  'status-timeout': 'read-payout',
  'receipt-result': 'read-reversal',
  'receipt-timeout': 'read-reversal',
  'reversal-result': 'read-reversal',
  'reversal-timeout': 'read-reversal',
  'balance-result': 'read-balance',
  'balance-timeout': 'read-balance',
  confirmation: 'read-confirmation',
  validation: 'read-confirmation',
};

/** Marks a message as read, within the caller's transaction; its deed is over. */
export function readMarker(db: Database) {
  const deeds = deedWriter(db);
  const read = db.prepare('UPDATE inbox SET read_as = ? WHERE id = ?');
  return (id: string, readAs: string): void => {
    read.run(readAs, id);
    for (const kind of new Set(Object.values(readBy))) deeds.remove(kind, id);
  };
}

/** The inbox of books.db. */
export function inboxBooks(db: Database, limits: InboxLimits = usualInboxLimits): InboxBooks {
  const deeds = deedWriter(db);
  const paths = livingPaths(db);
  const path = db.prepare<[string, number], { kind: CallbackKind }>(
    'SELECT kind FROM callback_path WHERE hash = ? AND expires_ms > ?',
  );
  const isFull = fullness(db, paths, limits);
  const same = db.prepare<[string, string], { n: number }>(
    'SELECT count(*) AS n FROM inbox WHERE path_hash = ? AND body_hash = ?',
  );
  const insert = db.prepare(
    'INSERT INTO inbox (id, path_hash, body, body_hash, at_ms) VALUES (?, ?, ?, ?, ?)',
  );
  const find = db.prepare<
    [string],
    { id: string; kind: CallbackKind; subject: string; body: Buffer; at: number }
  >(
    `SELECT i.id, p.kind, p.subject, i.body, i.at_ms AS at FROM inbox i JOIN callback_path p ON p.hash = i.path_hash
     WHERE i.id = ?`,
  );
  const forget = db.prepare(
    `DELETE FROM callback_path WHERE expires_ms < ?
     AND NOT EXISTS (SELECT 1 FROM inbox WHERE path_hash = callback_path.hash)`,
  );

  const keep = db.transaction(
    (hash: string, body: Uint8Array, bodyHash: string, id: string, at: number) => {
      const known = path.get(hash, at);
      if (known === undefined) return 'unknown';
      if ((same.get(hash, bodyHash)?.n ?? 0) > 0) return 'kept';
      if (isFull(hash, at)) return 'too-many';
      insert.run(id, hash, body, bodyHash, at);
      deeds.put(readBy[known.kind], id, at);
      return 'kept';
    },
  );
  const markRead = db.transaction(readMarker(db));
  return {
    useOfPath: (hash, at) => paths.useOf(hash, at),
    keep: (hash, body, bodyHash, id, at) => keep.immediate(hash, body, bodyHash, id, at),
    forgetPaths: (before) => {
      forget.run(before);
      paths.forget(before);
    },
    find: (id) => {
      const row = find.get(id);
      return row && { ...row, id: row.id as InboxId, at: epochMs(row.at) };
    },
    markRead: (id, readAs) => markRead.immediate(id, readAs),
  };
}

/** Whether a path may bring no further message. Its first is always taken: it may be the honest one. */
function fullness(db: Database, paths: LivingPaths, limits: InboxLimits) {
  const ofPath = db.prepare<[string], { all: number; unread: number }>(
    `SELECT count(*) AS "all", count(*) FILTER (WHERE read_as IS NULL) AS unread
     FROM inbox WHERE path_hash = ?`,
  );
  const whole = db.prepare<[], { bytes: number }>(
    'SELECT coalesce(sum(length(body)), 0) AS bytes FROM inbox',
  );
  // Summed up once: bodies are only ever added. One that is rolled back counts, which errs to the safe side.
  let bytes = whole.get()?.bytes ?? 0;
  db.function('count_body', (length: number) => {
    bytes += length;
    return null;
  });
  db.exec(
    `CREATE TEMP TRIGGER inbox_grows AFTER INSERT ON main.inbox
     BEGIN SELECT count_body(length(NEW.body)); END`,
  );
  return (hash: string, at: number): boolean => {
    const { all, unread } = ofPath.get(hash) ?? { all: 0, unread: 0 };
    if (all === 0) return false;
    if (bytes >= limits.bodyBytesMost) return true;
    return paths.useOf(hash, at) === 'standing'
      ? unread >= limits.unreadPerStandingPathMost
      : all >= limits.messagesPerPathMost;
  };
}
