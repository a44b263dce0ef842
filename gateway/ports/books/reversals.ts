/**
 * Payments that go back to the phone that made them. A person orders one by the step `reverseReceipt`; the
 * outbox does the rest. Each call is one transaction.
 */
import type { ReversalId } from '../../core/ids.ts';
import type { Pause } from '../../core/pause.ts';
import type { Reversal, ReversalState } from '../../core/reversal.ts';
import type { Cents, EpochMs } from '../../core/units.ts';
import type { Heard, QuestionPaths, TransactionUse } from './money.ts';

export interface ReversalBooks {
  find(id: ReversalId): Reversal | undefined;
  /** The newest order for this receipt; one that failed is no obstacle to another. */
  ofReceipt(receipt: string): Reversal | undefined;
  inStates(states: readonly ReversalState[]): Reversal[];
  /** What can be given back: suspense, or the wallet of a household. */
  thereIn(household: Reversal['household']): Cents;

  /** The row, the money set aside, and the deed. */
  order(reversal: Reversal, at: EpochMs): void;
  /** Written before the call. Throws when the order is over, or may be under way and may not be repeated. */
  markSent(reversal: Reversal, paths: QuestionPaths, at: EpochMs): void;
  pending(reversal: Reversal, mpesaConversationId: string, askAt: EpochMs): void;
  notSent(reversal: Reversal, why: string, again: EpochMs): void;
  unsure(reversal: Reversal, why: string, askAt: EpochMs): void;
  /** Nothing is sent before this moment. */
  hold(reversal: Reversal, why: string, until: EpochMs): void;
  noteQuestion(reversal: Reversal, paths: QuestionPaths, next: EpochMs): void;
  asked(reversal: Reversal): void;
  /** The original payment still stands: the order may be sent once more, which M-Pesa refuses if it was done. */
  stands(reversal: Reversal, at: EpochMs): void;
  /** A result that ends nothing; the original payment is asked about at `askAt`. True when a pause began. */
  heard(reversal: Reversal, heard: Heard, pause: Pause | undefined): boolean;
  /** The payment went back. */
  finish(reversal: Reversal, transactionId: string | undefined, at: EpochMs): TransactionUse;
  /** It is certain that nothing went back: the money is where it was. True when this call did it. */
  fail(reversal: Reversal, why: string, at: EpochMs): boolean;
  /** A person must look. True when this call did it. */
  review(reversal: Reversal, why: string, at: EpochMs): boolean;
}
