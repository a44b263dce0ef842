/** Reads the bytes of a signed transaction. What they do is the virtual machine's business. */
import {
  type CompiledTransactionMessage,
  getCompiledTransactionMessageDecoder,
  getTransactionDecoder,
  type Transaction,
} from '@solana/kit';
import bs58 from 'bs58';
import { fail, ok, type Result } from '../../../core/result.ts';

/** The network's packet size: IPv6's minimum MTU less headers. */
export const transactionBytesMax = 1232;
const lamportsPerSignature = 5_000;
const computeUnitsMax = 1_400_000;
/** What is requested for an instruction when the transaction sets no limit (SIMD-0170). */
const defaultUnits = { builtin: 3_000, other: 200_000 };
const computeBudgetProgram = 'ComputeBudget111111111111111111111111111111';
const builtins: ReadonlySet<string> = new Set([
  computeBudgetProgram,
  '11111111111111111111111111111111',
  'Vote111111111111111111111111111111111111111',
  'BPFLoader2111111111111111111111111111111111',
  'BPFLoaderUpgradeab1e11111111111111111111111',
]);
const memoPrograms: ReadonlySet<string> = new Set([
  'MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr',
  'Memo1UhkJRfHyvLMcVucJwxXeuD728EqVDDwQDxFMNo',
]);

type OldMessage = Exclude<CompiledTransactionMessage, { version: 1 }>;
/** A legacy message, or a v0 message without lookup tables; with the blockhash it was signed for. */
export type Message = OldMessage & { readonly lifetimeToken: string };

export type SignedTransaction = {
  readonly raw: Uint8Array;
  readonly decoded: Transaction;
  readonly message: Message;
  /** base58, one for each signer; the first is the transaction's name. */
  readonly signatures: readonly string[];
  readonly signature: string;
  readonly addresses: readonly string[];
  /** Whether every signer gave a signature, right or wrong. */
  readonly isComplete: boolean;
};

/**
 * Refuses what the ledger could not keep: accounts that come from a lookup table would be changed in
 * memory only.
 */
export function readTransaction(raw: Uint8Array): Result<SignedTransaction, string> {
  if (raw.length > transactionBytesMax) return fail(`too large: ${raw.length} bytes`);
  const decoded = decode(() => getTransactionDecoder().decode(raw));
  if (!decoded.ok) return decoded;
  const message = readMessage(new Uint8Array(decoded.value.messageBytes));
  if (!message.ok) return message;
  const signatures = Object.values(decoded.value.signatures).map((signature) =>
    bs58.encode(Buffer.from(signature ?? new Uint8Array(64))),
  );
  const isComplete = Object.values(decoded.value.signatures).every((each) => each !== null);
  const [signature] = signatures;
  if (signature === undefined) return fail('not signed');
  const addresses = message.value.staticAccounts;
  return ok({
    raw,
    decoded: decoded.value,
    message: message.value,
    signatures,
    signature,
    addresses,
    isComplete,
  });
}

/** Reads the part of a transaction that is signed. */
export function readMessage(bytes: Uint8Array): Result<Message, string> {
  const message = decode(() => getCompiledTransactionMessageDecoder().decode(bytes));
  if (!message.ok) return message;
  if (message.value.version === 1) return fail('version 1 is not supported');
  if ('addressTableLookups' in message.value && message.value.addressTableLookups?.length) {
    return fail('address lookup tables are not supported');
  }
  return ok(message.value);
}

export function isWritable({ header, staticAccounts }: Message, index: number): boolean {
  const writableEnd =
    index < header.numSignerAccounts
      ? header.numSignerAccounts - header.numReadonlySignerAccounts
      : staticAccounts.length - header.numReadonlyNonSignerAccounts;
  return index < writableEnd;
}

/** The fee in lamports: 5000 for each signature, and the price for the requested compute units. */
export function feeOf(message: Message): number {
  const programs = message.instructions.map(
    ({ programAddressIndex }) => message.staticAccounts[programAddressIndex] ?? '',
  );
  const budget = message.instructions
    .filter((_, index) => programs[index] === computeBudgetProgram)
    .map(({ data = new Uint8Array() }) => Buffer.from(data));
  const limit = budget.find((data) => data[0] === 2 && data.length >= 5)?.readUInt32LE(1);
  const price = budget.find((data) => data[0] === 3 && data.length >= 9)?.readBigUInt64LE(1);
  const defaults = programs
    .map((program) => (builtins.has(program) ? defaultUnits.builtin : defaultUnits.other))
    .reduce((sum, units) => sum + units, 0);
  const units = BigInt(Math.min(limit ?? defaults, computeUnitsMax));
  const priority = ((price ?? 0n) * units + 999_999n) / 1_000_000n;
  return message.header.numSignerAccounts * lamportsPerSignature + Number(priority);
}

/** The memos as getSignaturesForAddress writes them: `[length] text`, in order. */
export function memoOf(message: Message): string | null {
  const memos = message.instructions
    .filter((each) => memoPrograms.has(message.staticAccounts[each.programAddressIndex] ?? ''))
    .map(({ data = new Uint8Array() }) => `[${data.length}] ${Buffer.from(data).toString('utf8')}`);
  return memos.length === 0 ? null : memos.join('; ');
}

function decode<T>(read: () => T): Result<T, string> {
  try {
    return ok(read());
  } catch {
    return fail('failed to deserialize');
  }
}
