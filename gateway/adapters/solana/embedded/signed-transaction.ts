/** Reads the bytes of a signed transaction. What they do is the virtual machine's business. */
import bs58 from 'bs58';
import { fail, ok, type Result } from '../../../core/result.ts';

/** The network's packet size: IPv6's minimum MTU less headers. */
export const transactionBytesMax = 1232;
export const keyBytes = 32;
export const signatureBytes = 64;
const lamportsPerSignature = 5_000;
const computeUnitsMax = 1_400_000;
/** What is requested for an instruction when the transaction sets no limit (SIMD-0170). */
const defaultUnits = { builtin: 3_000, other: 200_000 };
const versionBit = 0x80;

const key = (text: string) => Buffer.from(bs58.decode(text));
const isOneOf = (keys: readonly Buffer[], wanted: Uint8Array | undefined) =>
  wanted !== undefined && keys.some((each) => each.equals(wanted));
const computeBudgetProgram = key('ComputeBudget111111111111111111111111111111');
const builtins = [
  computeBudgetProgram,
  key('11111111111111111111111111111111'),
  key('Vote111111111111111111111111111111111111111'),
  key('BPFLoader2111111111111111111111111111111111'),
  key('BPFLoaderUpgradeab1e11111111111111111111111'),
];
const memoPrograms = [
  key('MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr'),
  key('Memo1UhkJRfHyvLMcVucJwxXeuD728EqVDDwQDxFMNo'),
];

export type Instruction = {
  /** Places in the message's keys. */
  readonly program: number;
  readonly accounts: Uint8Array;
  readonly data: Buffer;
};

/** A legacy message, or a v0 message without lookup tables. */
export type Message = {
  readonly version: 'legacy' | 0;
  readonly signers: number;
  readonly readonlySigners: number;
  readonly readonlyOthers: number;
  readonly keys: readonly Buffer[];
  readonly blockhash: Buffer;
  readonly instructions: readonly Instruction[];
};

export type SignedTransaction = {
  readonly raw: Uint8Array;
  readonly message: Message;
  /** One for each signer; the first is the transaction's name. */
  readonly signatures: readonly Buffer[];
  readonly signature: Buffer;
  /** Whether every signer gave a signature, right or wrong. */
  readonly isComplete: boolean;
};

/**
 * Refuses what the ledger could not keep: accounts that come from a lookup table would be changed in
 * memory only.
 */
export function readTransaction(raw: Uint8Array): Result<SignedTransaction, string> {
  if (raw.length > transactionBytesMax) return fail(`too large: ${raw.length} bytes`);
  return reading(raw, (bytes) => {
    const count = bytes.length();
    const signatures = Array.from({ length: count }, () => bytes.take(signatureBytes));
    const message = messageIn(bytes);
    const [signature] = signatures;
    if (signature === undefined || count !== message.signers) throw new Unreadable('not signed');
    const isComplete = signatures.every((each) => each.some((byte) => byte !== 0));
    return { raw, message, signatures, signature, isComplete };
  });
}

/** The part that is signed, of a transaction that has been read before; there are at most 12 signatures in one. */
export const messageBytesOf = (raw: Uint8Array): Uint8Array =>
  raw.subarray(1 + (raw[0] ?? 0) * signatureBytes);

/** Reads the part of a transaction that is signed. */
export const readMessage = (raw: Uint8Array): Result<Message, string> => reading(raw, messageIn);

function messageIn(bytes: Bytes): Message {
  const first = bytes.peek();
  const version = first < versionBit ? 'legacy' : bytes.byte() - versionBit;
  if (version !== 'legacy' && version !== 0)
    throw new Unreadable(`version ${version} is not supported`);
  const [signers, readonlySigners, readonlyOthers] = [bytes.byte(), bytes.byte(), bytes.byte()];
  const keys = Array.from({ length: bytes.length() }, () => bytes.take(keyBytes));
  const blockhash = bytes.take(keyBytes);
  const instructions = Array.from({ length: bytes.length() }, () => ({
    program: bytes.byte(),
    accounts: bytes.take(bytes.length()),
    data: bytes.take(bytes.length()),
  }));
  if (version === 0 && bytes.length() > 0)
    throw new Unreadable('address lookup tables are not supported');
  bytes.end();
  if (signers + readonlyOthers > keys.length || readonlySigners >= signers)
    throw new Unreadable('failed to sanitize');
  return { version, signers, readonlySigners, readonlyOthers, keys, blockhash, instructions };
}

export function isWritable(message: Message, place: number): boolean {
  const { signers, readonlySigners, readonlyOthers, keys } = message;
  return place < (place < signers ? signers - readonlySigners : keys.length - readonlyOthers);
}

/** The fee in lamports: 5000 for each signature, and the price for the requested compute units. */
export function feeOf({ instructions, keys, signers }: Message): number {
  const budget = instructions.filter(({ program }) => keys[program]?.equals(computeBudgetProgram));
  const limit = budget.find(({ data }) => data[0] === 2 && data.length >= 5)?.data.readUInt32LE(1);
  const price = budget.find(({ data }) => data[0] === 3 && data.length >= 9)?.data;
  const defaults = instructions.reduce((sum, { program }) => {
    return sum + (isOneOf(builtins, keys[program]) ? defaultUnits.builtin : defaultUnits.other);
  }, 0);
  const units = BigInt(Math.min(limit ?? defaults, computeUnitsMax));
  const priority = ((price?.readBigUInt64LE(1) ?? 0n) * units + 999_999n) / 1_000_000n;
  return signers * lamportsPerSignature + Number(priority);
}

/** The memos as getSignaturesForAddress writes them: `[length] text`, in order. */
export function memoOf({ instructions, keys }: Message): string | null {
  const memos = instructions
    .filter(({ program }) => isOneOf(memoPrograms, keys[program]))
    .map(({ data }) => `[${data.length}] ${data.toString('utf8')}`);
  return memos.length === 0 ? null : memos.join('; ');
}

class Unreadable extends Error {}
type Bytes = ReturnType<typeof openBytes>;

function reading<T>(raw: Uint8Array, read: (bytes: Bytes) => T): Result<T, string> {
  try {
    return ok(read(openBytes(raw)));
  } catch (error) {
    if (error instanceof Unreadable) return fail(error.message);
    throw error;
  }
}

/** Solana's wire format: plain bytes, and lengths of 7 bits a byte, low bits first, in the shortest form. */
function openBytes(raw: Uint8Array) {
  const all = Buffer.from(raw.buffer, raw.byteOffset, raw.length);
  let at = 0;
  const torn = () => new Unreadable('failed to deserialize');
  const peek = () => {
    const value = all[at];
    if (value === undefined) throw torn();
    return value;
  };
  const byte = () => {
    const value = peek();
    at++;
    return value;
  };
  return {
    peek,
    byte,
    length(): number {
      let value = 0;
      for (let place = 0; place < 3; place++) {
        const part = byte();
        value |= (part & 0x7f) << (7 * place);
        if (part >= versionBit) continue;
        if (part === 0 && place > 0) throw torn();
        return value;
      }
      throw torn();
    },
    take(count: number): Buffer {
      if (at + count > all.length) throw torn();
      at += count;
      return all.subarray(at - count, at);
    },
    end(): void {
      if (at !== all.length) throw torn();
    },
  };
}
