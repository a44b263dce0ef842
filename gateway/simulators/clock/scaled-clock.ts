/** The simulators' own neighbourhood clock, so that a mistake in the hub's clock is not hidden here. */
import { type EpochMs, epochMs } from '../../core/units.ts';
import type { NeighbourhoodClock } from '../../ports/clock.ts';

export type ScaledTime = {
  /** `process.hrtime.bigint()` of the moment that both processes agree on; one machine has one such counter. */
  readonly originMachineNs: bigint;
  readonly originNeighbourhoodMs: number;
  /** Neighbourhood ms per machine ms. */
  readonly speed: number;
};

export function simulatedClock(time: ScaledTime): NeighbourhoodClock {
  const now = (): EpochMs => {
    const machineMs = Number(process.hrtime.bigint() - time.originMachineNs) / 1e6;
    return epochMs(Math.floor(time.originNeighbourhoodMs + machineMs * time.speed));
  };
  return { now, speed: time.speed, trust: () => 'trusted' };
}
