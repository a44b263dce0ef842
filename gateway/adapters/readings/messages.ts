/** What the event loop and the writing thread say to each other. */
import type { MeterId } from '../../core/ids.ts';
import type { Reading } from '../../core/reading.ts';
import type { RollupWidth } from '../../core/rollup.ts';
import type { EpochMs } from '../../core/units.ts';
import type { Quarantine, Verdict } from '../../ports/readings.ts';
import type { Packed } from './answers.ts';
import type { DiskBoard } from './disk-board.ts';
import type { HubTime } from './doubt.ts';
import type { Durability } from './open-database.ts';

export type WriterOptions = {
  readonly file: string;
  readonly fileBytesMax: number | undefined;
  readonly durability: Durability;
  readonly retentionDays: RetentionDays;
  readonly board: DiskBoard;
};

/** How long sealed readings and roll-ups are kept, in days; what is older is deleted bit by bit. */
export type RetentionDays = {
  readonly raw: number;
  readonly minute: number;
  readonly quarter: number;
};

/** A meter that speaks for the first time since the start; batches call it by its number. */
export type Introduction = {
  readonly number: number;
  readonly meter: MeterId;
  /** 32 bytes of Ed25519; with it, every reading must be signed. */
  readonly publicKey: Uint8Array | undefined;
};

export type Batch = {
  readonly kind: 'batch';
  /** Counts up; batches are committed in this order. */
  readonly number: number;
  readonly introductions: readonly Introduction[];
  /** Payloads one after another. */
  readonly bytes: ArrayBuffer;
  /** Four numbers per payload: the meter's number, from, to, and when it was received. */
  readonly index: Float64Array<ArrayBuffer>;
  readonly count: number;
};

type Span = { readonly from: EpochMs; readonly to: EpochMs; readonly limit: number };

export type Question =
  | ({ readonly name: 'between'; readonly meter: MeterId } & Span)
  | ({
      readonly name: 'rollups';
      readonly width: RollupWidth;
      readonly meter: MeterId | undefined;
    } & Span);

export type ToWriter =
  | Batch
  | { readonly kind: 'question'; readonly id: number; readonly question: Question }
  /** Time has come to `now`: what is due may be sealed and, where time can be believed, what is too old deleted. */
  | { readonly kind: 'tick'; readonly now: EpochMs; readonly mayForget: boolean }
  /** What was offered before is dated by another time than what comes after. */
  | { readonly kind: 'turn'; readonly time: HubTime; readonly isBelieved: boolean }
  /** The disk thread has heard that the disk fails. */
  | { readonly kind: 'mend' }
  | { readonly kind: 'close' };

export type FromWriter =
  | { readonly kind: 'ready'; readonly latest: readonly Reading[]; readonly stored: number }
  /** Committed, and on the disk when the disk thread says so. */
  | {
      readonly kind: 'committed';
      /** Of the batch. */
      readonly number: number;
      /** One number per payload, in order: its place in `verdicts`. */
      readonly verdicts: Uint8Array<ArrayBuffer>;
      /** The newest reading of each meter that the batch kept readings of; latest-readings.ts has the layout. */
      readonly latest: Float64Array<ArrayBuffer>;
      /** A meter sends what it measured while its link was down, one reading at a time. */
      readonly backlog: boolean;
      readonly stored: number;
      readonly bytes: ArrayBuffer;
      readonly index: Float64Array<ArrayBuffer>;
    }
  /** Each turn is answered, in order. The newest reading of each meter comes with it when readings moved. */
  | { readonly kind: 'turned'; readonly moved: number; readonly latest: readonly Reading[] }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: Packed }
  | { readonly kind: 'no-answer'; readonly id: number; readonly why: string }
  /** The disk said no; the writer tries the same batch again by itself. */
  | { readonly kind: 'refused'; readonly code: string }
  /** The disk said no to something that can wait: sealing, or deleting what is old. */
  | { readonly kind: 'delayed'; readonly code: string };

/** What the disk thread says. */
export type FromDisk =
  /** Every batch up to this number is on the disk. */
  | { readonly kind: 'on-disk'; readonly number: number }
  /** What was committed may not be there: it must be written anew. */
  | { readonly kind: 'failed'; readonly code: string };

export const quarantines: readonly Quarantine[] = [
  'malformed',
  'too-large',
  'bad-signature',
  'replayed-with-other-content',
  'falling-register',
  'impossible-jump',
];

export const keptVerdict = 0;
export const duplicateVerdict = 1;
export const verdicts: readonly Verdict[] = [
  { kept: true, duplicate: false },
  { kept: true, duplicate: true },
  ...quarantines.map((reason): Verdict => ({ kept: false, reason })),
];
export const quarantineVerdict = (reason: Quarantine): number => 2 + quarantines.indexOf(reason);
