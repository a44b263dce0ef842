/** Bare LiteSVM: no journal, no blockhashes, no statuses, no RPC; the fastest way in that it has. */
import {
  Account,
  FailedTransactionMetadata,
  LiteSvm,
  type TransactionMetadata,
} from 'litesvm/dist/internal.js';
import { buildMove, type Neighbourhood, openings, type Signed } from './tokens-trade.ts';

const blockhash = '11111111111111111111111111111111';
const systemProgram = new Uint8Array(32);
const hubLamports = 5_000_000_000_000n;

export type Bare = {
  /** Builds, signs and executes so many; answers how many a second. */
  move(first: number, count: number): Promise<number>;
};

export function openBare(where: Neighbourhood): Bare {
  const svm = new LiteSvm();
  svm.setBlockhashCheck(false);
  svm.setTransactionHistory(0n);
  svm.setAccount(
    where.hub.publicKey.toBytes(),
    new Account(hubLamports, new Uint8Array(), systemProgram, false, 0n),
  );
  const execute = ({ raw }: Signed) => {
    const result: TransactionMetadata | FailedTransactionMetadata = svm.sendLegacyTransaction(raw);
    if (result instanceof FailedTransactionMetadata)
      throw new Error(`a transaction failed: ${result.toString()}`);
  };
  const rentOf = (bytes: bigint) => Number(svm.minimumBalanceForRentExemption(bytes));
  for (const opening of openings(where, rentOf(82n), blockhash)) execute(opening);
  const rent = rentOf(0n);
  return {
    async move(first, count) {
      const began = performance.now();
      for (let n = first; n < first + count; n++)
        execute(await buildMove(where, n, rent, blockhash));
      return (count / (performance.now() - began)) * 1000;
    },
  };
}
