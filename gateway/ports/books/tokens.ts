/** Token intents and the signed bytes that were made for them. */
import type { TokenIntentId, TradeId } from '../../core/ids.ts';
import type { TokenAttempt, TokenIntent } from '../../core/token.ts';
import type { EpochMs } from '../../core/units.ts';

export interface TokenBooks {
  find(id: TokenIntentId): TokenIntent | undefined;
  ofTrade(trade: TradeId): TokenIntent | undefined;
  openAttempt(intent: TokenIntentId): TokenAttempt | undefined;
  attempts(intent: TokenIntentId): number;
  /** On disk before the first send; a trade's state moves to 'transferring' with it. */
  saveAttempt(intent: TokenIntent, attempt: TokenAttempt, at: EpochMs): void;
  expireAttempt(attempt: TokenAttempt): void;
  /** Stands an intent of its own, such as a burn; a reference that was used is left as it is. */
  intend(intent: TokenIntent, at: EpochMs): void;
  /** For intents without a trade; a trade's intent ends with `TradeBooks.settle`, `undo` or `review`. */
  finish(intent: TokenIntent, signature: string): void;
  setAside(intent: TokenIntent, why: string): void;
}
