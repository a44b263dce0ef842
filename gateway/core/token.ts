/** Tokens that must move exactly once, and what to do next about them. */
import type { HouseholdId, TokenIntentId, TradeId } from './ids.ts';
import type { WattHours } from './units.ts';

export type TokenIntent = {
  readonly id: TokenIntentId;
  readonly kind: 'transfer' | 'burn';
  readonly trade: TradeId | undefined;
  /** What it belongs to and which leg of it; the books keep it unique. */
  readonly reference: string;
  readonly from: HouseholdId;
  readonly to: HouseholdId | undefined;
  readonly energyWh: WattHours;
  readonly mintWh: WattHours;
  /** Of a burn: what is burned of other households in the same transaction. */
  readonly shares?: readonly BurnShare[];
  readonly memo: string;
  readonly state: 'open' | 'done' | 'failed' | 'review';
  readonly signature: string | undefined;
};

export type BurnShare = { readonly household: HouseholdId; readonly energyWh: WattHours };

export type TokenAttempt = {
  /** base58 */
  readonly signature: string;
  readonly raw: Uint8Array;
  /** The block height after which the network no longer accepts these bytes. */
  readonly lastValidHeight: number;
  /** Of the chain that these bytes were made for; no other is ever asked about them. */
  readonly genesisHash: string;
};

/** Signatures for one intent before a person must look. */
export const attemptsMost = 8;
/** Blocks past an attempt's last valid height before it counts as expired. */
export const expiryMarginBlocks = 150;

export type HeightVerdict = 'send-again' | 'wait' | 'look-closer';

/** What the finalized height says about an attempt that no node has seen. */
export function judgeHeight(height: number, lastValidHeight: number): HeightVerdict {
  if (height <= lastValidHeight) return 'send-again';
  return height > lastValidHeight + expiryMarginBlocks ? 'look-closer' : 'wait';
}

/**
 * Households whose burns fit into one transaction: 48 bytes each (Solana's packet has 1232, and marker, budget and
 * memo take about 500), with room to spare.
 */
export const burnsTogetherMost = 12;

/** Whether minting this much more stays within what may be minted in a day. */
export const mayMint = (mintWh: WattHours, mintedTodayWh: number, dailyMaxWh: number): boolean =>
  mintWh === 0 || mintedTodayWh + mintWh <= dailyMaxWh;

/** Minted lazily: only what the seller's tokens on chain (final or on their way) lack for this move. */
export const mintNeeded = (energyWh: WattHours, onChainWh: number): WattHours =>
  Math.max(0, energyWh - onChainWh) as WattHours;
