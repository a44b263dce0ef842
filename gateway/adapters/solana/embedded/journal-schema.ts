/** The tables of the journal, and how a file of an earlier version becomes one of this. */
import { randomBytes } from 'node:crypto';
import type Database from 'better-sqlite3';
import bs58 from 'bs58';

const schemaVersion = 2;

/** Keys and signatures are bytes. What is needed to refuse a repetition outlives all else of a transaction. */
const tables = `
  CREATE TABLE ledger (
    only INTEGER PRIMARY KEY CHECK (only = 1), seed BLOB NOT NULL, slot_ceiling INTEGER NOT NULL) STRICT;
  CREATE TABLE accounts (
    address BLOB PRIMARY KEY, owner BLOB NOT NULL, lamports INTEGER NOT NULL, data BLOB NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE signatures (
    signature BLOB PRIMARY KEY, id INTEGER NOT NULL, slot INTEGER NOT NULL, error TEXT) STRICT, WITHOUT ROWID;
  CREATE TABLE transactions (
    id INTEGER PRIMARY KEY, slot INTEGER NOT NULL, time INTEGER NOT NULL,
    error TEXT, raw BLOB NOT NULL, meta TEXT NOT NULL) STRICT;
  CREATE TABLE addresses (
    address BLOB NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (address, id)) STRICT, WITHOUT ROWID;`;

/** In one transaction. Throws when a newer version wrote the file. */
export function prepareTables(db: Database.Database): void {
  const version = db.pragma('user_version', { simple: true });
  if (version === schemaVersion) return;
  if (version !== 0 && version !== 1) {
    throw new Error(`the ledger file has version ${version}; this hub knows ${schemaVersion}`);
  }
  db.transaction(() => {
    if (version === 1) takeOverFirst(db);
    else {
      db.exec(tables);
      db.prepare('INSERT INTO ledger VALUES (1, ?, 1)').run(randomBytes(32));
    }
    db.pragma(`user_version = ${schemaVersion}`);
  }).immediate();
}

/** Version 1 wrote keys and signatures as base58. */
function takeOverFirst(db: Database.Database): void {
  const old = ['ledger', 'accounts', 'transactions', 'addresses'];
  for (const table of old) db.exec(`ALTER TABLE ${table} RENAME TO old_${table}`);
  db.exec(tables);
  db.function('from_base58', { deterministic: true }, (text) =>
    Buffer.from(bs58.decode(String(text))),
  );
  db.exec(`
    INSERT INTO ledger SELECT only, seed, slot_ceiling FROM old_ledger;
    INSERT INTO accounts SELECT from_base58(address), from_base58(owner), lamports, data FROM old_accounts;
    INSERT INTO signatures SELECT from_base58(signature), id, slot, error FROM old_transactions;
    INSERT INTO transactions SELECT id, slot, time, error, raw, meta FROM old_transactions;
    INSERT INTO addresses SELECT from_base58(address), id FROM old_addresses;`);
  for (const table of old) db.exec(`DROP TABLE old_${table}`);
}
