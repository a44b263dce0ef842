/** Writes postings, deeds and history lines inside the transaction of whoever calls. */
import type { Database } from 'better-sqlite3';
import type { Posting } from '../../core/ledger.ts';
import type { TokenIntent } from '../../core/token.ts';
import type { DeedKind } from '../../ports/books/deeds.ts';

/** Posts within the caller's transaction. The database refuses a used key, another unit, a negative balance. */
export function postingWriter(db: Database) {
  const openAccount = db.prepare(
    'INSERT OR IGNORE INTO account (id, unit, source) VALUES (?, ?, 0)',
  );
  const insert = db.prepare(
    'INSERT INTO posting (key, unit, from_account, to_account, amount, at_ms) VALUES (?, ?, ?, ?, ?, ?)',
  );
  return (postings: readonly Posting[], at: number): void => {
    for (const { key, unit, from, to, amount } of postings) {
      // A household's accounts are opened when it moves in; only a trade's come and go.
      if (isOfTrade(from)) openAccount.run(from, unit);
      if (isOfTrade(to)) openAccount.run(to, unit);
      insert.run(key, unit, from, to, amount, at);
    }
  };
}

const isOfTrade = (account: string): boolean =>
  account.startsWith('reserved:') || account.startsWith('trade-held:');

const deedKey = (kind: DeedKind, subject: string): string => `${kind}:${subject}`;

/** Writes, moves or removes the one deed of a kind and subject. */
export function deedWriter(db: Database) {
  const put = db.prepare(
    `INSERT INTO deed (key, kind, subject, due_ms) VALUES (?, ?, ?, ?)
     ON CONFLICT (key) DO UPDATE SET due_ms = excluded.due_ms`,
  );
  const ensure = db.prepare(
    'INSERT INTO deed (key, kind, subject, due_ms) VALUES (?, ?, ?, ?) ON CONFLICT (key) DO NOTHING',
  );
  const remove = db.prepare('DELETE FROM deed WHERE key = ?');
  return {
    ensure: (kind: DeedKind, subject: string, due: number): void => {
      ensure.run(deedKey(kind, subject), kind, subject, due);
    },
    put: (kind: DeedKind, subject: string, due: number): void => {
      put.run(deedKey(kind, subject), kind, subject, due);
    },
    remove: (kind: DeedKind, subject: string): void => {
      remove.run(deedKey(kind, subject));
    },
  };
}

/** Adds a line to a trade's history. */
export function historyWriter(db: Database) {
  const insert = db.prepare(
    'INSERT INTO trade_event (trade, event, detail, at_ms) VALUES (?, ?, ?, ?)',
  );
  return (trade: string, event: string, detail: string, at: number): void => {
    insert.run(trade, event, detail, at);
  };
}

/** Adds token intents and the deeds that send them. */
export function intentWriter(db: Database) {
  const insert = db.prepare(
    `INSERT INTO token_intent (id, kind, trade, reference, from_household, to_household, energy_wh, mint_wh, memo, state)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'open')`,
  );
  const insertShare = db.prepare(
    'INSERT INTO burn_share (intent, household, energy_wh) VALUES (?, ?, ?)',
  );
  const deeds = deedWriter(db);
  return (intents: readonly TokenIntent[], at: number): void => {
    for (const intent of intents) {
      insert.run(
        intent.id,
        intent.kind,
        intent.trade ?? null,
        intent.reference,
        intent.from,
        intent.to ?? null,
        intent.energyWh,
        intent.mintWh,
        intent.memo,
      );
      for (const share of intent.shares ?? [])
        insertShare.run(intent.id, share.household, share.energyWh);
      deeds.put('send-tokens', intent.id, at);
    }
  };
}
