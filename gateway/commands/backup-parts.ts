/** What belongs into a backup, and how one is looked at: the parts of `backup`, `restore` and `doctor`. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { z } from 'zod';
import type { Member } from '../adapters/backup/members.ts';
import { labelOf, readBackup } from '../adapters/backup/read-backup.ts';
import type { BackupKind, BackupLabel } from '../adapters/backup/sealed-stream.ts';
import { openWorkFolder } from '../adapters/backup/work-folder.ts';
import { refuseWithoutRoom, snapshot, writeBackup } from '../adapters/backup/write-backup.ts';
import { scaledClock } from '../adapters/clock/scaled-clock.ts';
import { beTheOnlyHub } from '../adapters/lock/one-hub.ts';
import { openBooks } from '../adapters/sqlite/open.ts';
import type { Config } from '../config.ts';
import { type EpochMs, epochMs } from '../core/units.ts';
import { backupPassphrase } from '../open-keys.ts';
import { version } from '../version.ts';

/** In the order of their copies: readings are copied last, so that nothing in the books lacks its reading. */
export const databases = ['books.db', 'ledger.db', 'readings.db'] as const;
/** What the keeper has drawn in Node-RED, where flows run under this hub. */
const flowFiles = ['flows.json', 'flows.shipped.json', 'flows.waiting.json'].map(
  (name) => `flows/${name}`,
);
const manifestName = 'manifest.json';
export const dataNames: readonly string[] = [manifestName, ...databases, ...flowFiles];
/** Without these the books cannot be continued: they name payouts, sign for tokens, and open the API. */
export const keyNames: readonly string[] = [
  ...['hub-key', 'operator-token', 'flows-password', 'flows-read-token', 'flows-editor-password'],
  'home-assistant-password',
  ...['keys/keystore.json', 'keys/chain.json', 'keys/passphrase'],
];

const manifestForm = z.object({
  /** Neighbourhood time of the first copy, ms. */
  madeAt: z.int(),
  /** Tells whether the hub's own key is the one that these books were written under. */
  hubKeyPrint: z.string(),
});
export type Manifest = z.infer<typeof manifestForm>;

/** Of the neighbourhood, as the hub of this configuration would have it. */
export const hubNow = ({ clock }: Config): EpochMs =>
  clock === undefined ? epochMs(Date.now()) : scaledClock(clock).now();

export const backupDirOf = ({ BACKUP_DIR, HUB_DATA_DIR }: Config): string =>
  BACKUP_DIR ?? join(HUB_DATA_DIR, 'backups');

/** Throws a sentence that says how to give one. */
export function passphraseOf(config: Config): string {
  const passphrase = backupPassphrase(config);
  if (passphrase !== undefined) return passphrase;
  throw new Error(
    'A backup is sealed with a passphrase of yours: write one of at least 12 characters to a file of mode 0600 and ' +
      'set BACKUP_PASSPHRASE_PATH. Keep it on paper too: without it no backup opens.',
  );
}

/** Undefined when the hub has never started here. */
export function hubKeyPrintOf(dataDir: string): string | undefined {
  const file = join(dataDir, 'hub-key');
  if (!existsSync(file)) return undefined;
  const key = readFileSync(file, 'utf8').trim();
  return createHash('sha256').update(`jirani hub key ${key}`).digest('hex').slice(0, 16);
}

const lockName = 'backup.lock';

/** One at a time on a data folder: two would delete each other's copies. */
const onlyBackup = (dataDir: string): Disposable => {
  try {
    return beTheOnlyHub(join(dataDir, lockName));
  } catch (cause) {
    throw new Error('Another backup or check runs on this data folder: wait for its end.', {
      cause,
    });
  }
};

/** Copies, seals, and leaves nothing in the clear behind. The hub may run. */
export async function makeBackup(config: Config, kind: BackupKind, file: string): Promise<number> {
  const { HUB_DATA_DIR: dataDir, HUB_NAME: hub } = config;
  const passphrase = passphraseOf(config);
  const at = hubNow(config);
  const label = { kind, hub, version, createdAt: new Date(at).toISOString() };
  if (kind === 'keys') {
    const members = membersIn(dataDir, keyNames);
    if (!members.some(({ name }) => name === 'hub-key'))
      throw new Error(`There are no keys in ${dataDir}: the hub has never started there.`);
    return (await writeBackup({ file, label, passphrase, members })).bytes;
  }
  if (!existsSync(join(dataDir, 'books.db'))) throw new Error(`No books in ${dataDir}.`);
  using _only = onlyBackup(dataDir);
  using work = openWorkFolder(dataDir);
  const members = copyData(dataDir, work.path, at);
  return (await writeBackup({ file, label, passphrase, members })).bytes;
}

