/** Judges a household's advice of one day, 06:00 to 06:00, by what was metered in the end. */
import type { StandingRule } from './household.ts';
import { type Choice, type ReplayedDay, scoreOf, worthCents } from './policy/replay.ts';
import { dayMs, dayOf, hourMs, slotAt, slotMs, startOfDay } from './slot.ts';
import { type CentsPerKwh, type EpochMs, epochMs, type SlotNumber } from './units.ts';

/** What was advised after one slot. */
export type JudgedAdvice = {
  readonly slot: SlotNumber;
  readonly energyWh: number;
  readonly keepWh: number;
  readonly ruleKeepWh: number;
  readonly opinionSellWh: number | undefined;
  readonly rate: CentsPerKwh;
  readonly ownTariff: CentsPerKwh;
};

export type MeteredNet = {
  readonly slot: SlotNumber;
  readonly importedWh: number;
  readonly exportedWh: number;
};

const morningMs = 6 * hourMs;
export const slotsOfDay = dayMs / slotMs;

/** The number of the day that is under way, of days that begin at 06:00. */
export const adviceDayOf = (at: EpochMs): number => dayOf(epochMs(at - morningMs));

/** The first slot of such a day. */
export const firstSlotOf = (day: number): SlotNumber =>
  slotAt(epochMs(startOfDay(epochMs(day * dayMs)) + morningMs));

export type JudgedDay = {
  readonly first: SlotNumber;
  readonly advice: readonly JudgedAdvice[];
  readonly metered: readonly MeteredNet[];
  readonly limits: Pick<StandingRule, 'sellFloor' | 'sellDailyWh'>;
  readonly keepCostPercent: number;
};

export type Judgement = {
  /** Beyond selling at once. */
  readonly gainedCents: number;
  readonly possibleCents: number;
  /** What the policy alone, and the model alone, would have made of the day; where the model was heard. */
  readonly ruleCents: number | undefined;
  readonly opinionCents: number | undefined;
};

/** Everybody decides in the same slots, at the day's first rate, inside the same limits. Undefined without advice. */
export function judge(day: JudgedDay): Judgement | undefined {
  const [any] = day.advice;
  if (any === undefined) return undefined;
  const replayed = toReplay(day, any);
  const heard = day.advice.some(({ opinionSellWh }) => opinionSellWh !== undefined);
  const worth = (keepOf: (advice: JudgedAdvice) => number) =>
    heard ? worthCents(replayed, choiceBy(day, keepOf)) : undefined;
  return {
    ...scoreOf(
      replayed,
      choiceBy(day, ({ keepWh }) => keepWh),
    ),
    ruleCents: worth(({ ruleKeepWh }) => ruleKeepWh),
    opinionCents: worth(({ ruleKeepWh, energyWh, opinionSellWh }) =>
      opinionSellWh === undefined ? ruleKeepWh : energyWh - opinionSellWh,
    ),
  };
}

function toReplay(
  { first, advice, metered, limits, keepCostPercent }: JudgedDay,
  any: JudgedAdvice,
) {
  const netWh = new Float64Array(slotsOfDay);
  for (const { slot, importedWh, exportedWh } of metered)
    if (slot >= first && slot < first + slotsOfDay) netWh[slot - first] = importedWh - exportedWh;
  const decided = new Set(advice.map(({ slot }) => slot - first));
  const { rate, ownTariff } = any;
  const replayed: ReplayedDay = {
    ...{ netWh, rate, ownTariff, keepCostPercent },
    mayDecide: (index) => rate >= limits.sellFloor && decided.has(index),
    sellMostWh: limits.sellDailyWh,
  };
  return replayed;
}

/** Advice says how much is kept in all; what the replay keeps already is part of that. */
function choiceBy({ first, advice }: JudgedDay, keepOf: (advice: JudgedAdvice) => number): Choice {
  const keeps = new Map(advice.map((one) => [one.slot - first, keepOf(one)]));
  return ({ index, keptWh }) => (keeps.get(index) ?? 0) - keptWh;
}
