/** Brings a database to the newest schema: numbered SQL files, each in its own transaction, forward only. */
import { readdirSync, readFileSync } from 'node:fs';
import type { Database } from 'better-sqlite3';

/** Applies what `folder` has beyond the database's user_version. Throws when the file is from a newer hub. */
export function migrate(db: Database, folder: URL): void {
  const files = readdirSync(folder)
    .filter((name) => /^\d{3}-.*\.sql$/.test(name))
    .sort();
  const have = db.pragma('user_version', { simple: true }) as number;
  if (have > files.length)
    throw new Error(
      `the database has schema ${have}, this hub knows ${files.length}: upgrade the hub`,
    );
  for (const [index, name] of files.entries()) {
    if (index < have) continue;
    const sql = readFileSync(new URL(name, folder), 'utf8');
    db.transaction(() => {
      db.exec(sql);
      db.pragma(`user_version = ${index + 1}`);
    }).immediate();
  }
}
