/** Books that a newer hub has used, in the hands of an older one. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import Database from 'better-sqlite3';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { migrate } from '../../../gateway/adapters/sqlite/migrate.ts';

const goingBack = suite('going back to the hub before');

/** Brings books through the migrations of one hub after another. */
function books() {
  const folder = mkdtempSync(join(tmpdir(), 'jirani-migrate-'));
  const db = new Database(':memory:');
  let hubs = 0;
  return {
    usedBy: (...migrations: readonly string[]) => {
      const own = join(folder, String(hubs++));
      mkdirSync(own);
      for (const [index, sql] of migrations.entries())
        writeFileSync(join(own, `00${index + 1}-step.sql`), sql);
      migrate(db, pathToFileURL(`${own}/`));
    },
    [Symbol.dispose]: () => {
      db.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const first = 'CREATE TABLE a (x INTEGER);';
const adds = '-- only adds\nCREATE TABLE b (x INTEGER);';
const addsMore = '-- only adds\nCREATE TABLE c (x INTEGER);';
const changes = 'DROP TABLE a;';

goingBack('works where all that is newer was only added, and forward again', () => {
  using here = books();
  here.usedBy(first);
  here.usedBy(first, adds, addsMore);
  here.usedBy(first);
  here.usedBy(first, adds);
  here.usedBy(first, adds, addsMore);
});

goingBack('is refused where something that is newer took away', () => {
  using here = books();
  here.usedBy(first);
  here.usedBy(first, adds, changes);
  assert.throws(() => here.usedBy(first), /schema 3, this hub knows 1/);
  assert.throws(() => here.usedBy(first, adds), /schema 3, this hub knows 2/);
});

goingBack('reaches to the last change that took away, and no further', () => {
  using here = books();
  here.usedBy(first, changes, '-- only adds\nCREATE TABLE d (x INTEGER);');
  here.usedBy(first, changes);
  assert.throws(() => here.usedBy(first), /upgrade the hub/);
});

goingBack.run();
