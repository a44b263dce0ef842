/** The clock of a demo: neighbourhood time runs `speed` times faster, alike in all processes of the machine. */
import { epochMs } from '../../core/units.ts';
import type { MachineClock, NeighbourhoodClock } from '../../ports/clock.ts';

export type ScaledClockOptions = {
  /** `process.hrtime.bigint()` at the origin: CLOCK_MONOTONIC, which all processes of one machine share. */
  readonly originMachineNs: bigint;
  readonly originNeighbourhoodMs: number;
  /** Neighbourhood ms per machine ms, above 0. */
  readonly speed: number;
};

/** Throws when the speed is not a number above 0. */
export function scaledClock(options: ScaledClockOptions): NeighbourhoodClock & MachineClock {
  const { originMachineNs, originNeighbourhoodMs, speed } = options;
  if (!(Number.isFinite(speed) && speed > 0))
    throw new RangeError(`a clock cannot run at ${speed}`);
  const sinceOriginMs = (): number => Number(process.hrtime.bigint() - originMachineNs) / 1e6;
  return {
    now: () => epochMs(Math.floor(originNeighbourhoodMs + sinceOriginMs() * speed)),
    elapsedMs: () => performance.now(),
    speed,
    trust: () => 'trusted',
  };
}
