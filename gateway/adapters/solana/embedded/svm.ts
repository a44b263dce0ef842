/**
 * Solana's own virtual machine with its real token programs, without a network. It executes and nothing
 * else: its checks of age and repetition know one blockhash and 32 signatures, so the ledger has its own.
 */
import { address, lamports } from '@solana/kit';
import { Clock, FailedTransactionMetadata, LiteSVM, type TransactionMetadata } from 'litesvm';
import type { StoredAccount } from './journal.ts';
import type { SignedTransaction } from './signed-transaction.ts';
import { nameError, type TransactionError } from './svm-errors.ts';

export type SvmAccount = StoredAccount & { readonly executable: boolean };
export type Outcome = {
  readonly error: TransactionError | null;
  readonly logs: readonly string[];
  readonly computeUnits: number;
};

export type Svm = {
  setTime(slot: number, unixSeconds: number): void;
  /** Changes memory at once. */
  run(transaction: SignedTransaction): Outcome;
  /** Changes nothing. */
  tryOut(transaction: SignedTransaction, options: { readonly verify: boolean }): Outcome;
  account(at: string): SvmAccount | undefined;
  lamportsOf(at: string): number;
  ownedBy(program: string): SvmAccount[];
  put(account: StoredAccount): void;
  rentFor(bytes: number): number;
};

/** A fresh machine with the accounts of the journal. */
export function openSvm(accounts: Iterable<StoredAccount>): Svm {
  const svm = new LiteSVM().withBlockhashCheck(false).withTransactionHistory(0n);
  const put = (account: StoredAccount) =>
    svm.setAccount({
      address: address(account.address),
      programAddress: address(account.owner),
      lamports: lamports(account.lamports),
      data: account.data,
      space: BigInt(account.data.length),
      executable: false,
    });
  for (const account of accounts) put(account);
  return {
    put,
    setTime: (slot, unixSeconds) =>
      svm.setClock(new Clock(BigInt(slot), 0n, 0n, 0n, BigInt(unixSeconds))),
    run: ({ decoded }) => guarded(() => outcomeOf(svm.sendTransaction(decoded))),
    tryOut({ decoded }, { verify }) {
      svm.withSigverify(verify);
      try {
        return guarded(() => {
          const result = svm.simulateTransaction(decoded);
          return outcomeOf(result instanceof FailedTransactionMetadata ? result : result.meta());
        });
      } finally {
        svm.withSigverify(true);
      }
    },
    account(at) {
      const found = svm.getAccount(address(at));
      return found.exists ? shapeOf(found) : undefined;
    },
    lamportsOf: (at) => Number(svm.getBalance(address(at)) ?? 0n),
    ownedBy: (program) => svm.getProgramAccounts(address(program)).map(shapeOf),
    rentFor: (bytes) => Number(svm.minimumBalanceForRentExemption(BigInt(bytes))),
  };
}

/** The machine throws on bytes that it cannot read, before it runs anything. */
function guarded(run: () => Outcome): Outcome {
  try {
    return run();
  } catch {
    return { error: 'SanitizeFailure', logs: [], computeUnits: 0 };
  }
}

type Found = ReturnType<LiteSVM['getProgramAccounts']>[number];
const shapeOf = (found: Found): SvmAccount => ({
  address: found.address,
  owner: found.programAddress,
  lamports: found.lamports,
  data: new Uint8Array(found.data),
  executable: found.executable,
});

function outcomeOf(result: TransactionMetadata | FailedTransactionMetadata): Outcome {
  const failed = result instanceof FailedTransactionMetadata;
  const meta = failed ? result.meta() : result;
  return {
    error: failed ? nameError(result) : null,
    logs: meta.logs(),
    computeUnits: Number(meta.computeUnitsConsumed()),
  };
}
