/** Advice as it is given, and what a language model said beside it. */
import type { Database } from 'better-sqlite3';
import type { AdviceId, HouseholdId } from '../../core/ids.ts';
import type { Advice, KeptOpinion } from '../../core/round.ts';
import { dayMs } from '../../core/slot.ts';
import { centsPerKwh, epochMs, slotNumber, wattHours } from '../../core/units.ts';
import type { RoundBooks } from '../../ports/books/rounds.ts';

const promptsKeptMs = 30 * dayMs;

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
  policy: string;
  rule_keep_wh: number | null;
  known: string;
  reason_sw: string;
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
  ...(row.rule_keep_wh === null
    ? {}
    : {
        record: {
          policy: row.policy,
          ruleKeepWh: wattHours(row.rule_keep_wh),
          known: JSON.parse(row.known),
          reasonSw: row.reason_sw,
        },
      }),
});

/** Part of the round family of books.db. */
export function adviceWriting(
  db: Database,
): Pick<RoundBooks, 'saveAdvice' | 'adviceOf' | 'advice' | 'addOpinion'> {
  const insert = db.prepare(
    `INSERT INTO advice (id, slot, household, energy_wh, night_need_wh, sun_left_wh, keep_wh, sell_wh,
       rate, own_tariff, source, reason, at_ms, policy, rule_keep_wh, known, reason_sw)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const keep = db.prepare('INSERT OR REPLACE INTO keeping VALUES (?, ?, ?)');
  const byPlace = db.prepare<[number, string], AdviceRow>(
    'SELECT * FROM advice WHERE slot = ? AND household = ?',
  );
  const byId = db.prepare<[string], AdviceRow>('SELECT * FROM advice WHERE id = ?');
  const save = db.transaction((a: Advice, keepUntil: number) => {
    const energy = [a.energyWh, a.nightNeedWh, a.sunLeftWh, a.keepWh, a.sellWh];
    const { record } = a;
    const judged = [record?.policy ?? '', record?.ruleKeepWh ?? null];
    const known = [JSON.stringify(record?.known ?? {}), record?.reasonSw ?? ''];
    const said = [a.rate, a.ownTariff, a.source, a.reason, a.at];
    insert.run(a.id, a.slot, a.household, ...energy, ...said, ...judged, ...known);
    keep.run(a.household, keepUntil, a.keepWh);
  });
  const one = (row: AdviceRow | undefined) => row && toAdvice(row);
  return {
    saveAdvice: (advice, keepUntil) => save.immediate(advice, keepUntil),
    adviceOf: (slot, household) => one(byPlace.get(slot, household)),
    advice: (id) => one(byId.get(id)),
    addOpinion: opinionWriter(db),
  };
}

function opinionWriter(db: Database): RoundBooks['addOpinion'] {
  const write = db.prepare(
    `UPDATE advice SET opinion_model = ?, opinion_sell_wh = ?, opinion_reason = ?,
       opinion_reason_sw = ?, prompt_hash = ?, answer_hash = ? WHERE id = ?`,
  );
  const keepPrompt = db.prepare('INSERT OR REPLACE INTO advice_prompt VALUES (?, ?, ?)');
  const forget = db.prepare('DELETE FROM advice_prompt WHERE at_ms < ?');
  const add = db.transaction((id: AdviceId, opinion: KeptOpinion, at: number) => {
    const { model, sellWh, words, prompt, promptHash, answerHash } = opinion;
    const said = [words?.en ?? null, words?.sw ?? null];
    write.run(model, sellWh, ...said, promptHash, answerHash, id);
    keepPrompt.run(promptHash, prompt, at);
    forget.run(at - promptsKeptMs);
  });
  return (id, opinion, at) => add.immediate(id, opinion, at);
}
