/** Registers at the moments when slots begin, read off the straight line between two readings. */
import type { MeterId } from './ids.ts';
import type { BoundaryRegisters, Reading, Registers } from './reading.ts';
import { hourMs, nextSlot, slotAt, slotMs, slotStart } from './slot.ts';
import { type EpochMs, epochMs, type MilliWattHours, milliWattHours } from './units.ts';

/** Further apart than this, the straight line would be a guess. */
export const neighboursApartMaxMs = hourMs;

type Dated = Registers & Pick<Reading, 'at'>;

/**
 * The registers at every slot start from `earlier` to `later`, both included; none when they are more
 * than an hour apart or not in the order of time. Rounded down to whole mWh, exact at the readings.
 */
export function registersBetween(
  meter: MeterId,
  earlier: Dated,
  later: Dated,
): BoundaryRegisters[] {
  const apartMs = later.at - earlier.at;
  if (apartMs <= 0 || apartMs > neighboursApartMaxMs) return [];
  const found: BoundaryRegisters[] = [];
  const roundedUp = epochMs(earlier.at + slotMs - 1);
  for (let slot = slotAt(roundedUp); slotStart(slot) <= later.at; slot = nextSlot(slot)) {
    found.push({ meter, slot, ...onTheLine(earlier, later, slotStart(slot)) });
  }
  return found;
}

function onTheLine(earlier: Dated, later: Dated, at: EpochMs): Registers {
  const part = at - earlier.at;
  const whole = later.at - earlier.at;
  const share = (from: MilliWattHours, to: MilliWattHours): MilliWattHours =>
    milliWattHours(from + scaled(to - from, part, whole));
  return {
    importMwh: share(earlier.importMwh, later.importMwh),
    exportMwh: share(earlier.exportMwh, later.exportMwh),
    generationMwh: share(earlier.generationMwh, later.generationMwh),
  };
}

/** floor(rise * part / whole) in steps that stay below 2^53 for any register. */
function scaled(rise: number, part: number, whole: number): number {
  return Math.floor(rise / whole) * part + Math.floor(((rise % whole) * part) / whole);
}
