/** Blockhashes, sending, and what became of it. */
import bs58 from 'bs58';
import { z } from 'zod';
import type { Result } from '../../../core/result.ts';
import { showAccount } from './account-methods.ts';
import type { Verdict } from './journal.ts';
import type { Ledger, Refusal } from './ledger.ts';
import {
  base58,
  commitmentOf,
  config,
  contextFields,
  type Method,
  method,
  preflightError,
  publicKey,
  RpcError,
  refusalError,
  rpcCodes,
  signature,
  slotFor,
  withContext,
} from './methods.ts';
import { showListed, showTransaction } from './show-transaction.ts';
import { feeOf, readMessage, readTransaction } from './signed-transaction.ts';
import { blockhashSlots } from './slots.ts';
import type { Trial } from './svm.ts';

const statusesMax = 256;
const historyMax = 1000;
const airdropMaxLamports = 1_000_000_000_000;
const shownAccountsMax = 64;
/** 1232 bytes in base58, with room for the check of size to say so. */
const encodedMax = 2000;

const encodedBytes = z.string().min(1).max(encodedMax);
const encoding = z.enum(['base58', 'base64']).nullish();
const finished = z.enum(['confirmed', 'finalized']).nullish();
const sending = z.object({ encoding, skipPreflight: z.boolean().nullish() }).nullish();
const simulating = z
  .object({
    ...contextFields,
    encoding,
    sigVerify: z.boolean().nullish(),
    replaceRecentBlockhash: z.boolean().nullish(),
    accounts: z
      .object({
        encoding: z.enum(['base64', 'jsonParsed']).nullish(),
        addresses: z.array(publicKey).max(shownAccountsMax),
      })
      .nullish(),
  })
  .nullish();
const page = z.object({
  limit: z.int().min(1).max(historyMax).nullish(),
  before: signature.nullish(),
  until: signature.nullish(),
  commitment: finished,
});
const showing = z.object({
  encoding: z.enum(['json', 'jsonParsed', 'base58', 'base64']).nullish(),
  commitment: finished,
  maxSupportedTransactionVersion: z.int().min(0).nullish(),
});

export const transactionMethods: Readonly<Record<string, Method>> = {
  getLatestBlockhash: method(z.tuple([config]), (ledger, [given]) =>
    withContext(ledger, given, ledger.latestBlockhash(commitmentOf(given))),
  ),
  isBlockhashValid: method(z.tuple([publicKey, config]), (ledger, [blockhash, given]) =>
    withContext(ledger, given, ledger.acceptsBlockhash(blockhash)),
  ),
  getFeeForMessage: method(z.tuple([encodedBytes, config]), (ledger, [text, given]) => {
    const message = readMessage(Buffer.from(text, 'base64'));
    if (!message.ok) throw new RpcError(rpcCodes.invalidParams, message.error);
    const known = ledger.acceptsBlockhash(message.value.blockhash);
    return withContext(ledger, given, known ? feeOf(message.value) : null);
  }),
  /** Nobody competes for room here. */
  getRecentPrioritizationFees: method(z.tuple([z.unknown()]), () => []),
  sendTransaction: method(z.tuple([encodedBytes, sending]), (ledger, [text, given]) =>
    send(ledger, bytesOf(text, given?.encoding), given?.skipPreflight ?? false),
  ),
  simulateTransaction: method(z.tuple([encodedBytes, simulating]), (ledger, [text, given]) =>
    withContext(ledger, given, simulate(ledger, bytesOf(text, given?.encoding), given ?? {})),
  ),
  getSignatureStatuses: method(
    z.tuple([
      z.array(signature).max(statusesMax),
      z.object({ searchTransactionHistory: z.boolean().nullish() }).nullish(),
    ]),
    (ledger, [signatures, given]) => {
      const oldest = given?.searchTransactionHistory
        ? 0
        : ledger.slot('processed') - blockhashSlots;
      const statuses = signatures.map((each) => {
        const verdict = ledger.verdictOn(each);
        return verdict === undefined || verdict.slot < oldest ? null : statusOf(ledger, verdict);
      });
      return withContext(ledger, { commitment: 'processed' }, statuses);
    },
  ),
  getSignaturesForAddress: method(
    z.tuple([publicKey, page.nullish()]),
    (ledger, [address, given]) => {
      const { limit, before, until } = given ?? {};
      return ledger
        .history(address, {
          limit: limit ?? historyMax,
          ...(before ? { before } : {}),
          ...(until ? { until } : {}),
        })
        .filter((landed) => reached(ledger, landed, given))
        .map((landed) => ({
          ...showListed(landed),
          confirmationStatus: ledger.commitmentOf(landed),
        }));
    },
  ),
  getTransaction: method(z.tuple([signature, showing.nullish()]), (ledger, [name, given]) => {
    const landed = ledger.find(name);
    if (landed === undefined || !reached(ledger, landed, given)) return null;
    return showTransaction(
      landed,
      given?.encoding ?? 'json',
      given?.maxSupportedTransactionVersion,
    );
  }),
  requestAirdrop: method(
    z.tuple([publicKey, z.int().min(1).max(airdropMaxLamports), config]),
    (ledger, [to, lamports]) => {
      const given = ledger.airdrop(to, lamports);
      if (!given.ok) throw refusalError(given.error);
      return base58(given.value);
    },
  ),
};

