/**
 * One operator's Solana: real execution, a real history, no network. LiteSVM executes in memory, the journal
 * keeps; this file sees to it that the second is never behind the first.
 */
import { createHmac } from 'node:crypto';
import bs58 from 'bs58';
import { fail, ok, type Result } from '../../../core/result.ts';
import type { MachineClock } from '../../../ports/clock.ts';
import { type Faucet, openFaucet } from './faucet.ts';
import type { Entry, Journal, Landed, Page, StoredAccount } from './journal.ts';
import {
  feeOf,
  isWritable,
  memoOf,
  readTransaction,
  type SignedTransaction,
} from './signed-transaction.ts';
import { blockhashSlots, openBlockhashes, startSlots } from './slots.ts';
import { type Outcome, openSvm, type Svm } from './svm.ts';
import type { TransactionError } from './svm-errors.ts';

export type Commitment = 'processed' | 'confirmed' | 'finalized';

/** The transaction did not land: no fee, no row. */
export type Refusal =
  | { readonly kind: 'malformed'; readonly why: string }
  | {
      readonly kind: 'refused';
      readonly error: TransactionError;
      readonly logs: readonly string[];
    };

export type LedgerNeeds = {
  readonly journal: Journal;
  readonly clock: MachineClock;
  readonly wallMs: () => number;
  /** Memory is ahead of the disk: the process must end, and what it answers from now on is an error. */
  readonly die: (error: unknown) => void;
};

export type Ledger = Pick<Svm, 'account' | 'lamportsOf' | 'ownedBy' | 'rentFor'> & {
  readonly genesisHash: string;
  slot(commitment: Commitment): number;
  latestBlockhash(commitment: Commitment): { blockhash: string; lastValidBlockHeight: number };
  acceptsBlockhash(blockhash: string): boolean;
  /** Answers the signature of a transaction that is on disk, with or without an error of its own. */
  execute(raw: Uint8Array): Result<string, Refusal>;
  simulate(raw: Uint8Array, options: Simulation): Result<Outcome, Refusal>;
  find(signature: string): Landed | undefined;
  history(address: string, page: Page): Landed[];
  /** Final one slot after the commit. */
  commitmentOf(landed: Landed): Commitment;
  airdrop(to: string, lamports: number): Result<string, Refusal>;
  close(): void;
};
export type Simulation = { readonly verify: boolean; readonly anyBlockhash: boolean };

/** Accounts of these owners belong to the machine itself. */
const machineOwners: ReadonlySet<string> = new Set([
  'NativeLoader1111111111111111111111111111111',
  'Sysvar1111111111111111111111111111111111111',
]);

export function openLedger({ journal, clock, wallMs, die }: LedgerNeeds): Ledger {
  const svm = openSvm(journal.accounts());
  const slots = startSlots(clock, journal.slotCeiling, journal.reserveSlots);
  const blockhashes = openBlockhashes(journal.seed);
  let broken = false;

  const slot = (commitment: Commitment) => {
    if (broken) throw new Error('the ledger is ending');
    return slots.now() - (commitment === 'finalized' ? 1 : 0);
  };
  const admit = (transaction: SignedTransaction, options: Simulation): Refusal | undefined => {
    if (journal.find(transaction.signature) !== undefined) return refused('AlreadyProcessed');
    if (options.verify && !transaction.isComplete) return refused('SignatureFailure');
    const { lifetimeToken } = transaction.message;
    if (options.anyBlockhash || blockhashes.accepts(lifetimeToken, slot('processed'))) return;
    return refused('BlockhashNotFound');
  };
  const execute = (raw: Uint8Array): Result<string, Refusal> => {
    const read = readTransaction(raw);
    if (!read.ok) return fail({ kind: 'malformed', why: read.error });
    const refusal = admit(read.value, { verify: true, anyBlockhash: false });
    if (refusal !== undefined) return fail(refusal);
    const now = { slot: slot('processed'), time: Math.floor(wallMs() / 1000) };
    let ran = false;
    try {
      return journal.keep(() => {
        ran = true;
        return run(svm, read.value, now);
      });
    } catch (error) {
      broken = ran;
      if (ran) die(error);
      throw error;
    }
  };
  const latestBlockhash = (commitment: Commitment) => {
    const own = Math.max(0, slot(commitment));
    return { blockhash: blockhashes.of(own), lastValidBlockHeight: own + blockhashSlots };
  };
  const faucet: Faucet = openFaucet(journal.seed, svm);
  return {
    ...svm,
    genesisHash: bs58.encode(createHmac('sha256', journal.seed).update('genesis').digest()),
    slot,
    latestBlockhash,
    acceptsBlockhash: (blockhash) => blockhashes.accepts(blockhash, slot('processed')),
    execute,
    simulate(raw, options) {
      const read = readTransaction(raw);
      if (!read.ok) return fail({ kind: 'malformed', why: read.error });
      const refusal = admit(read.value, options);
      if (refusal !== undefined) return fail(refusal);
      svm.setTime(slot('processed'), Math.floor(wallMs() / 1000));
      return ok(svm.tryOut(read.value, options));
    },
    find: journal.find,
    history: journal.history,
    commitmentOf: (landed) => (landed.slot <= slot('finalized') ? 'finalized' : 'confirmed'),
    airdrop: (to, lamports) =>
      execute(faucet.pay(to, lamports, latestBlockhash('processed').blockhash)),
    close() {
      if (!broken) journal.reserveSlots(slots.now());
      journal.close();
    },
  };
}

const refused = (error: TransactionError, logs: readonly string[] = []): Refusal => ({
  kind: 'refused',
  error,
  logs,
});

/** Executes in memory and tells what must reach the disk before anybody hears of it. */
function run(
  svm: Svm,
  transaction: SignedTransaction,
  now: { readonly slot: number; readonly time: number },
): { entry: Entry | undefined; answer: Result<string, Refusal> } {
  const { addresses, message, signature, raw } = transaction;
  svm.setTime(now.slot, now.time);
  const preBalances = addresses.map(svm.lamportsOf);
  const { error, logs, computeUnits } = svm.run(transaction);
  const postBalances = addresses.map(svm.lamportsOf);
  // A failed transaction that did not even cost its payer the fee was turned away at the door.
  if (error !== null && preBalances[0] === postBalances[0]) {
    return { entry: undefined, answer: fail(refused(error, logs)) };
  }
  const landed: Landed = {
    ...now,
    signature,
    error,
    raw,
    memo: memoOf(message),
    meta: {
      fee: feeOf(message),
      preBalances,
      postBalances,
      logMessages: logs,
      computeUnitsConsumed: computeUnits,
    },
  };
  return { entry: { landed, addresses, ...changesOf(svm, transaction) }, answer: ok(signature) };
}

function changesOf(svm: Svm, { addresses, message }: SignedTransaction) {
  const changed: StoredAccount[] = [];
  const closed: string[] = [];
  addresses.forEach((address, index) => {
    if (!isWritable(message, index)) return;
    const account = svm.account(address);
    if (account === undefined || account.lamports === 0n) closed.push(address);
    else if (!account.executable && !machineOwners.has(account.owner)) changed.push(account);
  });
  return { changed, closed };
}
