/** What the event loop and the writing thread say to each other. */
import type { Reading } from '../../core/reading.ts';
import type { Quarantine, ReadingCounts, Verdict } from '../../ports/readings.ts';

export type WriterOptions = {
  readonly file: string;
  readonly fileBytesMax: number | undefined;
};

export type ToWriter =
  | { readonly kind: 'batch'; readonly buffer: ArrayBuffer; readonly used: number }
  | { readonly kind: 'close' };

export type FromWriter =
  | { readonly kind: 'ready'; readonly latest: readonly Reading[]; readonly counts: ReadingCounts }
  | {
      readonly kind: 'committed';
      /** One number per payload, in order: its place in `verdicts`. */
      readonly verdicts: Uint8Array;
      readonly kept: readonly Reading[];
      readonly counts: ReadingCounts;
      /** A meter sends what it measured while its link was down, one reading at a time. */
      readonly backlog: boolean;
      readonly buffer: ArrayBuffer;
    }
  /** The disk said no; the writer tries the same batch again by itself. */
  | { readonly kind: 'refused'; readonly code: string };

export const quarantines: readonly Quarantine[] = [
  'malformed',
  'too-large',
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
