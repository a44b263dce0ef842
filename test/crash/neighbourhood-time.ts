/** A clock on which hours pass in fractions of a second, the same for meters and hub. */
import { type EpochMs, epochMs } from '../../gateway/core/units.ts';

export type FastClock = {
  /** The machine's time at which the neighbourhood's clock shows `startsAt`. */
  readonly startedMs: number;
  readonly startsAt: EpochMs;
};

/** An hour passes in a quarter of a second. */
const speed = 14_400;
/** 2027-01-15T08:00Z. */
const firstMorning = epochMs(2_000_000 * 900_000);

export const aFastClock = (): FastClock => ({ startedMs: Date.now(), startsAt: firstMorning });

export const neighbourhoodTime = ({ startedMs, startsAt }: FastClock): EpochMs =>
  epochMs(startsAt + (Date.now() - startedMs) * speed);
