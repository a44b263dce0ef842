/** Questions about accounts, tokens and the ledger itself. */
import { z } from 'zod';
import type { Ledger } from './ledger.ts';
import {
  base58,
  config,
  contextFields,
  type Method,
  method,
  publicKey,
  RpcError,
  rpcCodes,
  slotFor,
  withContext,
} from './methods.ts';
import type { SvmAccount } from './svm.ts';
import {
  amountOf,
  amountText,
  decimalsOf,
  holderOf,
  isMint,
  isTokenAccount,
  mintOf,
  parsedAccount,
  supplyOf,
} from './token-accounts.ts';

const accountsMax = 100;
const accountBytesMax = 10 * 1024 * 1024;
/** Solana gives no more than so many bytes in base58, whose cost grows with the square. */
const base58BytesMax = 128;

const none = z.tuple([]).rest(z.unknown());
const keyOnly = z.tuple([publicKey, config]);
const showing = z
  .object({
    ...contextFields,
    encoding: z.enum(['base58', 'base64', 'jsonParsed']).nullish(),
    dataSlice: z.object({ offset: z.int().min(0), length: z.int().min(0) }).nullish(),
  })
  .nullish();
export type Showing = z.output<typeof showing>;
const filter = z.union([z.object({ mint: publicKey }), z.object({ programId: publicKey })]);

export const accountMethods: Readonly<Record<string, Method>> = {
  getHealth: method(none, () => 'ok'),
  getVersion: method(none, () => ({ 'solana-core': '2.0.0-litesvm-1.4.1', 'feature-set': 0 })),
  getGenesisHash: method(none, (ledger) => ledger.genesisHash),
  getSlot: method(z.tuple([config]), (ledger, [given]) => slotFor(ledger, given)),
  getBlockHeight: method(z.tuple([config]), (ledger, [given]) => slotFor(ledger, given)),
  getBalance: method(keyOnly, (ledger, [key, given]) =>
    withContext(ledger, given, Number(ledger.lamportsOf(key))),
  ),
  getAccountInfo: method(z.tuple([publicKey, showing]), (ledger, [key, given]) =>
    withContext(ledger, given, showAccount(ledger, ledger.account(key), given)),
  ),
  getMultipleAccounts: method(
    z.tuple([z.array(publicKey).max(accountsMax), showing]),
    (ledger, [keys, given]) => {
      const shown = keys.map((key) =>
        showAccount(ledger, ledger.account(key), { encoding: 'base64', ...given }),
      );
      return withContext(ledger, given, shown);
    },
  ),
  getMinimumBalanceForRentExemption: method(
    z.tuple([z.int().min(0).max(accountBytesMax), config]),
    (ledger, [bytes]) => ledger.rentFor(bytes),
  ),
  getTokenAccountBalance: method(keyOnly, (ledger, [key, given]) => {
    const account = ledger.account(key);
    if (!isTokenAccount(account)) throw notFound();
    const decimals = decimalsOfMint(ledger)(mintOf(account));
    return withContext(ledger, given, amountText(amountOf(account), decimals));
  }),
  getTokenSupply: method(keyOnly, (ledger, [key, given]) => {
    const mint = ledger.account(key);
    if (!isMint(mint)) throw notFound();
    return withContext(ledger, given, amountText(supplyOf(mint), decimalsOf(mint)));
  }),
  getTokenAccountsByOwner: method(
    z.tuple([publicKey, filter, showing]),
    (ledger, [owner, wanted, given]) => {
      const found = tokenAccounts(ledger, wanted).filter((each) => holderOf(each).equals(owner));
      const shown = found.map((each) => ({
        pubkey: base58(each.address),
        account: showAccount(ledger, each, { encoding: 'base64', ...given }),
      }));
      return withContext(ledger, given, shown);
    },
  ),
};

const notFound = () =>
  new RpcError(rpcCodes.invalidParams, 'Invalid param: could not find account');

/** Those of one mint belong to the program that the mint belongs to. */
function tokenAccounts(ledger: Ledger, wanted: z.output<typeof filter>): SvmAccount[] {
  if ('programId' in wanted) return ledger.ownedBy(wanted.programId).filter(isTokenAccount);
  const mint = ledger.account(wanted.mint);
  if (!isMint(mint)) throw notFound();
  return ledger
    .ownedBy(mint.owner)
    .filter((each) => isTokenAccount(each) && mintOf(each).equals(wanted.mint));
}

const decimalsOfMint = (ledger: Ledger) => (mint: Uint8Array) => {
  const account = ledger.account(mint);
  return isMint(account) ? decimalsOf(account) : 0;
};

/** In the encoding that was asked for; without one it is base58, as a single text. */
export function showAccount(ledger: Ledger, account: SvmAccount | undefined, given: Showing) {
  if (account === undefined) return null;
  return {
    lamports: Number(account.lamports),
    owner: base58(account.owner),
    executable: account.executable,
    rentEpoch: 0,
    space: account.data.length,
    data: showData(ledger, account, given),
  };
}

function showData(ledger: Ledger, account: SvmAccount, given: Showing) {
  const { encoding, dataSlice } = given ?? {};
  const parsed =
    encoding === 'jsonParsed' ? parsedAccount(account, decimalsOfMint(ledger)) : undefined;
  if (parsed !== undefined) return parsed;
  const data = dataSlice
    ? account.data.subarray(dataSlice.offset, dataSlice.offset + dataSlice.length)
    : account.data;
  if (encoding === 'base64' || encoding === 'jsonParsed')
    return [Buffer.from(data).toString('base64'), 'base64'];
  if (data.length > base58BytesMax)
    throw new RpcError(
      rpcCodes.invalidRequest,
      `Encoded binary (base 58) data should be less than ${base58BytesMax} bytes, please use Base64 encoding.`,
    );
  return encoding === 'base58' ? [base58(data), 'base58'] : base58(data);
}
