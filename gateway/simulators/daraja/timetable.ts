/** When simulated people and networks react: counted on the neighbourhood's clock, waited for on the machine's. */
import type { Dice } from './random.ts';

/** Even in a very fast neighbourhood nobody reacts sooner, in machine ms. */
const soonestMs = 30;
/** The longest that a timer can wait, in machine ms. */
const latestMs = 2 ** 31 - 1;
/** Reactions that may be outstanding; beyond it M-Pesa says that it is busy. */
const outstandingMax = 20_000;

export type SimulatorClock = {
  /** Neighbourhood time, in ms since 1970. */
  now(): number;
  /** Neighbourhood ms per machine ms. */
  readonly speed: number;
  /** Only a virtual clock: runs `act` when it is moved to that moment. The answer calls it off. */
  readonly at?: (atMs: number, act: () => void) => () => void;
};

/** A span of neighbourhood time that the dice choose from. */
export type Span = { readonly leastMs: number; readonly mostMs: number };

export type Timetable = {
  /** Runs `act` after so many ms of neighbourhood time. The answer calls it off. */
  after(neighbourhoodMs: number, act: () => void): () => void;
  /** Each stream of the dice is thrown apart, so that phones do not disturb each other. */
  within(span: Span, stream: string): number;
  isFull(): boolean;
  clear(): void;
};

/** Opens the timetable; `clear` ends it, and nothing happens any more. */
export function openTimetable(clock: SimulatorClock, dice: Dice): Timetable {
  const outstanding = new Set<() => void>();

  function after(neighbourhoodMs: number, act: () => void) {
    const callOff = wait(clock, neighbourhoodMs, () => {
      outstanding.delete(forget);
      act();
    });
    const forget = () => {
      callOff();
      outstanding.delete(forget);
    };
    outstanding.add(forget);
    return forget;
  }

  return {
    after,
    clear: () => {
      for (const forget of outstanding) forget();
    },
    within: ({ leastMs, mostMs }, stream) => leastMs + dice(stream) * (mostMs - leastMs),
    isFull: () => outstanding.size >= outstandingMax,
  };
}

function wait(clock: SimulatorClock, neighbourhoodMs: number, act: () => void): () => void {
  if (clock.at !== undefined) return clock.at(clock.now() + neighbourhoodMs, act);
  const machineMs = clock.speed > 0 ? neighbourhoodMs / clock.speed : latestMs;
  const timer = setTimeout(act, Math.min(Math.max(machineMs, soonestMs), latestMs));
  return () => clearTimeout(timer);
}
