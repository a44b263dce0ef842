/** Slots are 15 minutes of UTC; the neighbourhood lives in East Africa Time (UTC+3, no summer time). */
import { type EpochMs, epochMs, type SlotNumber, slotNumber } from './units.ts';

export const slotMs = 900_000;
export const minuteMs = 60_000;
export const hourMs = 3_600_000;
export const dayMs = 86_400_000;
const eastAfricaMs = 3 * hourMs;

export const slotAt = (at: EpochMs): SlotNumber => slotNumber(Math.floor(at / slotMs));
export const slotStart = (slot: SlotNumber): EpochMs => epochMs(slot * slotMs);
export const slotEnd = (slot: SlotNumber): EpochMs => epochMs((slot + 1) * slotMs);
export const nextSlot = (slot: SlotNumber): SlotNumber => slotNumber(slot + 1);

/** Number of the neighbourhood's day: it begins at 00:00 East Africa Time. */
export const dayOf = (at: EpochMs): number => Math.floor((at + eastAfricaMs) / dayMs);

/** Milliseconds since the neighbourhood's midnight. */
export const timeOfDayMs = (at: EpochMs): number => (at + eastAfricaMs) % dayMs;

/** The first moment at or after `at` when the neighbourhood's clocks show `timeMs` since midnight. */
export const nextTimeOfDay = (at: EpochMs, timeMs: number): EpochMs => {
  const wait = (timeMs - timeOfDayMs(at) + dayMs) % dayMs;
  return epochMs(at + wait);
};

/** The neighbourhood's last midnight. */
export const startOfDay = (at: EpochMs): EpochMs => epochMs(dayOf(at) * dayMs - eastAfricaMs);
