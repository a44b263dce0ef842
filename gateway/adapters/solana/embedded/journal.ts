/** What the embedded ledger remembers across power cuts: every transaction that landed, every account. */
import { closeSync, openSync } from 'node:fs';
import Database from 'better-sqlite3';
import { prepareTables } from './journal-schema.ts';
import { readTransaction } from './signed-transaction.ts';
import type { TransactionError } from './svm-errors.ts';

const synchronousFull = 2;
/** Of so many transactions the bytes, balances and addresses are kept: about 2 kB each. */
const transactionsKeptDefault = 250_000;
/** How many old ones make room for each new one, until the bound holds again. */
const forgottenAtOnce = 2;

export type StoredAccount = {
  readonly address: Uint8Array;
  readonly owner: Uint8Array;
  readonly lamports: bigint;
  readonly data: Uint8Array;
};

/** What is known of a transaction for ever. */
export type Verdict = { readonly slot: number; readonly error: TransactionError | null };

export type Landed = Verdict & {
  /** Unix seconds of the wall clock, right or wrong. */
  readonly time: number;
  readonly raw: Uint8Array;
  readonly meta: Meta;
};

/** A token account in a transaction: place among its keys, base64 of mint, owner and amount, decimals. */
export type TokenBalance = readonly [place: number, account: string, decimals: number];

export type Meta = {
  readonly fee: number;
  readonly preBalances: readonly number[];
  readonly postBalances: readonly number[];
  readonly preTokens?: readonly TokenBalance[];
  readonly postTokens?: readonly TokenBalance[];
  readonly logMessages: readonly string[];
  readonly computeUnitsConsumed: number;
};

/** All that one executed transaction changes on disk. */
export type Entry = {
  readonly landed: Landed;
  readonly signature: Uint8Array;
  readonly addresses: readonly Uint8Array[];
  readonly changed: readonly StoredAccount[];
  readonly closed: readonly Uint8Array[];
};

export type Page = {
  readonly limit: number;
  readonly before?: Uint8Array;
  readonly until?: Uint8Array;
};

export type Journal = {
  readonly seed: Uint8Array;
  /** No slot above this was ever told to anybody. */
  readonly slotCeiling: number;
  readonly accounts: () => Iterable<StoredAccount>;
  /** Opens a transaction if none is open: what can refuse, refuses here, before anything was executed. */
  readonly begin: () => void;
  /** Adds an entry to the open transaction. */
  readonly keep: (entry: Entry) => void;
  /** Everything kept since `begin` is on disk when this returns. Nothing to do when nothing was begun. */
  readonly commit: () => void;
  /** Durable when it returns, or with the open transaction. */
  readonly reserveSlots: (ceiling: number) => void;
  readonly verdictOn: (signature: Uint8Array) => Verdict | undefined;
  /** Undefined also for what has been forgotten. */
  readonly find: (signature: Uint8Array) => Landed | undefined;
  /** Newest first. */
  readonly history: (address: Uint8Array, page: Page) => Landed[];
  /** From the newest on, as far as the caller reads. */
  readonly newest: () => Iterable<Pick<Landed, 'slot' | 'raw'>>;
  /** What is not committed is gone. */
  readonly close: () => void;
};
export type JournalOptions = { readonly transactionsKept?: number };

