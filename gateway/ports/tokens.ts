/**
 * What the hub needs from Solana: sign, send the same bytes, ask. The algorithm that makes this happen
 * exactly once is a step's; this port only does. 1 base unit of the token is 1 Wh.
 */
import type { HouseholdId, TokenIntentId } from '../core/ids.ts';
import type { WalletLook } from '../core/own-wallet.ts';
import type { Result } from '../core/result.ts';
import type { BurnShare, TokenAttempt } from '../core/token.ts';
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
  /** Of a burn: what is burned of other households in the same transaction. */
  readonly shares?: readonly BurnShare[];
  /** Opaque; public for ever. Never a phone, a name, a receipt or a meter. */
  readonly memo: string;
};

/** Words that stand on the chain once, signed by the hub; nothing moves. */
export type ChainNote = {
  /** Names the marker, as a move's does. */
  readonly intent: TokenIntentId;
  /** Public for ever. */
  readonly text: string;
};

/** What the marker of a move or a note is made of. */
export type Marked = Pick<TokenMove, 'intent'>;

export type SignedMove = TokenAttempt;

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

export type Winner = { readonly signature: string; readonly final: boolean };

/** Which chain and mint the tokens live on. All of it is public. */
export type ChainFacts = {
  readonly genesisHash: string;
  readonly mint: string;
  /** Pays fees, is the households' delegate, and is the base of all markers. */
  readonly hub: string;
};

export type PrepareError = 'unreachable' | 'wrong-chain' | 'no-mint';

export interface TokenChain {
  /**
   * Checks the chain, the mint and the fee payer; on a fresh local ledger it makes them. Safe to repeat.
   * 'no-mint': a public cluster on which nobody has made the mint yet, which costs money.
   */
  prepare(): Promise<Result<ChainFacts, PrepareError>>;
  /** `earlier`: how many attempts were made before; each one more pays for more haste, up to a cap. */
  sign(move: TokenMove, earlier?: number): Promise<Result<SignedMove, 'unreachable'>>;
  /** As `sign`, of a note. */
  signNote(note: ChainNote, earlier?: number): Promise<Result<SignedMove, 'unreachable'>>;
  /** Sends exactly these bytes, to every node. Any error means unknown, so there is no answer to look at. */
  send(signed: SignedMove): Promise<void>;
  /** The lowest finalized block height of the nodes that answer; read it before the last look at a status. */
  finalizedHeight(): Promise<Result<number, 'unreachable'>>;
  /** By all nodes: one that has seen it suffices. */
  statusOf(move: Marked, attempt: SignedMove): Promise<Result<MoveStatus, 'unreachable'>>;
  /**
   * The landed transaction of this intent, whichever attempt it was. Undefined only when every node says so; with
   * an attempt, only when every node's finalized height is also past the attempt's and none knows its signature.
   */
  winnerOf(move: Marked, attempt?: SignedMove): Promise<Result<Winner | undefined, 'unreachable'>>;
  /**
   * Brings home the rent of the markers of these intents and answers which of them have none left. To be asked
   * only when no attempt of theirs can land any more: without its marker a move has no guard.
   */
  reclaimRent(
    intents: readonly TokenIntentId[],
    pastHeight: number,
  ): Promise<Result<TokenIntentId[], 'unreachable'>>;
  /** What a household's wallet holds and allows the hub, confirmed. */
  lookAtWallet(household: HouseholdId): Promise<Result<WalletLook, 'unreachable'>>;
  /** A transaction with which the owner lets the hub move this much in all; the owner's signature is missing. */
  proposeApproval(
    household: HouseholdId,
    allowanceWh: WattHours,
  ): Promise<Result<Uint8Array, 'unreachable'>>;
  /** The public address that owns a household's tokens, base58. */
  addressOf(household: HouseholdId): string;
  /** Tokens in existence and the sum of what households hold, both in Wh. */
  supply(
    households: readonly HouseholdId[],
  ): Promise<Result<{ supplyWh: number; heldWh: number }, 'unreachable'>>;
  health(): ChainHealth;
}

export type ChainHealth = {
  readonly cluster: 'embedded' | 'devnet' | 'mainnet-beta';
  readonly state: 'ok' | 'unknown' | 'unreachable' | 'wrong-chain' | 'no-mint';
  readonly detail: string;
};
