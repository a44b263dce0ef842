/** How much a slot writes to the hub's card, which wears out with every page. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { meterEnergy } from '../../../gateway/core/ledger.ts';
import { slotAt, slotEnd } from '../../../gateway/core/slot.ts';
import { epochMs, type SlotNumber, slotNumber, wattHours } from '../../../gateway/core/units.ts';
import { moveIn } from '../../../gateway/simulation/move-in.ts';
import { residentsOf } from '../../../gateway/simulation/residents.ts';

const wearing = suite('what a slot writes to the card');

const since = epochMs(Date.parse('2026-06-15T00:00:00+03:00'));
const [households, slots, pageBytes] = [300, 60, 4_096];
/** Postings, their keys, slot energies and balances of everybody fill near 25. */
const pagesMost = 50;

/** Bytes written ahead by the last of many slots, in which everybody exported. */
function bytesOfASlot(file: string): number {
  const residents = residentsOf({ seed: 1, households, panels: true, batteries: false });
  using books = moveIn({ file, residents, since, settings: {} });
  const other = new Database(file);
  const first = slotAt(since);
  for (let n = 0; n < slots; n++) {
    const slot: SlotNumber = slotNumber(first + n);
    other.pragma('wal_checkpoint(TRUNCATE)');
    const energies = residents.map(({ id }) => ({
      ...{ slot, household: id, late: false },
      ...{ exportedWh: wattHours(100), importedWh: wattHours(0) },
    }));
    const postings = residents.flatMap(({ id }) =>
      meterEnergy(slot, id, wattHours(100), wattHours(0)),
    );
    const rest = { counted: new Map(), intents: [], roundDue: false };
    books.energy.closeSlot({ slot, at: slotEnd(slot), energies, postings, ...rest });
  }
  other.close();
  return statSync(`${file}-wal`).size;
}

wearing('postings that nobody looks up by account write no page of their own', () => {
  const folder = mkdtempSync(join(tmpdir(), 'jirani-card-'));
  const pages = bytesOfASlot(join(folder, 'books.db')) / pageBytes;
  rmSync(folder, { recursive: true });
  assert.ok(pages <= pagesMost, `${Math.round(pages)} pages for ${households} households`);
});

wearing.run();
