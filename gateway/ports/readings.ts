/** How readings enter and how the rest of the hub looks at them. */
import type { MeterId } from '../core/ids.ts';
import type { BoundaryRegisters, Reading } from '../core/reading.ts';
import type { EpochMs, SlotNumber } from '../core/units.ts';

/** Why a payload did not become a reading; each has a counter. */
export type Quarantine =
  | 'malformed'
  | 'too-large'
  | 'replayed-with-other-content'
  | 'falling-register'
  | 'impossible-jump';

export type Verdict =
  | { readonly kept: true; readonly duplicate: boolean }
  | { readonly kept: false; readonly reason: Quarantine };

/** Where meters' payloads go. A faster front replaces only what stands behind this port. */
export interface ReadingSink {
  /**
   * Takes a raw payload of an authenticated meter. `settled` is called after the transaction that holds
   * the reading (or its quarantine row) is on disk, and only then may the meter get its PUBACK. It is
   * never called when the disk refuses: the meter keeps its reading.
   */
  offer(meter: MeterId, payload: Uint8Array, settled: (verdict: Verdict) => void): void;
}

export type ReadingResolution = 'raw' | '15min';

export interface ReadingCounts {
  /** Rows on disk. */
  readonly stored: number;
  /** Payloads answered with a PUBACK, quarantined and duplicate ones included. */
  readonly settled: number;
  readonly duplicates: number;
  readonly quarantined: Readonly<Partial<Record<Quarantine, number>>>;
}

export interface ReadingStore {
  /** Registers of every meter at the start of the slot, for meters whose readings bracket that moment. */
  registersAt(slot: SlotNumber): BoundaryRegisters[];
  /** The last kept reading of each meter, from memory. */
  latest(): ReadonlyMap<MeterId, Reading>;
  /** Kept readings of one meter with from <= at < to, oldest first, at most `limit`. */
  between(meter: MeterId, from: EpochMs, to: EpochMs, limit: number): Reading[];
  counts(): ReadingCounts;
  /** Calls back after each commit with the readings that it kept. */
  onRecorded(listener: (readings: readonly Reading[]) => void): void;
}

/** Which meters hold a connection now. */
export interface MeterPresence {
  online(): ReadonlySet<MeterId>;
}
