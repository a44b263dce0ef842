/** Slots and the Wh ledger. */
import type { Database } from 'better-sqlite3';
import type { HouseholdId } from '../../core/ids.ts';
import { epochMs, slotNumber, wattHours } from '../../core/units.ts';
import type { EnergyBooks, MeteredEnergy, SlotClose } from '../../ports/books/energy.ts';
import { intentWriter, postingWriter } from './postings.ts';
import { slotMemory } from './slot-memory.ts';

type HistoryRow = {
  slot: number;
  household: string;
  exported_wh: number;
  imported_wh: number;
  late: number;
  generated_wh: number | null;
};

const toSlotEnergy = (row: HistoryRow): MeteredEnergy => ({
  slot: slotNumber(row.slot),
  household: row.household as HouseholdId,
  exportedWh: wattHours(row.exported_wh),
  importedWh: wattHours(row.imported_wh),
  late: row.late === 1,
  ...(row.generated_wh === null ? {} : { generatedWh: wattHours(row.generated_wh) }),
});

/** The energy family of books.db. */
export function energyBooks(db: Database): EnergyBooks {
  const post = postingWriter(db);
  const addIntents = intentWriter(db);
  const last = db.prepare<[], { number: number | null }>('SELECT max(number) AS number FROM slot');
  const first = db.prepare<[], { number: number | null }>('SELECT min(number) AS number FROM slot');
  const insertSlot = db.prepare('INSERT INTO slot (number, closed_ms) VALUES (?, ?)');
  const insertEnergy = db.prepare('INSERT INTO slot_energy VALUES (?, ?, ?, ?, ?, ?)');
  const count = db.prepare(
    `UPDATE registration SET counted_slot = ?, counted_import_mwh = ?, counted_export_mwh = ?,
       counted_generation_mwh = ? WHERE meter = ? AND until_ms IS NULL`,
  );
  const roundDue = db.prepare("INSERT INTO round (slot, state, at_ms) VALUES (?, 'due', ?)");
  const keepLess = db.prepare('UPDATE keeping SET energy_wh = ? WHERE household = ?');
  const keepingDone = db.prepare('DELETE FROM keeping WHERE until_ms <= ?');
  const balance = db.prepare<[string], { balance: number }>(
    'SELECT balance FROM account WHERE id = ?',
  );

  const closeSlot = db.transaction((close: SlotClose) => {
    insertSlot.run(close.slot, close.at);
    for (const e of close.energies) {
      const amounts = [e.exportedWh, e.importedWh, Number(e.late), e.generatedWh ?? null];
      insertEnergy.run(close.slot, e.household, ...amounts);
    }
    for (const [meter, at] of close.counted)
      count.run(at.slot, at.importMwh, at.exportMwh, at.generationMwh ?? null, meter);
    for (const [household, keptWh] of close.kept ?? []) keepLess.run(keptWh, household);
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

type Views = Pick<EnergyBooks, 'history' | 'between' | 'pastOf' | 'keepingOf' | 'onChainWh'>;

function energyViews(db: Database): Views {
  const history = db.prepare<[string, number, number], HistoryRow>(
    'SELECT * FROM slot_energy WHERE household = ? AND slot >= ? AND slot < ? ORDER BY slot',
  );
  const between = db.prepare<[number, number], HistoryRow>(
    'SELECT * FROM slot_energy WHERE slot >= ? AND slot < ? ORDER BY slot',
  );
  const keeping = db.prepare<[string], { until_ms: number; energy_wh: number }>(
    'SELECT until_ms, energy_wh FROM keeping WHERE household = ?',
  );
  // What leaves is gone when it is owed, what comes is there when it is final: moves land in any order.
  const onChain = db.prepare<[{ who: string }], { wh: number }>(
    `SELECT (SELECT coalesce(sum(mint_wh - energy_wh), 0) FROM token_intent
             WHERE from_household = @who AND state <> 'failed')
          + (SELECT coalesce(sum(energy_wh), 0) FROM token_intent
             WHERE to_household = @who AND state = 'done')
          - (SELECT coalesce(sum(s.energy_wh), 0) FROM burn_share s
             JOIN token_intent i ON i.id = s.intent
             WHERE s.household = @who AND i.state <> 'failed')
          - (SELECT coalesce(sum(left_wh), 0) FROM own_wallet WHERE household = @who)
          + (SELECT coalesce(sum(amount), 0) FROM posting
             WHERE from_account = 'arrived' AND to_account = 'bought:' || @who) AS wh`,
  );
  return {
    history: (household, from, to) => history.all(household, from, to).map(toSlotEnergy),
    between: (from, to) => between.all(from, to).map(toSlotEnergy),
    pastOf: slotMemory(db),
    keepingOf: (household) => {
      const row = keeping.get(household);
      return row && { until: epochMs(row.until_ms), energyWh: wattHours(row.energy_wh) };
    },
    onChainWh: (household) => onChain.get({ who: household })?.wh ?? 0,
  };
}
