/** Whether the books can be written: what the watchdog is told. */
import Database from 'better-sqlite3';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openWriteProbe } from '../../../gateway/adapters/sqlite/write-probe.ts';
import { booksOnDisk } from './books-on-disk.ts';

const probing = suite('asking whether the books can be written');

probing('a commit goes through and changes nothing', () => {
  using books = booksOnDisk();
  books.tamper('PRAGMA application_id = 14');
  using probe = openWriteProbe(books.file);
  probe.write();
  probe.write();
  assert.equal(books.look('PRAGMA application_id'), [{ application_id: 14 }]);
});

probing('a writer that hangs is told', () => {
  using books = booksOnDisk();
  using probe = openWriteProbe(books.file);
  const hanging = new Database(books.file);
  hanging.exec('BEGIN IMMEDIATE');
  assert.throws(() => probe.write(), /locked/);
  hanging.exec('ROLLBACK');
  probe.write();
  hanging.close();
});

probing('a full disk is no reason to start again', () => {
  using books = booksOnDisk();
  using probe = openWriteProbe(books.file);
  const { transaction } = Database.prototype;
  Database.prototype.transaction = () => {
    throw new Database.SqliteError('database or disk is full', 'SQLITE_FULL');
  };
  try {
    probe.write();
  } finally {
    Database.prototype.transaction = transaction;
  }
});

probing.run();
