/** A transaction of the journal in the shapes of getTransaction and getSignaturesForAddress. */
import type { Landed, Meta } from './journal.ts';
import { base58, RpcError, rpcCodes } from './methods.ts';
import { isWritable, type Message, memoOf, readTransaction } from './signed-transaction.ts';
import { showTokenBalance } from './token-accounts.ts';

export type Encoding = 'json' | 'jsonParsed' | 'base58' | 'base64';

export function showListed(landed: Landed) {
  const { signature, message } = readAgain(landed);
  return {
    signature: base58(signature),
    slot: landed.slot,
    err: landed.error,
    memo: memoOf(message),
    blockTime: landed.time,
  };
}

/** Throws for a client that has not said that it can read the transaction's version. */
export function showTransaction(landed: Landed, encoding: Encoding, versionMax?: number | null) {
  const { message, signatures } = readAgain(landed);
  if (message.version !== 'legacy' && typeof versionMax !== 'number')
    throw new RpcError(
      rpcCodes.unsupportedVersion,
      `Transaction version (${message.version}) is not supported by the requesting client. Please try the request again with the following configuration parameter: "maxSupportedTransactionVersion": ${message.version}`,
    );
  const transaction =
    encoding === 'base58' || encoding === 'base64'
      ? [encoding === 'base58' ? base58(landed.raw) : base64(landed.raw), encoding]
      : {
          signatures: signatures.map(base58),
          message: encoding === 'json' ? showMessage(message) : showParsed(message),
        };
  return {
    slot: landed.slot,
    blockTime: landed.time,
    ...(typeof versionMax === 'number' ? { version: message.version } : {}),
    transaction,
    meta: showMeta(landed, landed.meta),
  };
}

function readAgain({ raw }: Landed) {
  const read = readTransaction(raw);
  if (read.ok) return read.value;
  throw new Error(`a transaction of the journal is unreadable: ${read.error}`);
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');

const showMeta = ({ error }: Landed, { preTokens = [], postTokens = [], ...meta }: Meta) => ({
  ...meta,
  err: error,
  status: error === null ? { Ok: null } : { Err: error },
  preTokenBalances: preTokens.map(showTokenBalance),
  postTokenBalances: postTokens.map(showTokenBalance),
  innerInstructions: null,
  rewards: [],
  loadedAddresses: { readonly: [], writable: [] },
});

const showMessage = (message: Message) => ({
  header: {
    numRequiredSignatures: message.signers,
    numReadonlySignedAccounts: message.readonlySigners,
    numReadonlyUnsignedAccounts: message.readonlyOthers,
  },
  accountKeys: message.keys.map(base58),
  recentBlockhash: base58(message.blockhash),
  ...(message.version === 'legacy' ? {} : { addressTableLookups: [] }),
  instructions: message.instructions.map(({ program, accounts, data }) => ({
    programIdIndex: program,
    accounts: [...accounts],
    data: base58(data),
    stackHeight: null,
  })),
});

/** Keys are told with their rights; instructions stay as they are, as for any program that a node cannot read. */
const showParsed = (message: Message) => ({
  accountKeys: message.keys.map((key, place) => ({
    pubkey: base58(key),
    signer: place < message.signers,
    writable: isWritable(message, place),
    source: 'transaction',
  })),
  recentBlockhash: base58(message.blockhash),
  ...(message.version === 'legacy' ? {} : { addressTableLookups: [] }),
  instructions: message.instructions.map(({ program, accounts, data }) => ({
    programId: keyAt(message, program),
    accounts: [...accounts].map((place) => keyAt(message, place)),
    data: base58(data),
    stackHeight: null,
  })),
});

const keyAt = ({ keys }: Message, place: number): string => base58(keys[place] ?? Buffer.alloc(0));