const reached = (ledger: Ledger, verdict: Verdict, given: z.output<typeof config>) =>
  verdict.slot <= slotFor(ledger, { commitment: commitmentOf(given) });

function bytesOf(text: string, given: 'base58' | 'base64' | null | undefined): Uint8Array {
  const bytes = given === 'base64' ? Buffer.from(text, 'base64') : bs58.decodeUnsafe(text);
  if (bytes === undefined) throw new RpcError(rpcCodes.invalidParams, 'invalid base58 encoding');
  return bytes;
}

/** As on the network: whoever skips the preflight hears the signature, whatever becomes of it. */
function send(ledger: Ledger, raw: Uint8Array, skipPreflight: boolean): string {
  const read = readTransaction(raw);
  if (!read.ok) throw refusalError({ kind: 'malformed', why: read.error });
  if (!skipPreflight) {
    const tried = ledger.simulate(raw, { verify: true, anyBlockhash: false });
    if (!tried.ok) throw refusalError(tried.error);
    const { error, logs, computeUnits } = tried.value;
    if (error === 'SignatureFailure') throw refusalError({ kind: 'refused', error, logs });
    if (error !== null) throw preflightError(error, logs, computeUnits);
  }
  const executed = ledger.execute(raw);
  if (!executed.ok && !skipPreflight) throw refusalError(executed.error);
  return base58(read.value.signature);
}

function simulate(
  ledger: Ledger,
  raw: Uint8Array,
  given: NonNullable<z.output<typeof simulating>>,
) {
  const anyBlockhash = given.replaceRecentBlockhash ?? false;
  const trial = trialOf(ledger.simulate(raw, { verify: given.sigVerify ?? false, anyBlockhash }));
  const wanted = given.accounts;
  const after = (key: Uint8Array) =>
    trial.accounts.find(({ address }) => Buffer.from(address).equals(key)) ?? ledger.account(key);
  return {
    ...{ err: trial.error, logs: trial.logs, unitsConsumed: trial.computeUnits, returnData: null },
    accounts: wanted
      ? wanted.addresses.map((key) =>
          showAccount(ledger, after(key), { encoding: wanted.encoding ?? 'base64' }),
        )
      : null,
    ...(anyBlockhash ? { replacementBlockhash: ledger.latestBlockhash('processed') } : {}),
  };
}

function trialOf(result: Result<Trial, Refusal>): Trial {
  if (result.ok) return result.value;
  if (result.error.kind === 'malformed') throw refusalError(result.error);
  return { error: result.error.error, logs: result.error.logs, computeUnits: 0, accounts: [] };
}

function statusOf(ledger: Ledger, verdict: Verdict) {
  const confirmationStatus = ledger.commitmentOf(verdict);
  return {
    slot: verdict.slot,
    confirmations: confirmationStatus === 'finalized' ? null : 0,
    err: verdict.error,
    status: verdict.error === null ? { Ok: null } : { Err: verdict.error },
    confirmationStatus,
  };
}
