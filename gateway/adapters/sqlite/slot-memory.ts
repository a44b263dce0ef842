/** What every household used and made in the last 45 days, kept in memory: advice asks for it every slot. */
import type { Database } from 'better-sqlite3';
import type { HouseholdId } from '../../core/ids.ts';
import { pastDaysMost, slotsPerDay } from '../../core/policy/past.ts';
import { RollingPast } from '../../core/policy/rolling-past.ts';
import { type SlotNumber, slotNumber } from '../../core/units.ts';
import type { EnergyBooks } from '../../ports/books/energy.ts';

type Row = [
  slot: number,
  household: string,
  importedWh: number,
  exportedWh: number,
  generatedWh: number | null,
];

/** Reads each slot once: all of them when it is first asked, and then what has closed since. */
export function slotMemory(db: Database): EnergyBooks['pastOf'] {
  const rows = db
    .prepare<[number, number], Row>(
      `SELECT slot, household, imported_wh, exported_wh, generated_wh FROM slot_energy
       WHERE slot >= ? AND slot < ? ORDER BY slot`,
    )
    .raw();
  const pasts = new Map<string, RollingPast>();
  let known = 0;
  const catchUp = (end: SlotNumber): void => {
    const from = Math.max(known, end - pastDaysMost * slotsPerDay);
    // Millions of rows after a start: they are read as they are, without objects.
    for (const [slot, household, importedWh, exportedWh, generatedWh] of rows.iterate(from, end)) {
      const past = pasts.get(household) ?? new RollingPast();
      pasts.set(household, past);
      const metered = { importedWh, exportedWh, generatedWh: generatedWh ?? undefined };
      past.note({ slot: slotNumber(slot), ...metered });
      known = slot + 1;
    }
  };
  return (household: HouseholdId, end) => {
    if (end > known) catchUp(end);
    return (pasts.get(household) ?? nobody).until(end);
  };
}

const nobody = new RollingPast();
