/** What the embedded ledger remembers across power cuts: every transaction that landed, every account. */
import { randomBytes } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import Database from 'better-sqlite3';
import type { TransactionError } from './svm-errors.ts';

const schemaVersion = 1;
const synchronousFull = 2;

export type StoredAccount = {
  readonly address: string;
  readonly owner: string;
  readonly lamports: bigint;
  readonly data: Uint8Array;
};

export type Landed = {
  readonly signature: string;
  readonly slot: number;
  /** Unix seconds of the wall clock, right or wrong. */
  readonly time: number;
  readonly error: TransactionError | null;
  readonly memo: string | null;
  readonly raw: Uint8Array;
  readonly meta: Meta;
};

export type Meta = {
  readonly fee: number;
  readonly preBalances: readonly number[];
  readonly postBalances: readonly number[];
  readonly logMessages: readonly string[];
  readonly computeUnitsConsumed: number;
};

/** All that one executed transaction changes on disk. */
export type Entry = {
  readonly landed: Landed;
  readonly addresses: readonly string[];
  readonly changed: readonly StoredAccount[];
  readonly closed: readonly string[];
};

export type Page = { readonly limit: number; readonly before?: string; readonly until?: string };

export type Journal = {
  readonly seed: Uint8Array;
  /** No slot above this was ever told to anybody. */
  readonly slotCeiling: number;
  readonly accounts: () => Iterable<StoredAccount>;
  /** Runs `work` and keeps its entry, in one transaction that is on disk when this returns. */
  readonly keep: <T>(work: () => { readonly entry: Entry | undefined; readonly answer: T }) => T;
  readonly reserveSlots: (ceiling: number) => void;
  readonly find: (signature: string) => Landed | undefined;
  /** Newest first. */
  readonly history: (address: string, page: Page) => Landed[];
  readonly close: () => void;
};

/** Opens or creates the file; throws when another process has it, or a newer version wrote it. */
export function openJournal(file: string): Journal {
  // The seed is secret, so the file belongs to its owner alone from its first byte on.
  closeSync(openSync(file, 'a', 0o600));
  const lock = holdLock(`${file}.lock`);
  const db = new Database(file, { timeout: 1000 });
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  createTables(db);
  const ledger = db
    .prepare<[], { seed: Buffer; slotCeiling: number }>(
      'SELECT seed, slot_ceiling AS slotCeiling FROM ledger',
    )
    .get();
  if (db.pragma('synchronous', { simple: true }) !== synchronousFull || ledger === undefined) {
    throw new Error('the ledger file does not promise durable commits');
  }
  const reserve = db.prepare<[number]>('UPDATE ledger SET slot_ceiling = ?');
  const accounts = db
    .prepare<[], StoredAccount>('SELECT address, owner, lamports, data FROM accounts')
    .safeIntegers();
  return {
    seed: ledger.seed,
    slotCeiling: ledger.slotCeiling,
    accounts: () => accounts.iterate(),
    keep: keeper(db),
    reserveSlots: (ceiling) => void reserve.run(ceiling),
    ...reader(db),
    close: () => {
      db.close();
      lock.close();
    },
  };
}

/** Two ledgers on one file would each believe their own memory. The lock ends with its process, however that ends. */
function holdLock(file: string): Database.Database {
  const lock = new Database(file, { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (cause) {
    lock.close();
    throw new Error('the ledger file is in use by another process', { cause });
  }
}

function createTables(db: Database.Database): void {
  const version = db.pragma('user_version', { simple: true });
  if (version !== 0 && version !== schemaVersion) {
    throw new Error(`the ledger file has version ${version}; this hub knows ${schemaVersion}`);
  }
  db.transaction(() => {
    db.exec(`
      CREATE TABLE IF NOT EXISTS ledger (
        only INTEGER PRIMARY KEY CHECK (only = 1), seed BLOB NOT NULL, slot_ceiling INTEGER NOT NULL) STRICT;
      CREATE TABLE IF NOT EXISTS accounts (
        address TEXT PRIMARY KEY, owner TEXT NOT NULL, lamports INTEGER NOT NULL, data BLOB NOT NULL) STRICT, WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS transactions (
        id INTEGER PRIMARY KEY, signature TEXT NOT NULL UNIQUE, slot INTEGER NOT NULL, time INTEGER NOT NULL,
        error TEXT, memo TEXT, raw BLOB NOT NULL, meta TEXT NOT NULL) STRICT;
      CREATE TABLE IF NOT EXISTS addresses (
        address TEXT NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (address, id)) STRICT, WITHOUT ROWID;
      PRAGMA user_version = ${schemaVersion};`);
    db.prepare('INSERT OR IGNORE INTO ledger VALUES (1, ?, 1)').run(randomBytes(32));
  }).immediate();
}

function keeper(db: Database.Database): Journal['keep'] {
  const addTransaction = db.prepare(
    'INSERT INTO transactions (signature, slot, time, error, memo, raw, meta) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const addAddress = db.prepare('INSERT INTO addresses VALUES (?, ?)');
  const putAccount = db.prepare('INSERT OR REPLACE INTO accounts VALUES (?, ?, ?, ?)');
  const dropAccount = db.prepare('DELETE FROM accounts WHERE address = ?');
  const write = ({ landed, addresses, changed, closed }: Entry) => {
    const { signature, slot, time, memo, raw } = landed;
    const error = landed.error === null ? null : JSON.stringify(landed.error);
    const meta = JSON.stringify(landed.meta);
    const { lastInsertRowid } = addTransaction.run(signature, slot, time, error, memo, raw, meta);
    for (const address of new Set(addresses)) addAddress.run(address, lastInsertRowid);
    for (const { address, owner, lamports, data } of changed) {
      putAccount.run(address, owner, lamports, data);
    }
    for (const address of closed) dropAccount.run(address);
  };
  return <T>(work: () => { entry: Entry | undefined; answer: T }) =>
    db
      .transaction(() => {
        const { entry, answer } = work();
        if (entry !== undefined) write(entry);
        return answer;
      })
      .immediate();
}

type Row = Omit<Landed, 'error' | 'meta'> & {
  readonly error: string | null;
  readonly meta: string;
};
const landedOf = (row: Row): Landed => ({
  ...row,
  error: row.error === null ? null : JSON.parse(row.error),
  meta: JSON.parse(row.meta),
});

function reader(db: Database.Database): Pick<Journal, 'find' | 'history'> {
  const columns = 't.signature, t.slot, t.time, t.error, t.memo, t.raw, t.meta';
  const find = db.prepare<[string], Row>(
    `SELECT ${columns} FROM transactions t WHERE signature = ?`,
  );
  const history = db.prepare<[string, number, number, number], Row>(
    `SELECT ${columns} FROM addresses a JOIN transactions t ON t.id = a.id
     WHERE a.address = ? AND a.id < ? AND a.id > ? ORDER BY a.id DESC LIMIT ?`,
  );
  const idOf = db
    .prepare<[string], number>('SELECT id FROM transactions WHERE signature = ?')
    .pluck();
  const place = (signature: string | undefined, otherwise: number) =>
    (signature === undefined ? undefined : idOf.get(signature)) ?? otherwise;
  return {
    find: (signature) => {
      const row = find.get(signature);
      return row === undefined ? undefined : landedOf(row);
    },
    history: (address, { limit, before, until }) =>
      history
        .all(address, place(before, Number.MAX_SAFE_INTEGER), place(until, 0), limit)
        .map(landedOf),
  };
}
