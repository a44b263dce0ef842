/** Rounds of the market, with their advice and proposals. */
import type { Database } from 'better-sqlite3';
import type { HouseholdId, ProposalId } from '../../core/ids.ts';
import type { Proposal, ProposalState, RoundSeller } from '../../core/round.ts';
import type { Trade } from '../../core/trade.ts';
import { slotNumber, wattHours } from '../../core/units.ts';
import type { RoundBooks, RoundOutcome } from '../../ports/books/rounds.ts';
import { adviceWriting } from './advice-rows.ts';
import { tradeWriter } from './trade-rows.ts';

type ProposalRow = {
  id: string;
  slot: number;
  household: string;
  energy_wh: number;
  passed_wh: number | null;
  state: ProposalState;
};

const toProposal = (row: ProposalRow): Proposal => ({
  id: row.id as ProposalId,
  slot: slotNumber(row.slot),
  household: row.household as HouseholdId,
  energyWh: wattHours(row.energy_wh),
  passedWh: row.passed_wh === null ? undefined : wattHours(row.passed_wh),
  state: row.state,
});

type Statement = 'due' | 'open';

/** The round family of books.db. */
export function roundBooks(db: Database): RoundBooks {
  const newestIn = db.prepare<[Statement], { slot: number }>(
    'SELECT slot FROM round WHERE state = ? ORDER BY slot DESC LIMIT 1',
  );
  const setState = db.prepare('UPDATE round SET state = ? WHERE slot = ? AND state = ?');
  const skipOlder = db.prepare(
    "UPDATE round SET state = 'skipped' WHERE slot < ? AND state = 'due'",
  );
  const addSeller = db.prepare('INSERT INTO round_seller VALUES (?, ?, ?)');
  const sellers = db.prepare<[number], { household: string; energy_wh: number }>(
    'SELECT household, energy_wh FROM round_seller WHERE slot = ? ORDER BY household',
  );
  const outcome = db.prepare(
    `UPDATE round SET state = 'cleared', rate = ?, offered_lots = ?, asked_lots = ?, matched_lots = ?
     WHERE slot = ? AND state = 'open'`,
  );
  const lots = db.prepare<[number, number], { offered: number | null; asked: number | null }>(
    `SELECT sum(offered_lots) AS offered, sum(asked_lots) AS asked FROM round
     WHERE slot >= ? AND slot < ? AND offered_lots > 0 AND asked_lots > 0`,
  );
  const writeTrade = tradeWriter(db);

  const slotIn = (state: Statement) => {
    const row = newestIn.get(state);
    return row && slotNumber(row.slot);
  };
  const begin = db.transaction((slot: number, found: readonly RoundSeller[]) => {
    skipOlder.run(slot);
    if (setState.run('open', slot, 'due').changes !== 1)
      throw new Error(`round ${slot} is not due`);
    for (const { household, energyWh } of found) addSeller.run(slot, household, energyWh);
  });
  const clear = db.transaction(
    (slot: number, result: RoundOutcome, trades: readonly Trade[], at: number) => {
      const { rate, offeredLots, askedLots, matchedLots } = result;
      if (outcome.run(rate, offeredLots, askedLots, matchedLots, slot).changes !== 1)
        throw new Error(`round ${slot} is not open`);
      for (const trade of trades) writeTrade(trade, undefined, at);
    },
  );

  return {
    due: () => slotIn('due'),
    open: () => slotIn('open'),
    begin: (slot, found) => begin.immediate(slot, found),
    skip: (slot) => void setState.run('skipped', slot, 'due'),
    sellersOf: (slot) =>
      sellers.all(slot).map((row) => ({
        household: row.household as HouseholdId,
        energyWh: wattHours(row.energy_wh),
      })),
    ...adviceWriting(db),
    ...proposalBooks(db),
    clear: (slot, result, trades, at) => clear.immediate(slot, result, trades, at),
    lotsBetween: (from, to) => {
      const row = lots.get(from, to);
      return { offered: row?.offered ?? 0, asked: row?.asked ?? 0 };
    },
  };
}

function proposalBooks(
  db: Database,
): Pick<RoundBooks, 'saveProposal' | 'proposalsOf' | 'hasProposal' | 'isHeard' | 'settleProposal'> {
  const insert = db.prepare('INSERT INTO proposal VALUES (?, ?, ?, ?, ?, ?)');
  const ofSlot = db.prepare<[number], ProposalRow>(
    'SELECT * FROM proposal WHERE slot = ? ORDER BY household',
  );
  const has = db.prepare<[number, string]>(
    'SELECT 1 FROM proposal WHERE slot = ? AND household = ?',
  );
  // Sellers are heard in the registry's order, so the last of them is most often who is missing.
  const unheard = db.prepare<[number]>(
    `SELECT 1 FROM round_seller s WHERE s.slot = ? AND NOT EXISTS (
       SELECT 1 FROM proposal p WHERE p.slot = s.slot AND p.household = s.household
         AND p.state <> 'open') ORDER BY s.household DESC LIMIT 1`,
  );
  const settle = db.prepare(
    "UPDATE proposal SET passed_wh = ?, state = ? WHERE id = ? AND state = 'open'",
  );
  return {
    saveProposal: (p) =>
      void insert.run(p.id, p.slot, p.household, p.energyWh, p.passedWh ?? null, p.state),
    proposalsOf: (slot) => ofSlot.all(slot).map(toProposal),
    hasProposal: (slot, household) => has.get(slot, household) !== undefined,
    isHeard: (slot) => unheard.get(slot) === undefined,
    settleProposal: (id, passedWh) =>
      void settle.run(passedWh, passedWh > 0 ? 'passed' : 'lapsed', id),
  };
}
