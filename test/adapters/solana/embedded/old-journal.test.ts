import { join } from 'node:path';
import Database from 'better-sqlite3';
import bs58 from 'bs58';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openLocalLedger } from '../../../../gateway/adapters/solana/embedded/server.ts';
import { aFolder } from '../neighbours.ts';
import { connect, openMarket, sign } from './traders.ts';

/** Turns a file of today into what version 1 wrote: keys and signatures as base58, one table less. */
function makeOld(file: string): void {
  const db = new Database(file);
  db.function('base58', (bytes) => bs58.encode(bytes as Buffer));
  db.exec(`
    CREATE TABLE a (address TEXT PRIMARY KEY, owner TEXT NOT NULL, lamports INTEGER NOT NULL, data BLOB NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE t (
      id INTEGER PRIMARY KEY, signature TEXT NOT NULL UNIQUE, slot INTEGER NOT NULL, time INTEGER NOT NULL,
      error TEXT, memo TEXT, raw BLOB NOT NULL, meta TEXT NOT NULL) STRICT;
    CREATE TABLE d (address TEXT NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (address, id)) STRICT, WITHOUT ROWID;
    INSERT INTO a SELECT base58(address), base58(owner), lamports, data FROM accounts;
    INSERT INTO t SELECT id, base58(signature), t.slot, time, t.error, NULL, raw, meta FROM transactions t JOIN signatures USING (id);
    INSERT INTO d SELECT base58(address), id FROM addresses;
    DROP TABLE accounts; DROP TABLE transactions; DROP TABLE addresses; DROP TABLE signatures;
    ALTER TABLE a RENAME TO accounts; ALTER TABLE t RENAME TO transactions; ALTER TABLE d RENAME TO addresses;
    PRAGMA user_version = 1;`);
  db.close();
}

const old = suite("a ledger's file of an earlier version");

old('keeps balances, history and refusals', async () => {
  using folder = aFolder();
  const file = join(folder.path, 'ledger.db');
  let ledger = openLocalLedger({ file });
  const connection = connect((url, init) => ledger.fetch(url, init));
  const market = await openMarket(connection, { mintWh: 100, allowanceWh: 100 });
  const { raw, signature } = await sign(connection, [market.transfer(30)], [market.hub]);
  await connection.sendRawTransaction(raw);
  const before = await Promise.all([
    connection.getGenesisHash(),
    connection.getTokenAccountBalance(market.buyerTokens).then(({ value }) => value.amount),
    connection.getSignaturesForAddress(market.mint).then((all) => all.map((one) => one.signature)),
    connection.getBalance(market.hub.publicKey),
  ]);
  ledger[Symbol.dispose]();
  makeOld(file);
  ledger = openLocalLedger({ file });
  const after = await Promise.all([
    connection.getGenesisHash(),
    connection.getTokenAccountBalance(market.buyerTokens).then(({ value }) => value.amount),
    connection.getSignaturesForAddress(market.mint).then((all) => all.map((one) => one.signature)),
    connection.getBalance(market.hub.publicKey),
  ]);
  assert.equal(after, before);
  assert.is((await connection.getSignatureStatus(signature)).value?.err, null);
  const refused = await connection.sendRawTransaction(raw).catch((error: Error) => error.message);
  assert.match(String(refused), 'already been processed');
  await connection.sendRawTransaction(
    (await sign(connection, [market.transfer(5)], [market.hub])).raw,
  );
  ledger[Symbol.dispose]();
});

old('is refused when it comes from a later version', () => {
  using folder = aFolder();
  const file = join(folder.path, 'ledger.db');
  openLocalLedger({ file })[Symbol.dispose]();
  const db = new Database(file);
  db.pragma('user_version = 99');
  db.close();
  assert.throws(() => openLocalLedger({ file }), /has version 99; this hub knows 2/);
});

old.run();
