/** Blockhashes, sending, and what became of it. */
import bs58 from 'bs58';
import { z } from 'zod';
import type { Result } from '../../../core/result.ts';
import type { Landed } from './journal.ts';
import type { Commitment, Ledger, Refusal } from './ledger.ts';
import {
  commitmentOf,
  config,
  type Method,
  method,
  preflightError,
  publicKey,
  RpcError,
  refusalError,
  rpcCodes,
  signature,
  withContext,
} from './methods.ts';
import { feeOf, type Message, readMessage, readTransaction } from './signed-transaction.ts';
import type { Outcome } from './svm.ts';

const statusesMax = 256;
const historyMax = 1000;
const airdropMaxLamports = 1_000_000_000_000;
/** 1232 bytes in base58, with room for the check of size to say so. */
const encodedMax = 2000;

const encodedBytes = z.string().min(1).max(encodedMax);
const encoding = z.enum(['base58', 'base64']).optional();
const history = z.object({
  limit: z.int().min(1).max(historyMax).optional(),
  before: signature.optional(),
  until: signature.optional(),
  commitment: z.enum(['confirmed', 'finalized']).optional(),
});

export const transactionMethods: Readonly<Record<string, Method>> = {
  getLatestBlockhash: method(z.tuple([config]), (ledger, [given]) =>
    withContext(ledger, ledger.latestBlockhash(commitmentOf(given))),
  ),
  isBlockhashValid: method(z.tuple([publicKey, config]), (ledger, [blockhash]) =>
    withContext(ledger, ledger.acceptsBlockhash(blockhash)),
  ),
  getFeeForMessage: method(z.tuple([encodedBytes, config]), (ledger, [text]) => {
    const message = readMessage(Buffer.from(text, 'base64'));
    if (!message.ok) throw new RpcError(rpcCodes.invalidParams, message.error);
    const known = ledger.acceptsBlockhash(message.value.lifetimeToken);
    return withContext(ledger, known ? feeOf(message.value) : null);
  }),
  sendTransaction: method(
    z.tuple([
      encodedBytes,
      z.object({ encoding, skipPreflight: z.boolean().optional() }).optional(),
    ]),
    (ledger, [text, given]) => send(ledger, bytesOf(text, given?.encoding), given?.skipPreflight),
  ),
  simulateTransaction: method(
    z.tuple([
      encodedBytes,
      z
        .object({
          encoding,
          sigVerify: z.boolean().optional(),
          replaceRecentBlockhash: z.boolean().optional(),
        })
        .optional(),
    ]),
    (ledger, [text, given]) => {
      const result = ledger.simulate(bytesOf(text, given?.encoding), {
        verify: given?.sigVerify ?? false,
        anyBlockhash: given?.replaceRecentBlockhash ?? false,
      });
      const { error, logs, computeUnits } = outcomeOf(result);
      return withContext(ledger, {
        err: error,
        logs,
        unitsConsumed: computeUnits,
        accounts: null,
        returnData: null,
      });
    },
  ),
  getSignatureStatuses: method(
    z.tuple([z.array(signature).max(statusesMax), z.unknown().optional()]),
    (ledger, [signatures]) =>
      withContext(
        ledger,
        signatures.map((each) => statusOf(ledger, ledger.find(each))),
      ),
  ),
  getSignaturesForAddress: method(
    z.tuple([publicKey, history.optional()]),
    (ledger, [address, given = {}]) => {
      const { limit = historyMax, before, until } = given;
      const page = {
        limit,
        ...(before === undefined ? {} : { before }),
        ...(until === undefined ? {} : { until }),
      };
      return ledger
        .history(address, page)
        .filter((landed) => reached(ledger, landed, commitmentOf(given)))
        .map((landed) => ({
          signature: landed.signature,
          slot: landed.slot,
          err: landed.error,
          memo: landed.memo,
          blockTime: landed.time,
          confirmationStatus: ledger.commitmentOf(landed),
        }));
    },
  ),
  getTransaction: method(
    z.tuple([
      signature,
      z
        .object({
          encoding: z.literal('json').optional(),
          commitment: z.enum(['confirmed', 'finalized']).optional(),
        })
        .optional(),
    ]),
    (ledger, [name, given]) => {
      const landed = ledger.find(name);
      return landed !== undefined && reached(ledger, landed, commitmentOf(given))
        ? showTransaction(landed)
        : null;
    },
  ),
  requestAirdrop: method(
    z.tuple([publicKey, z.int().min(1).max(airdropMaxLamports), config]),
    (ledger, [to, lamports]) => {
      const given = ledger.airdrop(to, lamports);
      if (!given.ok) throw refusalError(given.error);
      return given.value;
    },
  ),
};

