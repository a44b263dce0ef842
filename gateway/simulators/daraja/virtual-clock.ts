/** A clock that stands still until it is told to go on: what is due on the way happens in its order, at its moment. */
import type { SimulatorClock } from './timetable.ts';

export type VirtualClock = SimulatorClock & {
  readonly at: NonNullable<SimulatorClock['at']>;
  /** Goes on by so many ms, and does what is due on the way, also what only becomes due by it. */
  advance(byMs: number): void;
  /** Jumps without doing anything, as a clock that somebody sets does; what is due happens at the next advance. */
  set(ms: number): void;
};

type Due = { readonly atMs: number; readonly order: number; readonly act: () => void };

/** Opens a clock that stands at `startMs`, in ms since 1970. */
export function virtualClock(startMs: number): VirtualClock {
  let nowMs = startMs;
  let orders = 0;
  const outstanding = new Set<Due>();

  function nextUntil(endMs: number): Due | undefined {
    let next: Due | undefined;
    for (const due of outstanding)
      if (due.atMs <= endMs && (next === undefined || isSooner(due, next))) next = due;
    return next;
  }

  function advance(byMs: number): void {
    const endMs = nowMs + Math.max(0, byMs);
    for (let due = nextUntil(endMs); due !== undefined; due = nextUntil(endMs)) {
      outstanding.delete(due);
      nowMs = Math.max(nowMs, due.atMs);
      due.act();
    }
    nowMs = Math.max(nowMs, endMs);
  }

  return {
    now: () => nowMs,
    speed: 1,
    advance,
    set: (ms) => {
      nowMs = ms;
    },
    at(atMs, act) {
      orders += 1;
      const due = { atMs, order: orders, act };
      outstanding.add(due);
      return () => void outstanding.delete(due);
    },
  };
}

const isSooner = (one: Due, other: Due): boolean =>
  one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);
