/** What the JSON-RPC methods have in common. Shapes and codes: solana.com/docs/rpc. */
import bs58 from 'bs58';
import { z } from 'zod';
import type { Commitment, Ledger, Refusal } from './ledger.ts';
import { keyBytes, signatureBytes } from './signed-transaction.ts';
import type { TransactionError } from './svm-errors.ts';

/** JSON-RPC 2.0 section 5.1, and Solana's own codes (agave, rpc-client-api/src/custom_error.rs). */
export const rpcCodes = {
  parse: -32700,
  invalidRequest: -32600,
  unknownMethod: -32601,
  invalidParams: -32602,
  internal: -32603,
  preflight: -32002,
  signature: -32003,
  unsupportedVersion: -32015,
  minContextSlot: -32016,
} as const;

/** An answer that says no. */
export class RpcError extends Error {
  readonly code: number;
  readonly facts: unknown;
  constructor(code: number, message: string, facts?: unknown) {
    super(message);
    this.code = code;
    this.facts = facts;
  }
}

/** Checks the parameters, then answers. */
export type Method = (ledger: Ledger, params: unknown) => unknown;

export function method<Schema extends z.ZodType>(
  schema: Schema,
  answer: (ledger: Ledger, params: z.output<Schema>) => unknown,
): Method {
  return (ledger, params) => {
    const read = schema.safeParse(params);
    if (read.success) return answer(ledger, read.data);
    const [issue] = read.error.issues;
    throw new RpcError(
      rpcCodes.invalidParams,
      `Invalid params: ${issue?.path.join('.')}: ${issue?.message}`,
    );
  };
}

const bytesInBase58 = (length: number) =>
  z
    .string()
    .min(length)
    .max(length * 2)
    .transform((text, context): Uint8Array => {
      const bytes = bs58.decodeUnsafe(text);
      if (bytes?.length === length) return bytes;
      context.addIssue({ code: 'custom', message: `not ${length} bytes in base58` });
      return z.NEVER;
    });
export const publicKey = bytesInBase58(keyBytes);
export const signature = bytesInBase58(signatureBytes);
export const base58 = (bytes: Uint8Array): string => bs58.encode(bytes as Buffer);

const commitment = z.enum(['processed', 'confirmed', 'finalized']);
export const contextFields = {
  commitment: commitment.nullish(),
  minContextSlot: z.int().min(0).nullish(),
};
export const config = z.object(contextFields).nullish();
type Config = z.output<typeof config>;

/** Solana's default is the safest. */
export const commitmentOf = (given: Config): Commitment => given?.commitment ?? 'finalized';

/** Throws for a client that has seen a later slot than there is. */
export function slotFor(ledger: Ledger, given: Config): number {
  const slot = ledger.slot(commitmentOf(given));
  if (slot >= (given?.minContextSlot ?? 0)) return slot;
  throw new RpcError(rpcCodes.minContextSlot, 'Minimum context slot has not been reached', {
    contextSlot: slot,
  });
}

/** Names the slot of the wanted commitment; the value is always the newest, since all of it is on disk. */
export const withContext = (ledger: Ledger, given: Config, value: unknown) => ({
  context: { apiVersion: '2.0.0', slot: slotFor(ledger, given) },
  value,
});

const sentences: Readonly<Record<string, string>> = {
  AlreadyProcessed: 'This transaction has already been processed',
  BlockhashNotFound: 'Blockhash not found',
  InsufficientFundsForFee: 'Insufficient funds for fee',
  AccountNotFound: 'Attempt to debit an account but found no record of a prior credit.',
};

export function preflightError(
  error: TransactionError,
  logs: readonly string[],
  unitsConsumed = 0,
): RpcError {
  const said =
    typeof error === 'string'
      ? (sentences[error] ?? error)
      : (sentenceOf(error) ?? JSON.stringify(error));
  return new RpcError(rpcCodes.preflight, `Transaction simulation failed: ${said}`, {
    ...{ err: error, logs, accounts: null, unitsConsumed, returnData: null },
  });
}

function sentenceOf(error: Exclude<TransactionError, string>): string | undefined {
  if (!('InstructionError' in error) || !Array.isArray(error.InstructionError)) return undefined;
  const [place, inner] = error.InstructionError as [number, string | { Custom: number }];
  const why =
    typeof inner === 'string' ? inner : `custom program error: 0x${inner.Custom.toString(16)}`;
  return `Error processing Instruction ${place}: ${why}`;
}

export function refusalError(refusal: Refusal): RpcError {
  if (refusal.kind === 'malformed')
    return new RpcError(rpcCodes.invalidParams, `invalid transaction: ${refusal.why}`);
  if (refusal.error === 'SignatureFailure')
    return new RpcError(rpcCodes.signature, 'Transaction signature verification failure');
  return preflightError(refusal.error, refusal.logs);
}
