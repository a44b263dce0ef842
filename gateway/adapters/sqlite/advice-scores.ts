/** What became of the advice, day by day. */
import type { Database } from 'better-sqlite3';
import type { HouseholdId } from '../../core/ids.ts';
import type { PairedDay } from '../../core/policy/record.ts';
import { centsPerKwh, slotNumber, wattHours } from '../../core/units.ts';
import type { AdviceBooks, AdviceScore } from '../../ports/books/advice.ts';

type GivenRow = {
  slot: number;
  household: string;
  energy_wh: number;
  keep_wh: number;
  rule_keep_wh: number | null;
  opinion_sell_wh: number | null;
  rate: number;
  own_tariff: number;
};

type SumRow = {
  household: string;
  days: number;
  gained: number;
  possible: number;
  rule: number | null;
  opinion: number | null;
};

const householdsMost = 10_000;

/** The advice family of books.db. */
export function adviceBooks(db: Database): AdviceBooks {
  const given = db.prepare<[number, number], GivenRow>(
    `SELECT slot, household, energy_wh, keep_wh, rule_keep_wh, opinion_sell_wh, rate, own_tariff
     FROM advice WHERE slot >= ? AND slot < ? ORDER BY slot, household`,
  );
  const first = db.prepare<[number], { slot: number | null }>(
    'SELECT min(slot) AS slot FROM advice WHERE slot >= ?',
  );
  const last = db.prepare<[], { day: number | null }>('SELECT max(day) AS day FROM advice_score');
  const insert = db.prepare('INSERT OR IGNORE INTO advice_score VALUES (?, ?, ?, ?, ?, ?)');
  const save = db.transaction((day: number, scores: readonly AdviceScore[]) => {
    for (const one of scores) {
      const pair = [one.ruleCents ?? null, one.opinionCents ?? null];
      insert.run(day, one.household, one.gainedCents, one.possibleCents, ...pair);
    }
  });
  return {
    givenBetween: (from, to) =>
      given.all(from, to).map((row) => ({
        slot: slotNumber(row.slot),
        household: row.household as HouseholdId,
        energyWh: wattHours(row.energy_wh),
        keepWh: wattHours(row.keep_wh),
        ruleKeepWh: wattHours(row.rule_keep_wh ?? row.keep_wh),
        opinionSellWh: row.opinion_sell_wh === null ? undefined : wattHours(row.opinion_sell_wh),
        rate: centsPerKwh(row.rate),
        ownTariff: centsPerKwh(row.own_tariff),
      })),
    firstGiven: (from) => {
      const slot = first.get(from)?.slot;
      return slot === null || slot === undefined ? undefined : slotNumber(slot);
    },
    lastScoredDay: () => last.get()?.day ?? undefined,
    saveScores: (day, scores) => save.immediate(day, scores),
    ...scoreViews(db),
  };
}

function scoreViews(db: Database): Pick<AdviceBooks, 'sumsSince' | 'pairedDays'> {
  const sums = db.prepare<[number, number], SumRow>(
    `SELECT household, count(*) AS days, sum(gained_cents) AS gained, sum(possible_cents) AS possible,
       sum(rule_cents) AS rule, sum(opinion_cents) AS opinion
     FROM advice_score WHERE day >= ? GROUP BY household ORDER BY gained DESC, household LIMIT ?`,
  );
  const paired = db.prepare<[number], PairedDay>(
    `SELECT day, sum(rule_cents) AS ruleCents, sum(opinion_cents) AS opinionCents FROM advice_score
     WHERE opinion_cents IS NOT NULL GROUP BY day ORDER BY day DESC LIMIT ?`,
  );
  return {
    sumsSince: (day) =>
      sums.all(day, householdsMost).map((row) => ({
        household: row.household as HouseholdId,
        days: row.days,
        gainedCents: row.gained,
        possibleCents: row.possible,
        ruleCents: row.rule ?? undefined,
        opinionCents: row.opinion ?? undefined,
      })),
    pairedDays: (limit) => paired.all(limit),
  };
}
