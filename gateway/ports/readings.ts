/** How readings enter and how the rest of the hub looks at them. */
import type { MeterId } from '../core/ids.ts';
import type { BoundaryRegisters, Reading } from '../core/reading.ts';
import type { Rollup, RollupWidth } from '../core/rollup.ts';
import type { EpochMs, SlotNumber } from '../core/units.ts';

/** Why a payload did not become a reading; each has a counter. */
export type Quarantine =
  | 'malformed'
  | 'too-large'
  | 'bad-signature'
  | 'replayed-with-other-content'
  | 'falling-register'
  | 'impossible-jump';

export type Verdict =
  | { readonly kept: true; readonly duplicate: boolean }
  | { readonly kept: false; readonly reason: Quarantine };

/**
 * Called after the transaction that holds the reading (or its quarantine row) is on disk, and only then may
 * the meter get its PUBACK. `ticket` is what the offer carried. Never called when the disk refuses: the meter
 * keeps its reading.
 */
export type Settled = (ticket: number, verdict: Verdict) => void;

/** Where meters' payloads go. */
export interface ReadingSink {
  /** The way in for one connection of an authenticated meter. */
  enter(meter: MeterId, settled: Settled): ReadingEntry;
  /** Calls back once after the last `settled` of each commit: PUBACKs of one socket fit in one write. */
  onSettled(listener: () => void): void;
}

export interface ReadingEntry {
  /**
   * Takes the raw payload that stands at `from` (included) to `to` (excluded) of `bytes`; the caller may reuse
   * them at once. False when too much waits for the disk already: nothing was taken, to be offered again
   * after the next settling.
   */
  offer(bytes: Uint8Array, from: number, to: number, ticket: number): boolean;
}

export interface ReadingCounts {
  /** Readings on disk, sealed and deleted-by-age ones included. */
  readonly stored: number;
  /** Payloads answered with a PUBACK since the start, quarantined and duplicate ones included. */
  readonly settled: number;
  readonly duplicates: number;
  readonly quarantined: Readonly<Partial<Record<Quarantine, number>>>;
}

export interface ReadingStore {
  /** Registers of every meter at the start of the slot, for meters whose readings bracket that moment. */
  registersAt(slot: SlotNumber): BoundaryRegisters[];
  /** The kept reading with the highest sequence number of each meter, from memory. */
  latest(): ReadonlyMap<MeterId, Reading>;
  /** Kept readings of one meter with from <= at < to, oldest first, at most `limit`; hot and sealed alike. */
  between(meter: MeterId, from: EpochMs, to: EpochMs, limit: number): Promise<Reading[]>;
  /**
   * Roll-ups whose bucket begins at from <= start < to, ordered by time; of one meter, or of all of them
   * bucket by bucket when `meter` is undefined. At most `limit`.
   */
  rollups(
    width: RollupWidth,
    meter: MeterId | undefined,
    from: EpochMs,
    to: EpochMs,
    limit: number,
  ): Promise<Rollup[]>;
  counts(): ReadingCounts;
  /** Calls back after each commit with the newest reading of every meter that it kept readings of. */
  onRecorded(listener: (newest: readonly Reading[]) => void): void;
}

/** Which meters hold a connection now. */
export interface MeterPresence {
  online(): ReadonlySet<MeterId>;
}
