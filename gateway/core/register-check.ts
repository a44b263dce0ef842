/** Registers only grow, and no faster than wires allow: domain.md section 2, facts of the meter's registers. */
import type { Registers } from './reading.ts';
import type { Milestone, Neighbours } from './seen-ranges.ts';
import { dayMs, hourMs } from './slot.ts';

export type RegisterFault = 'falling-register' | 'impossible-jump';

/** More than any household connection carries: 100 kW. */
export const powerMaxMw = 100_000_000;
/** What may pass in no time, because clocks are whole seconds and get corrected: 1 kWh. */
export const jumpSlackMwh = 1_000_000;
/** A reading dated by its receipt may be this much older than it seems. */
export const receiptDoubtMs = dayMs;

/** What is wrong with a reading beside its neighbours in sequence order; undefined when it fits. */
export function checkRegisters(
  reading: Milestone,
  { before, after }: Neighbours,
): RegisterFault | undefined {
  return (before && checkPair(before, reading)) ?? (after && checkPair(reading, after));
}

/** Whether no register of `later` is below that of `earlier`. */
export const neverFalls = (earlier: Registers, later: Registers): boolean =>
  later.importMwh >= earlier.importMwh &&
  later.exportMwh >= earlier.exportMwh &&
  later.generationMwh >= earlier.generationMwh;

/** How much a register may rise in that time, in mWh. */
export const riseMaxMwh = (elapsedMs: number): number =>
  jumpSlackMwh + Math.floor((powerMaxMw / hourMs) * elapsedMs);

function checkPair(earlier: Milestone, later: Milestone): RegisterFault | undefined {
  if (!neverFalls(earlier, later)) return 'falling-register';
  const doubtful = earlier.timeSource === 'receipt' || later.timeSource === 'receipt';
  const elapsedMs = Math.max(0, later.at - earlier.at) + (doubtful ? receiptDoubtMs : 0);
  const riseMwh = Math.max(
    later.importMwh - earlier.importMwh,
    later.exportMwh - earlier.exportMwh,
    later.generationMwh - earlier.generationMwh,
  );
  return riseMwh > riseMaxMwh(elapsedMs) ? 'impossible-jump' : undefined;
}
