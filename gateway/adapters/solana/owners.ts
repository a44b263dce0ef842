/** Who owns a household's tokens: a key that the hub derives and keeps, or an address of the household's own. */
import { type Keypair, PublicKey } from '@solana/web3.js';
import type { HouseholdId } from '../../core/ids.ts';
import type { Keyring } from './keys.ts';

export type Owner = {
  readonly address: PublicKey;
  /** Undefined where only the household can sign. */
  readonly key: Keypair | undefined;
};
export type OwnerOf = (household: HouseholdId) => Owner;

/** Addresses of households that have their own, base58. */
export type OwnAddressOf = (household: HouseholdId) => string | undefined;

/** Asked each time, because a household may bring an address at any moment. */
export function openOwners(keys: Keyring, ownAddress: OwnAddressOf = () => undefined): OwnerOf {
  const own = new Map<HouseholdId, { text: string; owner: Owner }>();
  const kept = new WeakMap<Keypair, Owner>();
  return (household) => {
    const text = ownAddress(household);
    if (text !== undefined) {
      const known = own.get(household);
      if (known?.text === text) return known.owner;
      const owner = { address: new PublicKey(text), key: undefined };
      own.set(household, { text, owner });
      return owner;
    }
    const key = keys.household(household);
    const owner = kept.get(key) ?? { address: key.publicKey, key };
    kept.set(key, owner);
    return owner;
  };
}

/** Whether somebody can have a key for it: addresses of programs lie off the curve. */
export function isWalletAddress(text: string): boolean {
  try {
    const address = new PublicKey(text);
    return address.toBase58() === text && PublicKey.isOnCurve(address.toBytes());
  } catch {
    return false;
  }
}
