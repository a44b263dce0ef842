/** Rounds of the market, with their advice and proposals. */
import type { Database } from 'better-sqlite3';
import type { AdviceId, HouseholdId, ProposalId } from '../../core/ids.ts';
import type { Advice, Proposal, ProposalState, RoundSeller } from '../../core/round.ts';
import type { Trade } from '../../core/trade.ts';
import { centsPerKwh, epochMs, slotNumber, wattHours } from '../../core/units.ts';
import type { RoundBooks, RoundOutcome } from '../../ports/books/rounds.ts';
import { tradeWriter } from './trade-rows.ts';

type AdviceRow = {
  id: string;
  slot: number;
  household: string;
  energy_wh: number;
  night_need_wh: number;
  sun_left_wh: number;
  keep_wh: number;
  sell_wh: number;
  rate: number;
  own_tariff: number;
  source: Advice['source'];
  reason: string;
  at_ms: number;
};
type ProposalRow = {
  id: string;
  slot: number;
  household: string;
  energy_wh: number;
  passed_wh: number | null;
  state: ProposalState;
};

const toAdvice = (row: AdviceRow): Advice => ({
  id: row.id as AdviceId,
  slot: slotNumber(row.slot),
  household: row.household as HouseholdId,
  energyWh: wattHours(row.energy_wh),
  nightNeedWh: wattHours(row.night_need_wh),
  sunLeftWh: wattHours(row.sun_left_wh),
  keepWh: wattHours(row.keep_wh),
  sellWh: wattHours(row.sell_wh),
  rate: centsPerKwh(row.rate),
  ownTariff: centsPerKwh(row.own_tariff),
  source: row.source,
  reason: row.reason,
  at: epochMs(row.at_ms),
});

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
    ...adviceBooks(db),
    ...proposalBooks(db),
    clear: (slot, result, trades, at) => clear.immediate(slot, result, trades, at),
    lotsBetween: (from, to) => {
      const row = lots.get(from, to);
      return { offered: row?.offered ?? 0, asked: row?.asked ?? 0 };
    },
  };
}

function adviceBooks(
  db: Database,
): Pick<RoundBooks, 'saveAdvice' | 'adviceOf' | 'advice' | 'addOpinion'> {
  const insert = db.prepare(
    `INSERT INTO advice (id, slot, household, energy_wh, night_need_wh, sun_left_wh, keep_wh, sell_wh,
       rate, own_tariff, source, reason, at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const keep = db.prepare('INSERT OR REPLACE INTO keeping VALUES (?, ?, ?)');
  const byPlace = db.prepare<[number, string], AdviceRow>(
    'SELECT * FROM advice WHERE slot = ? AND household = ?',
  );
  const byId = db.prepare<[string], AdviceRow>('SELECT * FROM advice WHERE id = ?');
  const opinion = db.prepare(
    'UPDATE advice SET opinion_model = ?, opinion_sell_wh = ?, opinion_reason = ? WHERE id = ?',
  );
  const save = db.transaction((a: Advice, keepUntil: number) => {
    insert.run(
      a.id,
      a.slot,
      a.household,
      a.energyWh,
      a.nightNeedWh,
      a.sunLeftWh,
      a.keepWh,
      a.sellWh,
      a.rate,
      a.ownTariff,
      a.source,
      a.reason,
      a.at,
    );
    keep.run(a.household, keepUntil, a.keepWh);
  });
  const one = (row: AdviceRow | undefined) => row && toAdvice(row);
  return {
    saveAdvice: (advice, keepUntil) => save.immediate(advice, keepUntil),
    adviceOf: (slot, household) => one(byPlace.get(slot, household)),
    advice: (id) => one(byId.get(id)),
    addOpinion: (id, model, sellWh, reason) => void opinion.run(model, sellWh, reason, id),
  };
}

function proposalBooks(
  db: Database,
): Pick<RoundBooks, 'saveProposal' | 'proposalsOf' | 'settleProposal'> {
  const insert = db.prepare('INSERT INTO proposal VALUES (?, ?, ?, ?, ?, ?)');
  const ofSlot = db.prepare<[number], ProposalRow>(
    'SELECT * FROM proposal WHERE slot = ? ORDER BY household',
  );
  const settle = db.prepare(
    "UPDATE proposal SET passed_wh = ?, state = ? WHERE id = ? AND state = 'open'",
  );
  return {
    saveProposal: (p) =>
      void insert.run(p.id, p.slot, p.household, p.energyWh, p.passedWh ?? null, p.state),
    proposalsOf: (slot) => ofSlot.all(slot).map(toProposal),
    settleProposal: (id, passedWh) =>
      void settle.run(passedWh, passedWh > 0 ? 'passed' : 'lapsed', id),
  };
}
