/** What the JSON-RPC methods have in common. Shapes: solana.com/docs/rpc. */
import bs58 from 'bs58';
import { z } from 'zod';
import type { Commitment, Ledger, Refusal } from './ledger.ts';
import type { TransactionError } from './svm-errors.ts';

/** JSON-RPC 2.0 section 5.1, and Solana's own codes. */
export const rpcCodes = {
  parse: -32700,
  invalidRequest: -32600,
  unknownMethod: -32601,
  invalidParams: -32602,
  internal: -32603,
  preflight: -32002,
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
    .refine((text) => bs58.decodeUnsafe(text)?.length === length, `not ${length} bytes in base58`);
export const publicKey = bytesInBase58(32);
export const signature = bytesInBase58(64);

const commitment = z.enum(['processed', 'confirmed', 'finalized']);
export const config = z.object({ commitment: commitment.optional() }).optional();

/** Solana's default is the safest. */
export const commitmentOf = (given: { commitment?: Commitment | undefined } | undefined) =>
  given?.commitment ?? 'finalized';

export const withContext = (ledger: Ledger, value: unknown) => ({
  context: { slot: ledger.slot('processed'), apiVersion: '2.0.0' },
  value,
});

const sentences: Readonly<Record<string, string>> = {
  AlreadyProcessed: 'This transaction has already been processed',
  BlockhashNotFound: 'Blockhash not found',
};

export const preflightError = (error: TransactionError, logs: readonly string[]) =>
  new RpcError(
    rpcCodes.preflight,
    `Transaction simulation failed: ${
      typeof error === 'string' ? (sentences[error] ?? error) : JSON.stringify(error)
    }`,
    { err: error, logs },
  );

export const refusalError = (refusal: Refusal) =>
  refusal.kind === 'malformed'
    ? new RpcError(rpcCodes.invalidParams, `invalid transaction: ${refusal.why}`)
    : preflightError(refusal.error, refusal.logs);
