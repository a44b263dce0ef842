/** Each day's tree of receipts, and the note on the chain that carries its root. */
import type { TokenIntentId, TradeId } from '../../core/ids.ts';
import type { ReceiptDay } from '../../core/receipt.ts';
import type { TokenAttempt } from '../../core/token.ts';
import type { Trade } from '../../core/trade.ts';
import type { EpochMs } from '../../core/units.ts';

export type SettledTrade = {
  readonly trade: Trade & { readonly signature: string };
  readonly settledAt: EpochMs;
};

export interface ReceiptBooks {
  isClosed(day: string): boolean;
  /** Trades that were settled before a moment and are in no tree yet, in the order in which they were settled. */
  withoutReceipt(before: EpochMs, limit: number): SettledTrade[];
  /** One write: the tree, its receipts word by word in order, and the deed that notes its root. A day closes once. */
  closeDay(
    day: ReceiptDay,
    receipts: readonly { readonly trade: TradeId; readonly text: string }[],
    at: EpochMs,
  ): void;
  find(id: TokenIntentId): ReceiptDay | undefined;
  /** The tree in which a trade is, all its texts in order, and the trade's place. */
  ofTrade(
    trade: TradeId,
  ): { readonly day: ReceiptDay; readonly texts: string[]; readonly index: number } | undefined;

  openAttempt(day: TokenIntentId): TokenAttempt | undefined;
  attempts(day: TokenIntentId): number;
  /** Days that are not noted yet and for which something was signed. */
  underWay(): TokenIntentId[];
  /** The bytes that noted a day; undefined before they are final. */
  landedBytes(day: TokenIntentId): Uint8Array | undefined;
  /** On disk before the first send; false, and nothing is kept, when another attempt stands. */
  saveAttempt(day: TokenIntentId, attempt: TokenAttempt): boolean;
  expireAttempt(attempt: TokenAttempt): void;
  finish(day: TokenIntentId, signature: string): void;
  /** A person must look; the deed stays, because what was sent may still land. */
  setAside(day: TokenIntentId): void;
}
