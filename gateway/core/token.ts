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
  readonly memo: string;
  readonly state: 'open' | 'done' | 'failed' | 'review';
  readonly signature: string | undefined;
};

export type TokenAttempt = {
  readonly signature: string;
  readonly raw: Uint8Array;
  readonly lastValidHeight: number;
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

/** Minted lazily: only what the seller's tokens on chain (final or on their way) lack for this move. */
export const mintNeeded = (energyWh: WattHours, onChainWh: number): WattHours =>
  Math.max(0, energyWh - onChainWh) as WattHours;
