// uncounted: it starts whole programs, again and again
// needs: systemd-notify
/** The daemon as systemd meets it. */
import { copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import Database from 'better-sqlite3';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { migrate } from '../../gateway/adapters/sqlite/migrate.ts';
import { aSystemd } from '../adapters/systemd/a-systemd.ts';
import { aFolder, begin } from './programs.ts';

const starting = suite('systemd starts the hub');

const ownMigrations = join(import.meta.dirname, '../../gateway/adapters/sqlite/migrations');

/** Books as the first release left them. */
function oldBooks(folder: string): void {
  const first = join(folder, 'first');
  mkdirSync(first);
  const [name = ''] = readdirSync(ownMigrations).sort();
  copyFileSync(join(ownMigrations, name), join(first, name));
  const db = new Database(join(folder, 'books.db'));
  migrate(db, pathToFileURL(`${first}/`));
  db.close();
}

const environmentOf = (pid: number): string => readFileSync(`/proc/${pid}/environ`, 'utf8');
const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);

starting('4: it hears of time for the books, READY when all listen, life, STOPPING', async () => {
  await using systemd = await aSystemd();
  using folder = aFolder();
  oldBooks(folder.path);
  await using hub = begin(['start'], {
    HUB_DATA_DIR: folder.path,
    NOTIFY_SOCKET: systemd.socket,
    WATCHDOG_USEC: '3000000',
  });
  await systemd.hears(/^EXTEND_TIMEOUT_USEC=1800000000/);
  await systemd.hears(/^READY=1/);
  assert.match(systemd.heard[0]?.words ?? '', /^EXTEND/);
  const [, port] = await hub.says(/Jirani runs: http:\/\/127\.0\.0\.1:(\d+)/);
  const { ok } = await fetch(`http://127.0.0.1:${port}/health/live`);
  assert.ok(ok);
  for (const child of childrenOf(hub.pid))
    assert.not.match(environmentOf(child), /NOTIFY_SOCKET/, 'no child speaks in its place');
  await systemd.hears(/^WATCHDOG=1/);
  hub.signal('SIGTERM');
  assert.is((await hub.ended).code, 0);
  assert.match((await systemd.hears(/^STOPPING=1/)).words, /Closing/);
});

starting('books of today need no more time', async () => {
  await using systemd = await aSystemd();
  using folder = aFolder();
  await using hub = begin(['start'], { HUB_DATA_DIR: folder.path, NOTIFY_SOCKET: systemd.socket });
  await systemd.hears(/^READY=1/);
  assert.is(systemd.heard.length, 1);
  hub.signal('SIGTERM');
  await hub.ended;
});

starting.run();
