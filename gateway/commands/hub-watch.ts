/** What systemd is told while the hub opens, lives and closes. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { openWriteProbe } from '../adapters/sqlite/write-probe.ts';
import { listensAt } from '../adapters/systemd/listens.ts';
import type { LifeChecks, Watchman } from '../ports/watchman.ts';

/** A year of readings on a slow card, taken over at once. */
const migrationMs = 1_800_000;

const migrationsOf = {
  'books.db': new URL('../adapters/sqlite/migrations/', import.meta.url),
  'readings.db': new URL('../adapters/readings/migrations/', import.meta.url),
};

/** Asks for time when what lies in the folder has an older form, which takes a while to change. */
export function askForMigrationTime(watchman: Watchman, dataDir: string): void {
  const isBehind = Object.entries(migrationsOf).some(([name, migrations]) => {
    const file = join(dataDir, name);
    return existsSync(file) && schemaOf(file) < schemasIn(migrations);
  });
  if (isBehind) watchman.askForTime(migrationMs);
}

function schemaOf(file: string): number {
  const db = new Database(file, { readonly: true });
  try {
    return Number(db.pragma('user_version', { simple: true }));
  } finally {
    db.close();
  }
}

const schemasIn = (migrations: URL): number =>
  readdirSync(migrations).filter((name) => name.endsWith('.sql')).length;

/** Says that the hub is ready, and from then on that it lives. Closing says that it stops. */
export async function tellWatchman(
  watchman: Watchman,
  dataDir: string,
  hub: { readonly mqttPort: number | undefined; readonly callbackPort: number },
): Promise<AsyncDisposable> {
  const watching = new AsyncDisposableStack();
  const probe = watching.use(openWriteProbe(join(dataDir, 'books.db')));
  const { mqttPort, callbackPort } = hub;
  const checks: LifeChecks = {
    'the books': probe.write,
    ...(mqttPort === undefined ? {} : { 'the broker': () => listensAt(mqttPort) }),
    'the callback listener': () => listensAt(callbackPort),
  };
  watching.use(watchman.watch(checks));
  watching.defer(() => watchman.stopping());
  await watchman.ready();
  return watching;
}
