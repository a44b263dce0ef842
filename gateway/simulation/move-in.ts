/** Opens books in memory for a simulated hub and lets everybody move in. */
import { hashOf } from '../adapters/ids/ids.ts';
import { type OpenBooks, openBooks } from '../adapters/sqlite/open.ts';
import { communityHousehold, type HubSettings } from '../core/settings.ts';
import { slotAt } from '../core/slot.ts';
import { type EpochMs, slotNumber, wattHours } from '../core/units.ts';
import type { Resident } from './residents.ts';

export type BeginWith = {
  /** Where books are kept that somebody will open again. */
  readonly file?: string;
  readonly residents: readonly Resident[];
  readonly since: EpochMs;
  readonly settings: Partial<Record<keyof HubSettings, number>>;
};

/** Every slot closes at its end: nobody waits for meters that are late. */
export const simulatedSettings = {
  graceMs: 0,
  // A cap for a village; a simulated town makes more, and no person is there to raise it.
  mintDailyMaxWh: wattHours(1_000_000_000),
  payoutDayMostCents: 1_000_000_000,
};

export function moveIn({ file, residents, since, settings }: BeginWith): OpenBooks {
  const books = openBooks(file ?? ':memory:', { throwAway: file === undefined });
  books.together(() => {
    // One slot earlier: at its end every meter is seen for the first time, and counting begins.
    books.energy.beginAt(slotNumber(slotAt(since) - 1));
    for (const [name, value] of Object.entries({ ...simulatedSettings, ...settings }))
      books.settings.change(name as keyof HubSettings, value, since);
    for (const resident of residents) settle(books, resident, since);
  });
  return books;
}

function settle(books: OpenBooks, resident: Resident, since: EpochMs): void {
  const { id, phone, code, role, rule, gridMeter, panelMeter } = resident;
  const name = id === communityHousehold ? 'Community school' : `House ${resident.number + 1}`;
  books.households.add({ id, name, phone, code, role, language: 'sw', since }, rule);
  books.households.register(gridMeter, id, 'grid', hashOf(gridMeter), since);
  if (panelMeter !== undefined)
    books.households.register(panelMeter, id, 'pv', hashOf(panelMeter), since);
}