const membersIn = (folder: string, names: readonly string[]): Member[] =>
  names.map((name) => ({ name, file: join(folder, name) })).filter(({ file }) => existsSync(file));

function copyData(dataDir: string, work: string, at: EpochMs): Member[] {
  const found = databases.filter((name) => existsSync(join(dataDir, name)));
  refuseWithoutRoom(
    dataDir,
    found.map((name) => join(dataDir, name)),
  );
  const manifest: Manifest = { madeAt: at, hubKeyPrint: hubKeyPrintOf(dataDir) ?? '' };
  writeFileSync(join(work, manifestName), JSON.stringify(manifest), { mode: 0o600 });
  for (const name of found) snapshot(join(dataDir, name), join(work, name));
  return [...membersIn(work, [manifestName, ...databases]), ...membersIn(dataDir, flowFiles)];
}

export type BackupCheck = {
  readonly file: string;
  readonly bytes: number;
  readonly label: BackupLabel;
  readonly households: number;
  readonly trades: number;
  readonly trialBalanceCents: number;
  readonly trialBalanceWh: number;
  /** Empty when all is sound. */
  readonly problems: readonly string[];
};

/** Restores it into a folder of its own, looks at everything, and forgets the copy. */
export async function checkBackup(config: Config, file: string): Promise<BackupCheck> {
  const passphrase = passphraseOf(config);
  const { HUB_DATA_DIR: dataDir } = config;
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  using _only = onlyBackup(dataDir);
  using work = openWorkFolder(dataDir);
  await readBackup({ file, kind: 'data', passphrase, folder: work.path, known: dataNames });
  const label = await labelOf(file);
  return { file, bytes: statSync(file).size, label, ...lookAt(work.path) };
}

/** Of the manifest that a backup was unpacked with. */
export function manifestIn(folder: string): Manifest {
  const read = manifestForm.safeParse(JSON.parse(readFileSync(join(folder, manifestName), 'utf8')));
  if (read.success) return read.data;
  throw new Error('The backup says nothing of itself that this version understands.');
}

type Look = Omit<BackupCheck, 'file' | 'bytes' | 'label'>;

/** Every page of every database, every foreign key, and the sums of both ledgers. */
export function lookAt(folder: string): Look {
  const found = databases.filter((name) => existsSync(join(folder, name)));
  const broken = found.flatMap((name) => problemsOf(join(folder, name), name));
  const missing = existsSync(join(folder, 'books.db')) ? [] : ['books.db is missing'];
  const nothing = { households: 0, trades: 0, trialBalanceCents: 0, trialBalanceWh: 0 };
  if (broken.length + missing.length > 0) return { ...nothing, problems: [...missing, ...broken] };
  using books = openBooks(join(folder, 'books.db'));
  const { audit, households } = books;
  const [trialBalanceCents, trialBalanceWh] = [
    audit.trialBalance('cents'),
    audit.trialBalance('Wh'),
  ];
  const wrong = audit
    .imbalances()
    .map(({ what, expected, found: is }) => `${what}: ${is} instead of ${expected}`);
  const sums = trialBalanceCents === 0 && trialBalanceWh === 0 ? [] : ['the sums are not 0'];
  return {
    households: households.all().length,
    trades: tradesIn(join(folder, 'books.db')),
    ...{ trialBalanceCents, trialBalanceWh },
    problems: [...sums, ...wrong],
  };
}

function tradesIn(file: string): number {
  const db = new Database(file, { fileMustExist: true, readonly: true });
  try {
    return (db.prepare('SELECT count(*) AS n FROM trade').get() as { n: number }).n;
  } finally {
    db.close();
  }
}

const problemsMost = 5;

/** `quick` leaves out whether indexes and tables tell the same, which takes minutes on a big file. */
export function problemsOf(
  file: string,
  name: string,
  check: 'integrity' | 'quick' = 'integrity',
): string[] {
  try {
    const db = new Database(file, { fileMustExist: true });
    try {
      const rows = db.pragma(`${check}_check(${problemsMost})`) as Record<string, string>[];
      const bad = rows.flatMap((row) => Object.values(row)).filter((text) => text !== 'ok');
      const strays = db.pragma('foreign_key_check') as unknown[];
      return [
        ...bad.map((text) => `${name}: ${text}`),
        ...(strays.length > 0 ? [`${name}: ${strays.length} rows point at nothing`] : []),
      ];
    } finally {
      db.close();
    }
  } catch (error) {
    return [`${name}: ${error instanceof Error ? error.message : String(error)}`];
  }
}
