/** When the neighbourhood's clock begins. */
import { join } from 'node:path';
import { storedReadings } from '../adapters/readings/stored-readings.ts';
import { openBooks } from '../adapters/sqlite/open.ts';
import { slotStart } from '../core/slot.ts';
import type { DemoPlan } from './demo-plan.ts';

const startHours = 2 * 24 + 9;

/**
 * 09:00 of the first day, or where an earlier demo in this folder stopped: after its last reading, because
 * registers never fall and every life of the meters has a number of its own.
 */
export function startOfDemo(dataDir: string, { originMs }: Pick<DemoPlan, 'originMs'>): number {
  using books = openBooks(join(dataDir, 'books.db'));
  const next = books.energy.nextSlot();
  return Math.max(
    originMs + startHours * 3_600_000,
    next === undefined ? 0 : slotStart(next),
    lastReadingMs(dataDir) + 1000,
  );
}

function lastReadingMs(dataDir: string): number {
  let last = 0;
  for (const { at } of storedReadings(join(dataDir, 'readings.db'))) last = Math.max(last, at);
  return last;
}
