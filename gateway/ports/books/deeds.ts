/** Intentions that are not yet done, and messages that are not yet read. */
import type { InboxId } from '../../core/ids.ts';
import type { EpochMs } from '../../core/units.ts';
import type { CallbackKind } from '../mobile-money.ts';

export type DeedKind =
  | 'ring-phone'
  | 'ask-about-topup'
  | 'send-tokens'
  | 'reclaim-rent'
  | 'note-receipts'
  | 'look-at-wallet'
  | 'pay-out'
  | 'ask-about-payout'
  /** Of a callback: what is done about it depends on what its path was given out for. */
  | 'read-push'
  | 'read-payout'
  | 'read-reversal'
  | 'read-balance'
  | 'read-confirmation'
  | 'reverse'
  | 'ask-about-reversal'
  | 'ask-balance'
  /** Of a command to a meter. */
  | 'tell-command'
  | 'compare-payments';

export type Deed = {
  readonly key: string;
  readonly kind: DeedKind;
  readonly subject: string;
  readonly dueMs: number;
  readonly tries: number;
};

export interface DeedBooks {
  /** Oldest first; of all kinds unless some are named. */
  due(now: EpochMs, limit: number, kinds?: readonly DeedKind[]): Deed[];
  done(key: string): void;
  /** Only while it is still due when it `was`: what somebody moved meanwhile keeps its new time. */
  later(key: string, due: EpochMs, was: number): void;
  /** Brings a deed forward, or makes it. */
  hasten(kind: DeedKind, subject: string, due: EpochMs): void;
  /** Makes a deed; one that stands keeps its time. */
  ensure(kind: DeedKind, subject: string, due: EpochMs): void;
  /** The same deed for many, in one write. */
  ensureAll(kind: DeedKind, subjects: readonly string[], due: EpochMs): void;
  /** After a start everything is due. */
  wakeAll(): void;
  waiting(): number;
}

export type InboxMessage = {
  readonly id: InboxId;
  readonly kind: CallbackKind;
  /** The top-up or payout that the path was given out for. */
  readonly subject: string;
  readonly body: Uint8Array;
  /** When it was kept. */
  readonly at: EpochMs;
};

/** What a callback path is for: nothing (never given out, or over), one answer, or messages for all time. */
export type PathUse = 'none' | 'once' | 'standing';

export interface InboxBooks {
  /** Answered from memory, without a look at the disk; never 'none' for a path that `keep` would know. */
  useOfPath(pathHash: string, at: EpochMs): PathUse;
  /**
   * Keeps the raw bytes and the deed that reads them. The same bytes on the same path are kept once. 'too-many'
   * for a path, or an inbox, that is full; the first message of a path is always kept.
   */
  keep(
    pathHash: string,
    body: Uint8Array,
    bodyHash: string,
    id: InboxId,
    at: EpochMs,
  ): 'kept' | 'unknown' | 'too-many';
  /** Drops paths that ended before this moment and brought no message. */
  forgetPaths(before: EpochMs): void;
  find(id: InboxId): InboxMessage | undefined;
  markRead(id: InboxId, readAs: string): void;
}
