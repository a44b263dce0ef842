/** A hub's clock that somebody sets wrong, while real time goes on. */
import type { SteppedClock } from '../../gateway/adapters/clock/stepped-clock.ts';
import { epochMs } from '../../gateway/core/units.ts';

export type JumpyClock = SteppedClock & {
  /** What it would show if nobody had touched it. */
  readonly truth: () => number;
  /** From now on it is wrong by so many ms. */
  beWrongBy(ms: number): void;
};

/** Machine time only ever goes forward. */
export function jumpyClock(startMs: number): JumpyClock {
  let [truth, wrongMs] = [startMs, 0];
  const advance = (byMs: number): void => {
    truth += byMs;
  };
  return {
    now: () => epochMs(truth + wrongMs),
    truth: () => truth,
    elapsedMs: () => truth - startMs,
    speed: 1,
    trust: () => 'trusted',
    set: (atMs) => advance(atMs - truth),
    advance,
    beWrongBy: (ms) => {
      wrongMs = ms;
    },
  };
}
