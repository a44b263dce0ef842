/** Slots and the Wh ledger. */
import type { Database } from 'better-sqlite3';
import type { HouseholdId } from '../../core/ids.ts';
import { epochMs, slotNumber, wattHours } from '../../core/units.ts';
import type { EnergyBooks, SlotClose } from '../../ports/books/energy.ts';
import { intentWriter, postingWriter } from './postings.ts';

type HistoryRow = {
  slot: number;
  household: string;
  exported_wh: number;
  imported_wh: number;
  late: number;
};

/** The energy family of books.db. */
export function energyBooks(db: Database): EnergyBooks {
  const post = postingWriter(db);
  const addIntents = intentWriter(db);
  const last = db.prepare<[], { number: number | null }>('SELECT max(number) AS number FROM slot');
  const first = db.prepare<[], { number: number | null }>('SELECT min(number) AS number FROM slot');
  const insertSlot = db.prepare('INSERT INTO slot (number, closed_ms) VALUES (?, ?)');
  const insertEnergy = db.prepare('INSERT INTO slot_energy VALUES (?, ?, ?, ?, ?)');
  const count = db.prepare(
    `UPDATE registration SET counted_slot = ?, counted_import_mwh = ?, counted_export_mwh = ?
     WHERE meter = ? AND until_ms IS NULL`,
  );
  const roundDue = db.prepare("INSERT INTO round (slot, state, at_ms) VALUES (?, 'due', ?)");
  const keepingDone = db.prepare('DELETE FROM keeping WHERE until_ms <= ?');
  const balance = db.prepare<[string], { balance: number }>(
    'SELECT balance FROM account WHERE id = ?',
  );

  const closeSlot = db.transaction((close: SlotClose) => {
    insertSlot.run(close.slot, close.at);
    for (const e of close.energies)
      insertEnergy.run(close.slot, e.household, e.exportedWh, e.importedWh, Number(e.late));
    for (const [meter, at] of close.counted) count.run(at.slot, at.importMwh, at.exportMwh, meter);
    post(close.postings, close.at);
    addIntents(close.intents, close.at);
    keepingDone.run(close.at);
    if (close.roundDue) roundDue.run(close.slot, close.at);
  });
  const whOf = (account: string) => wattHours(balance.get(account)?.balance ?? 0);

  return {
    nextSlot: () => {
      const number = last.get()?.number;
      return number === null || number === undefined ? undefined : slotNumber(number + 1);
    },
    firstSlot: () => {
      const number = first.get()?.number;
      return number === null || number === undefined ? undefined : slotNumber(number + 1);
    },
    beginAt: (slot) => {
      if (slot > 0) insertSlot.run(slot - 1, 0);
    },
    closeSlot: (close) => closeSlot.immediate(close),
    balanceOf: (household) => ({
      energyWh: whOf(`energy:${household}`),
      boughtWh: whOf(`bought:${household}`),
      needWh: whOf(`need:${household}`),
    }),
    ...energyViews(db),
  };
}

function energyViews(db: Database): Pick<EnergyBooks, 'history' | 'keepingOf' | 'onChainWh'> {
  const history = db.prepare<[string, number, number], HistoryRow>(
    'SELECT * FROM slot_energy WHERE household = ? AND slot >= ? AND slot < ? ORDER BY slot',
  );
  const keeping = db.prepare<[string], { until_ms: number; energy_wh: number }>(
    'SELECT until_ms, energy_wh FROM keeping WHERE household = ?',
  );
  // What leaves is gone when it is owed, what comes is there when it is final: moves land in any order.
  const onChain = db.prepare<[string, string], { wh: number }>(
    `SELECT (SELECT coalesce(sum(mint_wh - energy_wh), 0) FROM token_intent
             WHERE from_household = ? AND state <> 'failed')
          + (SELECT coalesce(sum(energy_wh), 0) FROM token_intent
             WHERE to_household = ? AND state = 'done') AS wh`,
  );
  return {
    history: (household, from, to) =>
      history.all(household, from, to).map((row) => ({
        slot: slotNumber(row.slot),
        household: row.household as HouseholdId,
        exportedWh: wattHours(row.exported_wh),
        importedWh: wattHours(row.imported_wh),
        late: row.late === 1,
      })),
    keepingOf: (household) => {
      const row = keeping.get(household);
      return row && { until: epochMs(row.until_ms), energyWh: wattHours(row.energy_wh) };
    },
    onChainWh: (household) => onChain.get(household, household)?.wh ?? 0,
  };
}
