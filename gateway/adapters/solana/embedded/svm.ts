/**
 * Solana's own virtual machine with its real token programs, without a network. It executes and nothing
 * else: its checks of age and repetition know one blockhash and 32 signatures, so the ledger has its own.
 * This talks to LiteSVM's binding itself, which takes bytes: its outer layer turns every key into text and back.
 */
import {
  Account,
  Clock,
  FailedTransactionMetadata,
  LiteSvm,
  type TransactionMetadata,
} from 'litesvm/dist/internal.js';
import type { StoredAccount } from './journal.ts';
import type { SignedTransaction } from './signed-transaction.ts';
import { nameError, type TransactionError } from './svm-errors.ts';

export type SvmAccount = StoredAccount & { readonly executable: boolean };
export type Outcome = {
  readonly error: TransactionError | null;
  readonly logs: readonly string[];
  readonly computeUnits: number;
};
export type Trial = Outcome & {
  /** What each account would be afterwards; none when it failed. */
  readonly accounts: readonly SvmAccount[];
};

export type Svm = {
  setTime(slot: number, unixSeconds: number): void;
  /** Changes memory at once. */
  run(transaction: SignedTransaction): Outcome;
  /** Changes nothing. */
  tryOut(transaction: SignedTransaction, options: { readonly verify: boolean }): Trial;
  account(at: Uint8Array): SvmAccount | undefined;
  lamportsOf(at: Uint8Array): bigint;
  ownedBy(program: Uint8Array): SvmAccount[];
  put(account: StoredAccount): void;
  rentFor(bytes: number): number;
};

/** A fresh machine with the accounts of the journal. */
export function openSvm(accounts: Iterable<StoredAccount>): Svm {
  const svm = new LiteSvm();
  svm.setBlockhashCheck(false);
  svm.setTransactionHistory(0n);
  let time = '';
  const put = ({ address, owner, lamports, data }: StoredAccount) =>
    svm.setAccount(address, new Account(lamports, data, owner, false, 0n));
  for (const account of accounts) put(account);
  return {
    put,
    setTime(slot, unixSeconds) {
      const next = `${slot} ${unixSeconds}`;
      if (next === time) return;
      time = next;
      svm.setClock(new Clock(BigInt(slot), 0n, 0n, 0n, BigInt(unixSeconds)));
    },
    run: ({ raw, message }) =>
      guarded(unreadable, () =>
        outcomeOf(
          message.version === 'legacy'
            ? svm.sendLegacyTransaction(raw)
            : svm.sendVersionedTransaction(raw),
        ),
      ),
    tryOut({ raw, message }, { verify }) {
      svm.setSigverify(verify);
      try {
        return guarded({ ...unreadable, accounts: [] }, () => {
          const result =
            message.version === 'legacy'
              ? svm.simulateLegacyTransaction(raw)
              : svm.simulateVersionedTransaction(raw);
          if (result instanceof FailedTransactionMetadata)
            return { ...outcomeOf(result), accounts: [] };
          const accounts = result
            .postAccounts()
            .map((each) => shapeOf(each.address, each.account()));
          return { ...outcomeOf(result.meta()), accounts };
        });
      } finally {
        svm.setSigverify(true);
      }
    },
    account(at) {
      const found = svm.getAccount(at);
      return found === null ? undefined : shapeOf(at, found);
    },
    lamportsOf: (at) => svm.getBalance(at) ?? 0n,
    ownedBy: (program) =>
      svm.getProgramAccounts(program).map((each) => shapeOf(each.address, each.account())),
    rentFor: (bytes) => Number(svm.minimumBalanceForRentExemption(BigInt(bytes))),
  };
}

const unreadable: Outcome = { error: 'SanitizeFailure', logs: [], computeUnits: 0 };

/** The machine throws on bytes that it cannot read, before it runs anything. */
function guarded<T>(otherwise: T, run: () => T): T {
  try {
    return run();
  } catch {
    return otherwise;
  }
}

const shapeOf = (address: Uint8Array, found: Account): SvmAccount => ({
  address,
  owner: found.owner(),
  lamports: found.lamports(),
  data: found.data(),
  executable: found.executable(),
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
