/** `restore`: puts a backup in the place of what is there, and lets nobody be paid before M-Pesa was compared. */
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import Database from 'better-sqlite3';
import type { Command } from 'commander';
import { readBackup } from '../adapters/backup/read-backup.ts';
import { openWorkFolder, syncFolder } from '../adapters/backup/work-folder.ts';
import { openIds } from '../adapters/ids/ids.ts';
import { beTheOnlyHub } from '../adapters/lock/one-hub.ts';
import { openBooks } from '../adapters/sqlite/open.ts';
import type { Config } from '../config.ts';
import { type EpochMs, epochMs } from '../core/units.ts';
import { openKeys } from '../open-keys.ts';
import { markRestored } from '../steps/mark-restored.ts';
import {
  databases,
  dataNames,
  hubKeyPrintOf,
  hubNow,
  keyNames,
  lookAt,
  manifestIn,
  passphraseOf,
  problemsOf,
} from './backup-parts.ts';
import { configFrom, hubEnvironment } from './environment.ts';
import { type Json, print } from './hub-api.ts';

/** Adds `restore FILE` and `restore --keys FILE`. */
export function restoreCommand(program: Command): void {
  program
    .command('restore <file>')
    .description('put a backup in the place of what is there; the hub must not run')
    .option('--keys', 'a backup of keys, into a data folder that has none')
    .option('--json')
    .action(async (file: string, { keys = false, json }: Json & { keys?: boolean }) => {
      const config = configFrom(hubEnvironment());
      mkdirSync(config.HUB_DATA_DIR, { recursive: true, mode: 0o700 });
      using _lock = beTheOnlyHub(join(config.HUB_DATA_DIR, 'hub.lock'));
      if (keys) return restoreKeys(config, resolve(file));
      print(await restoreData(config, resolve(file)), json, inWords);
    });
}

async function restoreKeys(config: Config, file: string): Promise<void> {
  const { HUB_DATA_DIR: dataDir } = config;
  const there = keyNames.filter((name) => existsSync(join(dataDir, name)));
  if (there.length > 0)
    throw new Error(
      `${dataDir} has keys already (${there.join(', ')}): nothing is written over them. Move them away first.`,
    );
  const passphrase = passphraseOf(config);
  using work = openWorkFolder(dataDir);
  const opening = { file, kind: 'keys', passphrase, folder: work.path, known: keyNames } as const;
  const names = await readBackup(opening);
  for (const name of names) place(work.path, dataDir, name);
  console.log(`${names.length} keys are in ${dataDir}. Next: scripts/hub restore FILE`);
}

type Restored = {
  readonly madeAt: string;
  readonly households: number;
  readonly trades: number;
  /** Payouts about which M-Pesa is asked first. */
  readonly asked: number;
  /** Where what was replaced lies; null when there was nothing. */
  readonly replaced: string | null;
  readonly ledger: 'kept' | 'restored' | 'none';
};

async function restoreData(config: Config, file: string): Promise<Restored> {
  const { HUB_DATA_DIR: dataDir } = config;
  const passphrase = passphraseOf(config);
  using work = openWorkFolder(dataDir);
  const folder = work.path;
  const names = await readBackup({ file, kind: 'data', passphrase, folder, known: dataNames });
  const look = lookAt(folder);
  if (look.problems.length > 0)
    throw new Error(`The backup is not sound: ${look.problems.join('; ')}. Use another one.`);
  const { madeAt, hubKeyPrint } = manifestIn(folder);
  refuseOtherKeys(dataDir, hubKeyPrint);
  const now = epochMs(Math.max(hubNow(config), madeAt + 1));
  const asked = mark(config, join(folder, 'books.db'), epochMs(madeAt), now);
  const keepsLedger = hasSoundLedger(dataDir);
  // Books come last: while they are the old ones, nothing has been restored.
  const coming = names
    .filter((name) => name !== 'manifest.json' && !(keepsLedger && name === 'ledger.db'))
    .sort((a, b) => Number(a === 'books.db') - Number(b === 'books.db'));
  const replaced = setAside(dataDir, coming, now);
  for (const name of coming) place(folder, dataDir, name);
  const hasLedger = names.includes('ledger.db') || keepsLedger;
  return {
    madeAt: new Date(madeAt).toISOString(),
    ...{ households: look.households, trades: look.trades, asked, replaced },
    ledger: keepsLedger ? 'kept' : hasLedger ? 'restored' : 'none',
  };
}

