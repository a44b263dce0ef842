/** Reads a ledger's file with nothing but SQLite and web3.js, and says where its two sides differ. */
import {
  ACCOUNT_SIZE,
  AccountLayout,
  MINT_SIZE,
  MintLayout,
  TOKEN_PROGRAM_ID,
} from '@solana/spl-token';
import { PublicKey, Transaction } from '@solana/web3.js';
import Database from 'better-sqlite3';
import bs58 from 'bs58';

/** First byte of an instruction's data (github.com/solana-program/token, instruction.rs). */
const [transferChecked, mintToChecked] = [12, 14];

export type Audit = {
  /** Signatures of what the journal says has happened. */
  readonly journalled: ReadonlySet<string>;
  /** What each token account should hold by the journal but does not, or the other way round; and the mint's sum. */
  readonly differences: readonly string[];
};

export function auditLedger(file: string): Audit {
  const db = new Database(file);
  try {
    const rows = db.prepare<[], { raw: Buffer; error: string | null }>(
      'SELECT raw, error FROM transactions ORDER BY id',
    );
    const expected = new Map<string, bigint>();
    const journalled = new Set<string>();
    for (const { raw, error } of rows.all()) {
      journalled.add(bs58.encode(raw.subarray(1, 65)));
      if (error === null) follow(Transaction.from(raw), expected);
    }
    const accounts = db.prepare<[], { address: Buffer; data: Buffer }>(
      'SELECT address, data FROM accounts',
    );
    return { journalled, differences: differencesOf(expected, accounts.all()) };
  } finally {
    db.close();
  }
}

function follow({ instructions }: Transaction, expected: Map<string, bigint>): void {
  const add = (key: PublicKey | undefined, wh: bigint) => {
    const name = key?.toBase58() ?? '';
    expected.set(name, (expected.get(name) ?? 0n) + wh);
  };
  for (const { programId, keys, data } of instructions) {
    if (!programId.equals(TOKEN_PROGRAM_ID)) continue;
    if (data[0] === mintToChecked) add(keys[1]?.pubkey, data.readBigUInt64LE(1));
    if (data[0] !== transferChecked) continue;
    add(keys[0]?.pubkey, -data.readBigUInt64LE(1));
    add(keys[2]?.pubkey, data.readBigUInt64LE(1));
  }
}

function differencesOf(
  expected: ReadonlyMap<string, bigint>,
  accounts: readonly { readonly address: Buffer; readonly data: Buffer }[],
): string[] {
  const differences: string[] = [];
  const held = new Map<string, bigint>();
  let [sum, supply] = [0n, 0n];
  for (const { address, data } of accounts) {
    if (data.length === MINT_SIZE) supply += MintLayout.decode(data).supply;
    if (data.length !== ACCOUNT_SIZE) continue;
    const { amount } = AccountLayout.decode(data);
    held.set(new PublicKey(address).toBase58(), amount);
    sum += amount;
  }
  if (sum !== supply) differences.push(`held ${sum} of ${supply}`);
  for (const name of new Set([...expected.keys(), ...held.keys()])) {
    const [should, does] = [expected.get(name) ?? 0n, held.get(name) ?? 0n];
    if (should !== does) differences.push(`${name}: journalled ${should}, held ${does}`);
  }
  return differences;
}
