/** The two clocks of the hub. Sun, slots and people follow the first; sockets and deadlines the second. */
import type { EpochMs } from '../core/units.ts';

/** How far wall time can be believed: synchronised; power came back without network; not at all. */
export type ClockTrust = 'trusted' | 'provisional' | 'untrusted';

export interface NeighbourhoodClock {
  now(): EpochMs;
  /** Neighbourhood milliseconds per machine millisecond; 1 outside demo and simulation. */
  readonly speed: number;
  trust(): ClockTrust;
}

/** Machine time is monotonic and never scaled. */
export interface MachineClock {
  /** Milliseconds since an arbitrary start; never goes back. */
  elapsedMs(): number;
}
