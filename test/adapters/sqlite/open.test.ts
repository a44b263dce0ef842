import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import Database from 'better-sqlite3';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { migrate } from '../../../gateway/adapters/sqlite/migrate.ts';
import { openBooks } from '../../../gateway/adapters/sqlite/open.ts';
import { cents, epochMs } from '../../../gateway/core/units.ts';
import { aTrade, given } from '../../support/given.ts';
import { corner, fillWallet, kiosk } from '../../support/neighbourhood.ts';
import { booksOnDisk } from './books-on-disk.ts';

const opening = suite('opening the books');

const folderWith = (files: Readonly<Record<string, string>>): string => {
  const folder = mkdtempSync(join(tmpdir(), 'jirani-migrations-'));
  for (const [name, sql] of Object.entries(files)) writeFileSync(join(folder, name), sql);
  return folder;
};
const versionOf = (db: Database.Database) => db.pragma('user_version', { simple: true });

opening('keeps what was written when they are opened again', () => {
  using books = booksOnDisk({ energy: { [corner]: 5_000 } });
  const trade = aTrade(books.hub);
  using again = openBooks(books.file);
  assert.equal(again.trades.find(trade.id), trade);
  assert.is(again.energy.balanceOf(corner).energyWh, 3_000);
});

opening('refuses books that a newer hub has written, and changes nothing in them', () => {
  using books = booksOnDisk();
  books.tamper('PRAGMA user_version = 999');
  books.tamper('PRAGMA application_id = 0');
  assert.throws(() => openBooks(books.file), /schema 999.*upgrade the hub/);
  assert.equal(books.look('PRAGMA user_version'), [{ user_version: 999 }]);
});

opening('waits for the disk at every commit, and minds its foreign keys', () => {
  const seen: Record<string, unknown> = {};
  const close = Database.prototype.close;
  Database.prototype.close = function look(this: Database.Database) {
    for (const name of ['synchronous', 'journal_mode', 'foreign_keys'])
      seen[name] ??= this.pragma(name, { simple: true });
    return close.call(this);
  };
  try {
    using books = booksOnDisk();
    fillWallet(books.hub.books, kiosk, 100);
    books.hub[Symbol.dispose]();
  } finally {
    Database.prototype.close = close;
  }
  assert.equal(seen, { synchronous: 2, journal_mode: 'wal', foreign_keys: 1 });
});

opening('brings old books forward, one numbered file after the other', () => {
  const folder = folderWith({
    '001-first.sql': 'CREATE TABLE one (a);',
    '002-second.sql': 'CREATE TABLE two (a);',
    'notes.txt': 'not SQL',
    '3-short.sql': 'not counted',
  });
  const db = new Database(':memory:');
  const url = pathToFileURL(`${folder}/`);
  migrate(db, url);
  assert.is(versionOf(db), 2);
  writeFileSync(join(folder, '003-third.sql'), 'CREATE TABLE three (a);');
  migrate(db, url);
  migrate(db, url);
  assert.is(versionOf(db), 3);
  assert.is(
    db.prepare("SELECT count(*) AS n FROM sqlite_schema WHERE type = 'table'").pluck().get(),
    3,
  );
  db.close();
  rmSync(folder, { recursive: true });
});

opening('leaves the books as they were when a step forward fails half way', () => {
  const folder = folderWith({
    '001-first.sql': 'CREATE TABLE one (a);',
    '002-broken.sql': 'CREATE TABLE two (a); INSERT INTO nowhere VALUES (1);',
  });
  const db = new Database(':memory:');
  assert.throws(() => migrate(db, pathToFileURL(`${folder}/`)), /nowhere/);
  assert.is(versionOf(db), 1);
  assert.equal(db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all(), [
    'one',
  ]);
  db.close();
  rmSync(folder, { recursive: true });
});

opening('writes all of a topic’s command or nothing of it', () => {
  using hub = given({ energy: { [corner]: 5_000 } });
  const { books } = hub;
  const trade = aTrade(hub, { key: 'a key' });
  const lines = books.views.history(trade.id).length;
  const energy = books.energy.balanceOf(corner).energyWh;
  assert.throws(() => aTrade(hub, { key: 'a key' }), /UNIQUE/);
  assert.throws(() => aTrade(hub, { energyWh: 3_001 }), /CHECK/, 'more than is there');
  assert.throws(() => books.trades.close([trade.id], undefined, hub.clock.now()), /needs settled/);
  assert.is(books.energy.balanceOf(corner).energyWh, energy);
  assert.is(books.views.trades(10).length, 1);
  assert.is(books.views.history(trade.id).length, lines);
  assert.equal(books.audit.imbalances(), []);
});

opening('undoes a whole morning’s work when the last of it fails', () => {
  using hub = given({ energy: { [corner]: 5_000 } });
  const { books } = hub;
  assert.throws(() =>
    books.together(() => {
      fillWallet(books, kiosk, 500);
      books.settings.change('rate', 1_600, epochMs(0));
      throw new Error('the pen broke');
    }),
  );
  assert.is(books.trades.walletOf(kiosk), cents(0));
  assert.is(books.settings.at(hub.clock.now()).rate, 1_500);
});

opening.run();
