/** Questions about accounts, tokens and the ledger itself. */
import bs58 from 'bs58';
import { z } from 'zod';
import type { Ledger } from './ledger.ts';
import {
  commitmentOf,
  config,
  type Method,
  method,
  publicKey,
  RpcError,
  rpcCodes,
  withContext,
} from './methods.ts';
import type { SvmAccount } from './svm.ts';

const accountsMax = 100;
const accountBytesMax = 10 * 1024 * 1024;
const tokenProgram = 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA';
/** Layout of an SPL token account: mint at 0, owner at 32, amount at 64; of a mint: supply at 36, decimals at 44. */
const tokenAccountBytes = 165;
const mintBytes = 82;

const none = z.tuple([]).rest(z.unknown());
const keyOnly = z.tuple([publicKey, config]);
const filter = z.union([z.object({ mint: publicKey }), z.object({ programId: publicKey })]);

export const accountMethods: Readonly<Record<string, Method>> = {
  getHealth: method(none, () => 'ok'),
  getVersion: method(none, () => ({ 'solana-core': 'litesvm-1.4.1', 'feature-set': 0 })),
  getGenesisHash: method(none, (ledger) => ledger.genesisHash),
  getSlot: method(z.tuple([config]), (ledger, [given]) => ledger.slot(commitmentOf(given))),
  getBlockHeight: method(z.tuple([config]), (ledger, [given]) => ledger.slot(commitmentOf(given))),
  getBalance: method(keyOnly, (ledger, [key]) => withContext(ledger, ledger.lamportsOf(key))),
  getAccountInfo: method(keyOnly, (ledger, [key]) =>
    withContext(ledger, showAccount(ledger.account(key))),
  ),
  getMultipleAccounts: method(
    z.tuple([z.array(publicKey).max(accountsMax), config]),
    (ledger, [keys]) =>
      withContext(
        ledger,
        keys.map((key) => showAccount(ledger.account(key))),
      ),
  ),
  getMinimumBalanceForRentExemption: method(
    z.tuple([z.int().min(0).max(accountBytesMax), config]),
    (ledger, [bytes]) => ledger.rentFor(bytes),
  ),
  getTokenAccountBalance: method(keyOnly, (ledger, [key]) => {
    const data = tokenData(ledger, key, tokenAccountBytes);
    const mint = tokenData(ledger, bs58.encode(data.subarray(0, 32)), mintBytes);
    return withContext(ledger, amountOf(data.readBigUInt64LE(64), mint.readUInt8(44)));
  }),
  getTokenSupply: method(keyOnly, (ledger, [key]) => {
    const data = tokenData(ledger, key, mintBytes);
    return withContext(ledger, amountOf(data.readBigUInt64LE(36), data.readUInt8(44)));
  }),
  getTokenAccountsByOwner: method(
    z.tuple([publicKey, filter, config]),
    (ledger, [owner, wanted]) => {
      const program = 'programId' in wanted ? wanted.programId : tokenProgram;
      const mint = 'mint' in wanted ? keyBytes(wanted.mint) : undefined;
      const found = ledger.ownedBy(program).filter(({ data }) => {
        const bytes = Buffer.from(data);
        if (bytes.length < tokenAccountBytes) return false;
        if (mint !== undefined && !bytes.subarray(0, 32).equals(mint)) return false;
        return bytes.subarray(32, 64).equals(keyBytes(owner));
      });
      return withContext(
        ledger,
        found.map((each) => ({ pubkey: each.address, account: showAccount(each) })),
      );
    },
  ),
};

const keyBytes = (key: string) => bs58.decode(key);

function tokenData(ledger: Ledger, key: string, bytes: number): Buffer {
  const account = ledger.account(key);
  if (account?.owner === tokenProgram && account.data.length === bytes) {
    return Buffer.from(account.data);
  }
  throw new RpcError(rpcCodes.invalidParams, 'Invalid param: could not find account');
}

/** Always base64: a node may answer so whatever encoding is asked for. */
const showAccount = (account: SvmAccount | undefined) =>
  account === undefined
    ? null
    : {
        lamports: Number(account.lamports),
        owner: account.owner,
        executable: account.executable,
        rentEpoch: 0,
        space: account.data.length,
        data: [Buffer.from(account.data).toString('base64'), 'base64'],
      };

function amountOf(amount: bigint, decimals: number) {
  const digits = amount.toString().padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, '');
  const uiAmountString = fraction === '' ? whole : `${whole}.${fraction}`;
  return {
    amount: digits.replace(/^0+(?=\d)/, ''),
    decimals,
    uiAmount: Number(uiAmountString),
    uiAmountString,
  };
}
