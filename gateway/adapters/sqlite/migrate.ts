/** Brings a database to the newest schema: numbered SQL files, each in its own transaction, forward only. */
import { readdirSync, readFileSync } from 'node:fs';
import type { Database } from 'better-sqlite3';

/** How a migration begins that takes nothing away from hubs which do not know it. */
const onlyAdds = '-- only adds';

/**
 * Applies what `folder` has beyond the database's user_version. Throws when the file is from a newer hub, unless all
 * that this one does not know was only added: then the code of an upgrade can be taken back, and never the books.
 */
export function migrate(db: Database, folder: URL): void {
  const files = readdirSync(folder)
    .filter((name) => /^\d{3}-.*\.sql$/.test(name))
    .sort();
  const have = db.pragma('user_version', { simple: true }) as number;
  if (have > files.length && !isEnough(files.length, oldestFor(db)))
    throw new Error(
      `the database has schema ${have}, this hub knows ${files.length}: upgrade the hub`,
    );
  for (const [index, name] of files.entries()) {
    if (index < have) continue;
    const sql = readFileSync(new URL(name, folder), 'utf8');
    const oldest = sql.startsWith(onlyAdds) ? oldestFor(db) || index : 0;
    db.transaction(() => {
      db.exec(sql);
      db.pragma(`user_version = ${index + 1}`);
      db.pragma(`application_id = ${oldest}`);
    }).immediate();
  }
}

/** The oldest schema whose hub still works with these books; 0 where that is the newest alone. */
const oldestFor = (db: Database): number => db.pragma('application_id', { simple: true }) as number;

const isEnough = (known: number, oldest: number): boolean => oldest > 0 && known >= oldest;
