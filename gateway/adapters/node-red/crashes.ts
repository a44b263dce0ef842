/** Counts crashes, and says when Node-RED shall start with stopped flows. */
import type { Patience } from './limits.ts';

export interface Crashes {
  add(atMs: number): void;
  /** Too many within the window: whatever the flows do, they do it again. */
  isTooMany(atMs: number): boolean;
  /** The keeper changed the flows: they get another chance. */
  forget(): void;
}

export function countCrashes({ crashesMost, crashWindowMs }: Patience): Crashes {
  let moments: number[] = [];
  return {
    add: (atMs) => {
      moments = [...moments, atMs].slice(-crashesMost);
    },
    isTooMany: (atMs) =>
      moments.filter((moment) => atMs - moment <= crashWindowMs).length >= crashesMost,
    forget: () => {
      moments = [];
    },
  };
}
