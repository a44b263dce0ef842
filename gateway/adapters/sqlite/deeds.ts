/** The outbox (deeds to be done outside) and the inbox (messages kept before they were answered). */
import type { Database } from 'better-sqlite3';
import type { InboxId } from '../../core/ids.ts';
import type { Deed, DeedBooks, DeedKind, InboxBooks } from '../../ports/books/deeds.ts';
import type { CallbackKind } from '../../ports/mobile-money.ts';
import { deedWriter } from './postings.ts';

const everyKind: readonly DeedKind[] = [
  ...(['ring-phone', 'ask-about-topup', 'read-callback'] as const),
  ...(['pay-out', 'ask-about-payout', 'send-tokens'] as const),
];

/** The deeds of books.db. */
export function deedBooks(db: Database): DeedBooks {
  const deeds = deedWriter(db);
  const due = db.prepare<[number, string, number], Deed & { kind: DeedKind }>(
    `SELECT key, kind, subject, tries FROM deed WHERE due_ms <= ?
     AND kind IN (SELECT value FROM json_each(?)) ORDER BY due_ms, key LIMIT ?`,
  );
  const done = db.prepare('DELETE FROM deed WHERE key = ?');
  const later = db.prepare('UPDATE deed SET due_ms = ?, tries = tries + 1 WHERE key = ?');
  const wake = db.prepare('UPDATE deed SET due_ms = 0');
  const count = db.prepare<[], { n: number }>('SELECT count(*) AS n FROM deed');
  return {
    due: (now, limit, kinds = everyKind) => due.all(now, JSON.stringify(kinds), limit),
    done: (key) => void done.run(key),
    later: (key, at) => void later.run(at, key),
    hasten: (kind, subject, at) => deeds.put(kind, subject, at),
    wakeAll: () => void wake.run(),
    waiting: () => count.get()?.n ?? 0,
  };
}

/** Callback bodies that one path may bring; more is somebody playing. */
const messagesPerPathMost = 20;

/** The inbox of books.db. */
export function inboxBooks(db: Database): InboxBooks {
  const deeds = deedWriter(db);
  const path = db.prepare<[string, number], { hash: string }>(
    'SELECT hash FROM callback_path WHERE hash = ? AND expires_ms > ?',
  );
  const count = db.prepare<[string], { n: number }>(
    'SELECT count(*) AS n FROM inbox WHERE path_hash = ?',
  );
  const insert = db.prepare(
    `INSERT INTO inbox (id, path_hash, body, body_hash, at_ms) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (path_hash, body_hash) DO NOTHING`,
  );
  const find = db.prepare<
    [string],
    { id: string; kind: CallbackKind; subject: string; body: Buffer }
  >(
    `SELECT i.id, p.kind, p.subject, i.body FROM inbox i JOIN callback_path p ON p.hash = i.path_hash
     WHERE i.id = ?`,
  );
  const forget = db.prepare(
    `DELETE FROM callback_path WHERE expires_ms < ?
     AND NOT EXISTS (SELECT 1 FROM inbox WHERE path_hash = callback_path.hash)`,
  );
  const read = db.prepare('UPDATE inbox SET read_as = ? WHERE id = ?');

  const keep = db.transaction(
    (hash: string, body: Uint8Array, bodyHash: string, id: string, at: number) => {
      if (path.get(hash, at) === undefined) return 'unknown';
      if ((count.get(hash)?.n ?? 0) >= messagesPerPathMost) return 'too-many';
      if (insert.run(id, hash, body, bodyHash, at).changes === 1)
        deeds.put('read-callback', id, at);
      return 'kept';
    },
  );
  const markRead = db.transaction((id: string, readAs: string) => {
    read.run(readAs, id);
    deeds.remove('read-callback', id);
  });
  return {
    keep: (hash, body, bodyHash, id, at) => keep.immediate(hash, body, bodyHash, id, at),
    forgetPaths: (before) => void forget.run(before),
    find: (id) => {
      const row = find.get(id);
      return row && { ...row, id: row.id as InboxId };
    },
    markRead: (id, readAs) => markRead.immediate(id, readAs),
  };
}
