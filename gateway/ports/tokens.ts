/**
 * What the hub needs from Solana: sign, send the same bytes, ask. The algorithm that makes this happen
 * exactly once is a step's; this port only does. 1 base unit of the token is 1 Wh.
 */
import type { HouseholdId, TokenIntentId } from '../core/ids.ts';
import type { Result } from '../core/result.ts';
import type { WattHours } from '../core/units.ts';

export type TokenMove = {
  readonly intent: TokenIntentId;
  /** Moves `energyWh` from one household to another; before that mints `mintWh` to the first. */
  readonly kind: 'transfer' | 'burn';
  readonly from: HouseholdId;
  /** Undefined for a burn. */
  readonly to: HouseholdId | undefined;
  readonly energyWh: WattHours;
  readonly mintWh: WattHours;
  /** Opaque; public for ever. Never a phone, a name, a receipt or a meter. */
  readonly memo: string;
};

export type SignedMove = {
  /** base58 */
  readonly signature: string;
  readonly raw: Uint8Array;
  /** The block height after which the network no longer accepts these bytes. */
  readonly lastValidHeight: number;
};

export type MoveStatus =
  | { readonly kind: 'unseen' }
  | { readonly kind: 'seen'; readonly final: boolean }
  /** Another attempt of the same intent landed first; `signature` is the winner's when known. */
  | {
      readonly kind: 'landed-otherwise';
      readonly signature: string | undefined;
      readonly final: boolean;
    }
  | { readonly kind: 'failed'; readonly final: boolean; readonly why: string };

export interface TokenChain {
  /** Creates mint and fee payer on a fresh ledger and checks them on a known one. Safe to repeat. */
  prepare(): Promise<Result<void, 'unreachable' | 'wrong-chain'>>;
  sign(move: TokenMove): Promise<Result<SignedMove, 'unreachable'>>;
  /** Sends exactly these bytes. Any error means unknown, so there is no answer to look at. */
  send(signed: SignedMove): Promise<void>;
  /** Finalized block height; read it before the last look at a status. */
  finalizedHeight(): Promise<Result<number, 'unreachable'>>;
  statusOf(move: TokenMove, signature: string): Promise<Result<MoveStatus, 'unreachable'>>;
  /** The landed transaction of this intent, whichever attempt it was; undefined when none has landed. */
  winnerOf(
    move: TokenMove,
  ): Promise<Result<{ signature: string; final: boolean } | undefined, 'unreachable'>>;
  /** Tokens in existence and the sum of what households hold, both in Wh. */
  supply(
    households: readonly HouseholdId[],
  ): Promise<Result<{ supplyWh: number; heldWh: number }, 'unreachable'>>;
  health(): ChainHealth;
}

export type ChainHealth = {
  readonly cluster: 'embedded' | 'devnet' | 'mainnet-beta';
  readonly state: 'ok' | 'unknown' | 'unreachable' | 'wrong-chain';
  readonly detail: string;
};
