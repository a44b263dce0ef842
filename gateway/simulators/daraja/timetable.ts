/** When simulated people and networks react: counted on the neighbourhood's clock, waited for on the machine's. */
import type { Random } from './random.ts';

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
};

/** A span of neighbourhood time that the dice choose from. */
export type Span = { readonly leastMs: number; readonly mostMs: number };

export type Timetable = {
  /** Runs `act` after so many ms of neighbourhood time. The answer calls it off. */
  after(neighbourhoodMs: number, act: () => void): () => void;
  within(span: Span): number;
  isFull(): boolean;
  clear(): void;
};

/** Opens the timetable; `clear` ends it, and nothing happens any more. */
export function openTimetable(clock: SimulatorClock, random: Random): Timetable {
  const outstanding = new Set<NodeJS.Timeout>();

  function after(neighbourhoodMs: number, act: () => void) {
    const machineMs = clock.speed > 0 ? neighbourhoodMs / clock.speed : latestMs;
    const waitMs = Math.min(Math.max(machineMs, soonestMs), latestMs);
    const timer = setTimeout(() => {
      outstanding.delete(timer);
      act();
    }, waitMs);
    outstanding.add(timer);
    return () => {
      clearTimeout(timer);
      outstanding.delete(timer);
    };
  }

  function clear(): void {
    for (const timer of outstanding) clearTimeout(timer);
    outstanding.clear();
  }

  return {
    after,
    clear,
    within: ({ leastMs, mostMs }) => leastMs + random() * (mostMs - leastMs),
    isFull: () => outstanding.size >= outstandingMax,
  };
}
