/** Deadlines of the neighbourhood's clock that wait for real work. */
import { type EpochMs, epochMs } from './units.ts';

/**
 * The moment `waitMs` of neighbourhood time from now, but not sooner than `floorMs` of machine time:
 * at 600 times the speed, ten minutes would be over before a socket has answered.
 */
export const scaledDeadline = (
  now: EpochMs,
  speed: number,
  waitMs: number,
  floorMs: number,
): EpochMs => epochMs(Math.ceil(now + Math.max(waitMs, floorMs * speed)));

/** Floors in machine time, domain.md section 3. */
export const graceFloorMs = 2_000;
export const expiryFloorMs = 15_000;
/** How soon a socket is asked again, whatever the speed. */
export const askFloorMs = 250;
