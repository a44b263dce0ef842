/** Executes in memory and tells what must reach the disk before anybody hears of it. */
import bs58 from 'bs58';
import type { Entry, Meta, StoredAccount, TokenBalance } from './journal.ts';
import { feeOf, isWritable, type SignedTransaction } from './signed-transaction.ts';
import type { Outcome, Svm, SvmAccount } from './svm.ts';
import { decimalsOf, isMint, isTokenAccount, mintOf, tokenBalance } from './token-accounts.ts';

/** Accounts of these owners belong to the machine itself. */
const machineOwners = [
  'NativeLoader1111111111111111111111111111111',
  'Sysvar1111111111111111111111111111111111111',
].map((each) => Buffer.from(bs58.decode(each)));
const isMachines = ({ owner }: SvmAccount) => machineOwners.some((each) => each.equals(owner));

export type Ran = { readonly outcome: Outcome; readonly entry: Entry | undefined };

export function runTransaction(
  svm: Svm,
  transaction: SignedTransaction,
  now: { readonly slot: number; readonly time: number },
): Ran {
  const { message, signature, raw } = transaction;
  svm.setTime(now.slot, now.time);
  const before = look(svm, transaction);
  const outcome = svm.run(transaction);
  // A failed transaction that did not even cost its payer the fee was turned away at the door.
  const { error, logs, computeUnits } = outcome;
  if (error !== null && svm.lamportsOf(message.keys[0] as Buffer) === before.lamports[0]) {
    return { outcome, entry: undefined };
  }
  const after = look(svm, transaction);
  const decimals = decimalsIn(svm);
  const meta: Meta = {
    fee: feeOf(message),
    preBalances: before.lamports.map(Number),
    postBalances: after.lamports.map(Number),
    preTokens: tokensIn(before.accounts, decimals),
    postTokens: tokensIn(after.accounts, decimals),
    logMessages: logs,
    computeUnitsConsumed: computeUnits,
  };
  const landed = { ...now, error, raw, meta };
  const entry = { landed, signature, addresses: message.keys, ...changesIn(message.keys, after) };
  return { outcome, entry };
}

type Look = {
  readonly lamports: readonly bigint[];
  /** Of those that may change; by their place. */
  readonly accounts: readonly (readonly [place: number, account: SvmAccount | undefined])[];
};

function look(svm: Svm, { message }: SignedTransaction): Look {
  const accounts: [number, SvmAccount | undefined][] = [];
  const lamports = message.keys.map((key, place) => {
    if (!isWritable(message, place)) return svm.lamportsOf(key);
    const account = svm.account(key);
    accounts.push([place, account]);
    return account?.lamports ?? 0n;
  });
  return { lamports, accounts };
}

const decimalsIn = (svm: Svm) => (mint: Uint8Array) => {
  const account = svm.account(mint);
  return isMint(account) ? decimalsOf(account) : 0;
};

const tokensIn = (accounts: Look['accounts'], decimals: (mint: Uint8Array) => number) =>
  accounts.flatMap(([place, account]): TokenBalance[] =>
    isTokenAccount(account) ? [tokenBalance(place, account, decimals(mintOf(account)))] : [],
  );

function changesIn(keys: readonly Uint8Array[], { accounts }: Look) {
  const changed: StoredAccount[] = [];
  const closed: Uint8Array[] = [];
  for (const [place, account] of accounts) {
    if (account === undefined || account.lamports === 0n) closed.push(keys[place] as Uint8Array);
    else if (!account.executable && !isMachines(account)) changed.push(account);
  }
  return { changed, closed };
}
