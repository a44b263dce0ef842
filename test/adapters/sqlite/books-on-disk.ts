/** Books in a file, and a second hand on the same file that tries what the hub never does. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { type GivenHub, given } from '../../support/given.ts';
import type { Belongings } from '../../support/neighbourhood.ts';

export type BooksOnDisk = {
  readonly file: string;
  readonly hub: GivenHub;
  /** Runs SQL as somebody who does not ask the hub. */
  tamper(sql: string): void;
  look<Row>(sql: string): Row[];
  [Symbol.dispose](): void;
};

export function booksOnDisk(belongings: Belongings = {}): BooksOnDisk {
  const folder = mkdtempSync(join(tmpdir(), 'jirani-books-'));
  const file = join(folder, 'books.db');
  const hub = given({ ...belongings, file });
  const db = new Database(file);
  db.pragma('foreign_keys = ON');
  return {
    file,
    hub,
    tamper: (sql) => void db.exec(sql),
    look: <Row>(sql: string) => db.prepare(sql).all() as Row[],
    [Symbol.dispose]: () => {
      db.close();
      hub[Symbol.dispose]();
      rmSync(folder, { recursive: true });
    },
  };
}