/** Opens or creates the file; throws when another process has it, or a newer version wrote it. */
export function openJournal(file: string, options: JournalOptions = {}): Journal {
  // The seed is secret, so the file belongs to its owner alone from its first byte on.
  closeSync(openSync(file, 'a', 0o600));
  const lock = holdLock(`${file}.lock`);
  const db = new Database(file, { timeout: 1000 });
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  prepareTables(db);
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
  const [begin, commit] = [db.prepare('BEGIN IMMEDIATE'), db.prepare('COMMIT')];
  return {
    seed: ledger.seed,
    slotCeiling: ledger.slotCeiling,
    accounts: () => accounts.iterate(),
    begin: () => void (db.inTransaction || begin.run()),
    commit: () => void (db.inTransaction && commit.run()),
    keep: keeper(db, options.transactionsKept ?? transactionsKeptDefault),
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

function keeper(db: Database.Database, transactionsKept: number): Journal['keep'] {
  const addTransaction = db.prepare(
    'INSERT INTO transactions (id, slot, time, error, raw, meta) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const addSignature = db.prepare('INSERT INTO signatures VALUES (?, ?, ?, ?)');
  const addAddress = db.prepare('INSERT INTO addresses VALUES (?, ?)');
  const putAccount = db.prepare('INSERT OR REPLACE INTO accounts VALUES (?, ?, ?, ?)');
  const dropAccount = db.prepare('DELETE FROM accounts WHERE address = ?');
  const room = roomMaker(db, transactionsKept);
  return ({ landed, signature, addresses, changed, closed }) => {
    const id = room();
    const { slot, time, raw } = landed;
    const error = landed.error === null ? null : JSON.stringify(landed.error);
    addSignature.run(signature, id, slot, error);
    addTransaction.run(id, slot, time, error, raw, JSON.stringify(landed.meta));
    for (const address of addresses) addAddress.run(address, id);
    for (const { address, owner, lamports, data } of changed) {
      putAccount.run(address, owner, lamports, data);
    }
    for (const address of closed) dropAccount.run(address);
  };
}

/** Answers the next place; what is too old for the bound makes way for it. */
function roomMaker(db: Database.Database, transactionsKept: number): () => number {
  const end = (which: 'min' | 'max') =>
    db.prepare<[], number | null>(`SELECT ${which}(id) FROM transactions`).pluck();
  const [oldestId, newestId] = [end('min'), end('max')];
  const forget = forgetter(db);
  return () => {
    const next = (newestId.get() ?? 0) + 1;
    const oldest = oldestId.get() ?? next;
    const surplus = next - oldest + 1 - transactionsKept;
    for (let n = 0; n < Math.min(surplus, forgottenAtOnce); n++) forget(oldest + n);
    return next;
  };
}

/** Leaves the signature, which must be refused for ever, and what became of it. */
function forgetter(db: Database.Database): (id: number) => void {
  const rawOf = db.prepare<[number], Buffer>('SELECT raw FROM transactions WHERE id = ?').pluck();
  const dropAddress = db.prepare('DELETE FROM addresses WHERE address = ? AND id = ?');
  const drop = db.prepare('DELETE FROM transactions WHERE id = ?');
  return (id) => {
    const raw = rawOf.get(id);
    const read = raw === undefined ? undefined : readTransaction(raw);
    if (!read?.ok) return;
    for (const key of read.value.message.keys) dropAddress.run(key, id);
    drop.run(id);
  };
}

type Row = Omit<Landed, 'error' | 'meta'> & {
  readonly error: string | null;
  readonly meta: string;
};
const errorOf = (error: string | null): TransactionError | null =>
  error === null ? null : JSON.parse(error);
const landedOf = (row: Row): Landed => ({
  ...row,
  error: errorOf(row.error),
  meta: JSON.parse(row.meta),
});

type Reading = Pick<Journal, 'verdictOn' | 'find' | 'history' | 'newest'>;

function reader(db: Database.Database): Reading {
  const columns = 't.slot, t.time, t.error, t.raw, t.meta';
  const verdict = db.prepare<[Uint8Array], { id: number; slot: number; error: string | null }>(
    'SELECT id, slot, error FROM signatures WHERE signature = ?',
  );
  const find = db.prepare<[number], Row>(`SELECT ${columns} FROM transactions t WHERE id = ?`);
  const history = db.prepare<[Uint8Array, number, number, number], Row>(
    `SELECT ${columns} FROM addresses a JOIN transactions t ON t.id = a.id
     WHERE a.address = ? AND a.id < ? AND a.id > ? ORDER BY a.id DESC LIMIT ?`,
  );
  const newest = db.prepare<[], Pick<Row, 'slot' | 'raw'>>(
    'SELECT slot, raw FROM transactions ORDER BY id DESC',
  );
  const place = (signature: Uint8Array | undefined, otherwise: number) =>
    (signature === undefined ? undefined : verdict.get(signature)?.id) ?? otherwise;
  return {
    verdictOn(signature) {
      const row = verdict.get(signature);
      return row && { slot: row.slot, error: errorOf(row.error) };
    },
    find(signature) {
      const row = find.get(place(signature, 0));
      return row && landedOf(row);
    },
    history: (address, { limit, before, until }) =>
      history
        .all(address, place(before, Number.MAX_SAFE_INTEGER), place(until, 0), limit)
        .map(landedOf),
    newest: () => newest.iterate(),
  };
}
