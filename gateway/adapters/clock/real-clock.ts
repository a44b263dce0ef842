/** The clock of a hub in the field: wall time for the neighbourhood, monotonic time for the machine. */
import { existsSync } from 'node:fs';
import { epochMs } from '../../core/units.ts';
import type { MachineClock, NeighbourhoodClock } from '../../ports/clock.ts';

export type RealClockOptions = {
  /** The keeper vouches for the time. */
  readonly trusted?: boolean;
  /** systemd-timesyncd touches this file once the time is synchronised (systemd-timesyncd.service(8)). */
  readonly synchronizedPath?: string;
};

const timesyncPath = '/run/systemd/timesync/synchronized';

export function realClock({
  trusted = false,
  synchronizedPath = timesyncPath,
}: RealClockOptions = {}): NeighbourhoodClock & MachineClock {
  return {
    now: () => epochMs(Date.now()),
    elapsedMs: () => performance.now(),
    speed: 1,
    trust: () => (trusted || existsSync(synchronizedPath) ? 'trusted' : 'untrusted'),
  };
}
