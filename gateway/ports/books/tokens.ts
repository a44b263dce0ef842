/** Token intents and the signed bytes that were made for them. */
import type { HouseholdId, TokenIntentId, TradeId } from '../../core/ids.ts';
import type { TokenAttempt, TokenIntent } from '../../core/token.ts';
import type { EpochMs } from '../../core/units.ts';
import type { ChainFacts } from '../tokens.ts';

export interface TokenBooks {
  find(id: TokenIntentId): TokenIntent | undefined;
  ofTrade(trade: TradeId): TokenIntent | undefined;
  openAttempt(intent: TokenIntentId): TokenAttempt | undefined;
  attempts(intent: TokenIntentId): number;
  /**
   * Open intents that the present fee payer must end: something was signed for them, so that its marker may be taken,
   * or they take from a wallet that allows no other fee payer.
   */
  boundToFeePayer(): TokenIntentId[];
  /**
   * On disk before the first send; a trade's state moves to 'transferring' with it. False, and nothing is kept, when
   * another attempt of this intent stands, so that two workers never send two signatures, or when this one was made before.
   */
  saveAttempt(intent: TokenIntent, attempt: TokenAttempt, at: EpochMs): boolean;
  expireAttempt(attempt: TokenAttempt): void;
  /** Stands an intent of its own, such as a burn; a reference that was used is left as it is. */
  intend(intent: TokenIntent, at: EpochMs): void;
  /** For intents without a trade; a trade's intent ends with `TradeBooks.settle`, `undo` or `review`. */
  finish(intent: TokenIntent, signature: string): void;
  /** A person must look. The deed stays: what was sent may still land. */
  setAside(intent: TokenIntent, why: string): void;

  /** Wh whose minting was signed since a moment, the given intent left out: it is counted when it asks. */
  mintedSince(since: EpochMs, besides: TokenIntentId): number;
  /** True when nobody was told yet that this day's minting has stopped. */
  noteMintingStopped(day: EpochMs): boolean;
  /** Keeps the first chain for ever; answers what was kept. */
  noteChain(facts: ChainFacts): ChainFacts;
  chain(): ChainFacts | undefined;
  /** Keys were rotated: another fee payer on the same chain. */
  changeHub(hub: string): void;
  noteOwner(household: HouseholdId, owner: string, from: EpochMs): void;
  /** Of a household that has the key of its wallet. */
  ownAddress(household: HouseholdId): string | undefined;
  /** Who owned the household's tokens at a moment; undefined when it never had any. */
  ownerAt(household: HouseholdId, at: EpochMs): string | undefined;
  /** What was signed for intents and notes whose marker may stand: not ended, or its rent is not home. */
  markedBytes(): Uint8Array[];
  /** Ended intents whose marker still holds rent, oldest first, and the height after which no attempt can land. */
  rents(limit: number): { readonly intent: TokenIntentId; readonly pastHeight: number }[];
  rentReclaimed(intents: readonly TokenIntentId[], at: EpochMs): void;
}
