/** Where households hold their tokens. */
import { getAssociatedTokenAddressSync, TOKEN_PROGRAM_ID, unpackAccount } from '@solana/spl-token';
import type { AccountInfo, Connection, PublicKey } from '@solana/web3.js';
import type { HouseholdId } from '../../core/ids.ts';
import type { OwnerOf } from './owners.ts';

/** The most that getMultipleAccounts answers. */
export const accountsPerQuestion = 100;

export type Wallet = {
  readonly tokenAccount: PublicKey;
  /** What the chain knows of it; undefined before the household's first token. */
  readonly seen: Holding | undefined;
};
export type Holding = {
  readonly amountWh: bigint;
  readonly delegate: PublicKey | null;
  readonly allowanceWh: bigint;
};

/** Token accounts are found by arithmetic, which is slow enough to remember. */
export type WalletAddresses = (household: HouseholdId, mint: PublicKey) => PublicKey;

export function openWalletAddresses(ownerOf: OwnerOf): WalletAddresses {
  const known = new WeakMap<PublicKey, { mint: PublicKey; address: PublicKey }>();
  return (household, mint) => {
    const owner = ownerOf(household).address;
    const found = known.get(owner);
    if (found?.mint.equals(mint)) return found.address;
    const address = getAssociatedTokenAddressSync(mint, owner);
    known.set(owner, { mint, address });
    return address;
  };
}

/** One question to the node; at most `accountsPerQuestion` accounts. */
export async function readWallets(
  connection: Connection,
  tokenAccounts: readonly PublicKey[],
): Promise<Wallet[]> {
  const found = await connection.getMultipleAccountsInfo([...tokenAccounts], 'confirmed');
  return tokenAccounts.map((tokenAccount, index) => ({
    tokenAccount,
    seen: holdingOf(tokenAccount, found[index] ?? null),
  }));
}

/** Anybody may send SOL to an address before its account is made; that is no token account yet. */
function holdingOf(address: PublicKey, info: AccountInfo<Buffer> | null): Holding | undefined {
  if (!info?.owner.equals(TOKEN_PROGRAM_ID)) return undefined;
  const { amount, delegate, delegatedAmount } = unpackAccount(address, info);
  return { amountWh: amount, delegate, allowanceWh: delegatedAmount };
}
