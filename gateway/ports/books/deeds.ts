/** Intentions that are not yet done, and messages that are not yet read. */
import type { InboxId } from '../../core/ids.ts';
import type { EpochMs } from '../../core/units.ts';
import type { CallbackKind } from '../mobile-money.ts';

export type DeedKind =
  | 'ring-phone'
  | 'ask-about-topup'
  | 'send-tokens'
  | 'pay-out'
  | 'ask-about-payout'
  | 'read-callback';

export type Deed = {
  readonly key: string;
  readonly kind: DeedKind;
  readonly subject: string;
  readonly tries: number;
};

export interface DeedBooks {
  /** Oldest first; of all kinds unless some are named. */
  due(now: EpochMs, limit: number, kinds?: readonly DeedKind[]): Deed[];
  done(key: string): void;
  later(key: string, due: EpochMs): void;
  /** Brings a deed forward, or makes it. */
  hasten(kind: DeedKind, subject: string, due: EpochMs): void;
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
};

export interface InboxBooks {
  /** Keeps the raw bytes and the deed that reads them. The same bytes on the same path are kept once. */
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
