/** What lies in the accounts of the SPL token program (github.com/solana-program/token, state.rs). */
import bs58 from 'bs58';
import type { TokenBalance } from './journal.ts';
import type { SvmAccount } from './svm.ts';

export const tokenProgram = 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA';
const tokenProgramKey = Buffer.from(bs58.decode(tokenProgram));
const tokenAccountBytes = 165;
const mintBytes = 82;
/** Mint, owner and amount stand first. */
const balanceBytes = 72;
const accountStates = ['uninitialized', 'initialized', 'frozen'];

const bytesOf = ({ data }: { readonly data: Uint8Array }) =>
  Buffer.from(data.buffer, data.byteOffset, data.length);
const isTokenOwned = ({ owner }: SvmAccount) => tokenProgramKey.equals(owner);
const text = (bytes: Uint8Array) => bs58.encode(bytes as Buffer);

export const isTokenAccount = (account: SvmAccount | undefined): account is SvmAccount =>
  account?.data.length === tokenAccountBytes && isTokenOwned(account);
export const isMint = (account: SvmAccount | undefined): account is SvmAccount =>
  account?.data.length === mintBytes && isTokenOwned(account);

export const mintOf = (account: SvmAccount): Buffer => bytesOf(account).subarray(0, 32);
export const holderOf = (account: SvmAccount): Buffer => bytesOf(account).subarray(32, 64);
export const amountOf = (account: SvmAccount): bigint => bytesOf(account).readBigUInt64LE(64);
export const supplyOf = (mint: SvmAccount): bigint => bytesOf(mint).readBigUInt64LE(36);
export const decimalsOf = (mint: SvmAccount): number => bytesOf(mint).readUInt8(44);

/** As the RPC writes a quantity of tokens: exact as text, rounded as a number. */
export function amountText(amount: bigint, decimals: number) {
  const digits = amount.toString().padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, '');
  const uiAmountString = fraction === '' ? whole : `${whole}.${fraction}`;
  return { amount: String(amount), decimals, uiAmount: Number(uiAmountString), uiAmountString };
}

/** What the journal keeps of a token account that a transaction may have changed. */
export const tokenBalance = (
  place: number,
  account: SvmAccount,
  decimals: number,
): TokenBalance => [place, bytesOf(account).subarray(0, balanceBytes).toString('base64'), decimals];

/** The same as getTransaction writes it. */
export function showTokenBalance([accountIndex, account, decimals]: TokenBalance) {
  const bytes = Buffer.from(account, 'base64');
  return {
    accountIndex,
    mint: text(bytes.subarray(0, 32)),
    owner: text(bytes.subarray(32, 64)),
    programId: tokenProgram,
    uiTokenAmount: amountText(bytes.readBigUInt64LE(64), decimals),
  };
}

/** A token account or a mint as `jsonParsed` asks for it; undefined for anything else. */
export function parsedAccount(account: SvmAccount, decimalsOfMint: (mint: Uint8Array) => number) {
  const bytes = bytesOf(account);
  const optional = (tagAt: number) =>
    bytes.readUInt32LE(tagAt) === 0 ? undefined : text(bytes.subarray(tagAt + 4, tagAt + 36));
  const parsed = (type: string, info: object) => ({
    program: 'spl-token',
    parsed: { type, info },
    space: bytes.length,
  });
  if (isMint(account)) {
    return parsed('mint', {
      mintAuthority: optional(0) ?? null,
      supply: String(supplyOf(account)),
      decimals: decimalsOf(account),
      isInitialized: bytes[45] === 1,
      freezeAuthority: optional(46) ?? null,
    });
  }
  if (!isTokenAccount(account)) return undefined;
  const decimals = decimalsOfMint(mintOf(account));
  const delegate = optional(72);
  return parsed('account', {
    mint: text(mintOf(account)),
    owner: text(holderOf(account)),
    tokenAmount: amountText(amountOf(account), decimals),
    ...(delegate === undefined
      ? {}
      : { delegate, delegatedAmount: amountText(bytes.readBigUInt64LE(121), decimals) }),
    state: accountStates[bytes[108] ?? 0],
    isNative: bytes.readUInt32LE(109) === 1,
  });
}
