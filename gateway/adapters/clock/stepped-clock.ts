/** A clock that stands still until it is set: for tests and for simulation faster than real time. */
import { type EpochMs, epochMs } from '../../core/units.ts';
import type { MachineClock, NeighbourhoodClock } from '../../ports/clock.ts';

export interface SteppedClock extends NeighbourhoodClock, MachineClock {
  /** Moves both clocks forward to that neighbourhood time. Throws when it lies in the past. */
  set(atMs: number): void;
  /** Moves both clocks forward by that many ms. */
  advance(byMs: number): void;
}

/** Machine time moves along with neighbourhood time, from 0. */
export function steppedClock(startMs: number): SteppedClock {
  let now: EpochMs = epochMs(startMs);
  const set = (atMs: number): void => {
    if (atMs < now) throw new RangeError(`the clock shows ${now} and cannot go back to ${atMs}`);
    now = epochMs(atMs);
  };
  return {
    now: () => now,
    elapsedMs: () => now - startMs,
    speed: 1,
    trust: () => 'trusted',
    set,
    advance: (byMs) => set(now + byMs),
  };
}