const reached = (ledger: Ledger, landed: Landed, wanted: Commitment) =>
  wanted !== 'finalized' || ledger.commitmentOf(landed) === 'finalized';

function bytesOf(text: string, given: 'base58' | 'base64' | undefined): Uint8Array {
  const bytes = given === 'base64' ? Buffer.from(text, 'base64') : bs58.decodeUnsafe(text);
  if (bytes === undefined) throw new RpcError(rpcCodes.invalidParams, 'invalid base58 encoding');
  return bytes;
}

/** As on the network: whoever skips the preflight hears the signature, whatever becomes of it. */
function send(ledger: Ledger, raw: Uint8Array, skipPreflight = false): string {
  const read = readTransaction(raw);
  if (!read.ok) throw refusalError({ kind: 'malformed', why: read.error });
  if (!skipPreflight) {
    const tried = ledger.simulate(raw, { verify: true, anyBlockhash: false });
    if (!tried.ok) throw refusalError(tried.error);
    if (tried.value.error !== null) throw preflightError(tried.value.error, tried.value.logs);
  }
  const executed = ledger.execute(raw);
  if (!executed.ok && !skipPreflight) throw refusalError(executed.error);
  return read.value.signature;
}

function outcomeOf(result: Result<Outcome, Refusal>): Outcome {
  if (result.ok) return result.value;
  if (result.error.kind === 'malformed') throw refusalError(result.error);
  return { error: result.error.error, logs: result.error.logs, computeUnits: 0 };
}

function statusOf(ledger: Ledger, landed: Landed | undefined) {
  if (landed === undefined) return null;
  const confirmationStatus = ledger.commitmentOf(landed);
  return {
    slot: landed.slot,
    confirmations: confirmationStatus === 'finalized' ? null : 0,
    err: landed.error,
    status: landed.error === null ? { Ok: null } : { Err: landed.error },
    confirmationStatus,
  };
}

function showTransaction({ raw, slot, time, error, meta }: Landed) {
  const read = readTransaction(raw);
  if (!read.ok) throw new Error(`a transaction of the journal is unreadable: ${read.error}`);
  return {
    slot,
    blockTime: time,
    version: read.value.message.version,
    transaction: { signatures: read.value.signatures, message: showMessage(read.value.message) },
    meta: {
      ...meta,
      err: error,
      status: error === null ? { Ok: null } : { Err: error },
      innerInstructions: null,
      rewards: [],
      loadedAddresses: { readonly: [], writable: [] },
    },
  };
}

const showMessage = ({ header, staticAccounts, lifetimeToken, instructions }: Message) => ({
  header: {
    numRequiredSignatures: header.numSignerAccounts,
    numReadonlySignedAccounts: header.numReadonlySignerAccounts,
    numReadonlyUnsignedAccounts: header.numReadonlyNonSignerAccounts,
  },
  accountKeys: staticAccounts,
  recentBlockhash: lifetimeToken,
  instructions: instructions.map(({ programAddressIndex, accountIndices = [], data = [] }) => ({
    programIdIndex: programAddressIndex,
    accounts: accountIndices,
    data: bs58.encode(Buffer.from(data)),
    stackHeight: null,
  })),
});