/** Under another key the hub would give payouts other names, and M-Pesa would not know them again. */
function refuseOtherKeys(dataDir: string, print: string): void {
  const here = hubKeyPrintOf(dataDir);
  if (here === print) return;
  throw new Error(
    here === undefined
      ? `The keys of these books are not in ${dataDir}. First: scripts/hub restore --keys FILE`
      : `The keys in ${dataDir} are not those of these books: choose another HUB_DATA_DIR, and restore its keys first.`,
  );
}

/** One write, before any hub sees these books. */
function mark(config: Config, file: string, madeAt: EpochMs, now: EpochMs): number {
  const { hubKey } = openKeys(config.HUB_DATA_DIR, config.HUB_OPERATOR_TOKEN);
  using books = openBooks(file);
  const ids = openIds({ hubKey, now: () => now });
  let asked = 0;
  books.together(() => {
    asked = markRestored({ books, ids }, madeAt, now);
  });
  return asked;
}

/** A ledger that is whole is never turned back: its markers tell which tokens have moved since the backup. */
const hasSoundLedger = (dataDir: string): boolean => {
  const file = join(dataDir, 'ledger.db');
  return existsSync(file) && problemsOf(file, 'ledger.db').length === 0;
};

/** Keeps what is replaced under another name; the place of the books is never empty, whatever the power does. */
function setAside(dataDir: string, names: readonly string[], now: EpochMs): string | null {
  const there = names.filter((name) => existsSync(join(dataDir, name)));
  if (there.length === 0) return null;
  const stamp = new Date(now).toISOString().replaceAll(/[:.]/g, '');
  const folder = join(dataDir, `replaced-${stamp}`);
  for (const name of there) {
    mkdirSync(dirname(join(folder, name)), { recursive: true, mode: 0o700 });
    if ((databases as readonly string[]).includes(name)) putLogIntoFile(join(dataDir, name));
    linkSync(join(dataDir, name), join(folder, name));
    // Whatever log is left belongs to the old file alone.
    for (const tail of ['-wal', '-shm'])
      if (existsSync(join(dataDir, `${name}${tail}`)))
        renameSync(join(dataDir, `${name}${tail}`), join(folder, `${name}${tail}`));
  }
  syncFolder(folder);
  return folder;
}

/** So that the old database is one whole file; one that is broken keeps its log beside it. */
function putLogIntoFile(file: string): void {
  try {
    const db = new Database(file, { fileMustExist: true });
    try {
      db.pragma('wal_checkpoint(TRUNCATE)');
    } finally {
      db.close();
    }
  } catch {
    // It is being replaced because it is broken.
  }
}

/** On the disk, and in place of what was there, when it returns. */
function place(from: string, to: string, name: string): void {
  const handle = openSync(join(from, name), 'r');
  fsyncSync(handle);
  closeSync(handle);
  mkdirSync(dirname(join(to, name)), { recursive: true, mode: 0o700 });
  renameSync(join(from, name), join(to, name));
  syncFolder(dirname(join(to, name)));
}

const ledgerWords: Readonly<Record<Restored['ledger'], readonly string[]>> = {
  kept: ['The local ledger is whole and stays as it is: a chain is never turned back.'],
  restored: ['The local ledger comes from the backup: tokens that moved since have not.'],
  none: [],
};

const inWords = ({ madeAt, households, trades, asked, replaced, ledger }: Restored): string[] => [
  `Restored as of ${madeAt}: ${households} households, ${trades} trades.`,
  'What meters and people did since is not in these books. Readings since are lost to them.',
  ...(replaced === null ? [] : [`What was here before is kept in ${basename(replaced)}.`]),
  ...ledgerWords[ledger],
  `All payouts wait; M-Pesa is asked about ${asked} that may have gone. What to type next:`,
  '  scripts/hub start',
  '  scripts/hub pay reconcile   until it has nothing more to tell',
  '  scripts/hub chain verify    what the chain holds that the books do not know',
  '  scripts/hub pay resume      payouts go on',
];
