/**
 * One operator's Solana: real execution, a real history, no network. LiteSVM executes in memory, the journal
 * keeps; this file sees to it that nobody hears of anything that is not on disk.
 */
import { createHmac, hash } from 'node:crypto';
import bs58 from 'bs58';
import { fail, ok, type Result } from '../../../core/result.ts';
import type { MachineClock } from '../../../ports/clock.ts';
import { openFaucet } from './faucet.ts';
import type { Journal, Verdict } from './journal.ts';
import { runTransaction } from './run-transaction.ts';
import { messageBytesOf, readTransaction, type SignedTransaction } from './signed-transaction.ts';
import { blockhashSlots, openBlockhashes, startSlots } from './slots.ts';
import { openSvm, type Svm, type Trial } from './svm.ts';
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

export type Simulation = { readonly verify: boolean; readonly anyBlockhash: boolean };

export type Ledger = Pick<Svm, 'account' | 'lamportsOf' | 'ownedBy' | 'rentFor'> &
  Pick<Journal, 'verdictOn' | 'find' | 'history'> & {
    readonly genesisHash: string;
    slot(commitment: Commitment): number;
    latestBlockhash(commitment: Commitment): { blockhash: string; lastValidBlockHeight: number };
    acceptsBlockhash(blockhash: Uint8Array): boolean;
    /**
     * Runs `work`, then brings all that it executed to the disk by one commit. Its answers must not be told
     * before: they know what the disk may not. Throws when the commit fails, and `die` has been called.
     */
    together<T>(work: () => T): T;
    /**
     * Answers the signature of a transaction that has landed, with or without an error of its own: on disk
     * when this returns, or when `together` does.
     */
    execute(raw: Uint8Array): Result<Uint8Array, Refusal>;
    simulate(raw: Uint8Array, options: Simulation): Result<Trial, Refusal>;
    /** Final one slot after the commit. */
    commitmentOf(verdict: Verdict): Commitment;
    airdrop(to: Uint8Array, lamports: number): Result<Uint8Array, Refusal>;
    close(): void;
  };

export function openLedger({ journal, clock, wallMs, die }: LedgerNeeds): Ledger {
  const svm = openSvm(journal.accounts());
  const slots = startSlots(clock, journal.slotCeiling, journal.reserveSlots);
  const blockhashes = openBlockhashes(journal.seed);
  const messages = openRecentMessages(journal);
  const commits = openCommits(journal, die);
  const now = () => {
    commits.refuseIfBroken();
    return slots.now();
  };
  const slot = (commitment: Commitment) => now() - (commitment === 'finalized' ? 1 : 0);
  const wallSeconds = () => Math.floor(wallMs() / 1000);

  const admit = (raw: Uint8Array, options: Simulation): Result<SignedTransaction, Refusal> => {
    const read = readTransaction(raw);
    if (!read.ok) return fail({ kind: 'malformed', why: read.error });
    const { signature, isComplete, message } = read.value;
    if (journal.verdictOn(signature) !== undefined || messages.has(read.value, now()))
      return refuse('AlreadyProcessed');
    if (options.verify && !isComplete) return refuse('SignatureFailure');
    if (options.anyBlockhash || blockhashes.accepts(message.blockhash, now())) return read;
    return refuse('BlockhashNotFound');
  };
  const execute = (raw: Uint8Array): Result<Uint8Array, Refusal> => {
    const admitted = admit(raw, { verify: true, anyBlockhash: false });
    if (!admitted.ok) return admitted;
    const at = { slot: now(), time: wallSeconds() };
    return commits.together(() => {
      journal.begin();
      return commits.orDie(() => {
        const { outcome, entry } = runTransaction(svm, admitted.value, at);
        if (entry === undefined) return refuse(outcome.error ?? 'SanitizeFailure', outcome.logs);
        journal.keep(entry);
        messages.add(admitted.value, at.slot);
        return ok(admitted.value.signature);
      });
    });
  };
  const latestBlockhash = (commitment: Commitment) => {
    const own = Math.max(0, slot(commitment));
    return { blockhash: blockhashes.of(own), lastValidBlockHeight: own + blockhashSlots };
  };
  const faucet = openFaucet(journal.seed, svm);
  return {
    ...{ account: svm.account, lamportsOf: svm.lamportsOf, ownedBy: svm.ownedBy },
    ...{ verdictOn: journal.verdictOn, find: journal.find, history: journal.history },
    ...{ rentFor: svm.rentFor, together: commits.together, slot, latestBlockhash, execute },
    genesisHash: bs58.encode(createHmac('sha256', journal.seed).update('genesis').digest()),
    acceptsBlockhash: (blockhash) => blockhashes.accepts(blockhash, now()),
    simulate(raw, options) {
      const admitted = admit(raw, options);
      if (!admitted.ok) return admitted;
      svm.setTime(now(), wallSeconds());
      return ok(svm.tryOut(admitted.value, options));
    },
    commitmentOf: (verdict) => (verdict.slot <= slot('finalized') ? 'finalized' : 'confirmed'),
    airdrop: (to, lamports) =>
      execute(faucet.pay(to, lamports, latestBlockhash('processed').blockhash)),
    close() {
      if (!commits.isBroken()) journal.reserveSlots(slots.now());
      journal.close();
    },
  };
}

const refuse = (error: TransactionError, logs: readonly string[] = []): Result<never, Refusal> =>
  fail({ kind: 'refused', error, logs });

/** One commit for all that a turn executes; and the end of the ledger when memory is ahead of the disk. */
function openCommits(journal: Journal, die: (error: unknown) => void) {
  let [broken, together] = [false, false];
  const refuseIfBroken = () => {
    if (broken) throw new Error('the ledger is ending');
  };
  const orDie = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      broken = true;
      die(error);
      throw error;
    }
  };
  return {
    refuseIfBroken,
    isBroken: () => broken,
    orDie,
    together<T>(work: () => T): T {
      if (together) return work();
      together = true;
      try {
        const answer = work();
        refuseIfBroken();
        orDie(journal.commit);
        return answer;
      } finally {
        together = false;
      }
    },
  };
}

/**
 * One message lands once, also under another signature of the same signer. A message can return as long as
 * its blockhash is accepted; from then on its age keeps it out.
 */
function openRecentMessages(journal: Journal) {
  const slotOf = new Map<string, number>();
  const nameOf = (raw: Uint8Array) => hash('sha256', messageBytesOf(raw), 'base64');
  const recent: [name: string, slot: number][] = [];
  for (const { raw, slot } of journal.newest()) {
    if (slot < journal.slotCeiling - blockhashSlots) break;
    recent.push([nameOf(raw), slot]);
  }
  for (const [name, slot] of recent.reverse()) slotOf.set(name, slot);
  return {
    has(transaction: SignedTransaction, now: number): boolean {
      for (const [name, slot] of slotOf) {
        if (slot >= now - blockhashSlots) break;
        slotOf.delete(name);
      }
      return slotOf.has(nameOf(transaction.raw));
    },
    add: (transaction: SignedTransaction, slot: number) =>
      void slotOf.set(nameOf(transaction.raw), slot),
  };
}
