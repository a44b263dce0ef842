/** Decides for a household how much to keep and how much to sell, from its own past and the sun to come. */
import {
  adviseBy,
  clampOpinion,
  type Decision,
  keepUntil,
  questionAbout,
  sellBeforeTheEnd,
  stillKept,
  sunAhead,
} from '../core/advice.ts';
import type { AdviceId } from '../core/ids.ts';
import { policyAt } from '../core/policy/policies.ts';
import { hasEarned, pairedDaysLeast } from '../core/policy/record.ts';
import type { Advice } from '../core/round.ts';
import { nextSlot, slotAt } from '../core/slot.ts';
import { slotNumber, type WattHours, wattHours } from '../core/units.ts';
import { settingsOfRound } from '../core/window.ts';
import type { EventOf, Tell } from '../events/hub-event.ts';
import type { SecondOpinion, SunForecast } from '../ports/advice.ts';
import type { Books } from '../ports/books/books.ts';
import type { NeighbourhoodClock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';

type Needs = {
  books: Pick<Books, 'advice' | 'energy' | 'households' | 'rounds' | 'settings'>;
  sun: SunForecast;
  secondOpinion: SecondOpinion;
  clock: NeighbourhoodClock;
  ids: Ids;
  tell: Tell;
};
type Surplus = EventOf<'surplus.found'>;

/**
 * Saves the advice before anybody hears of it. Waits for the language model only where its own record has earned it a
 * say, and no longer than its deadline.
 */
export function askAdvisor(needs: Needs, surplus: Surplus): void | Promise<void> {
  const { books, secondOpinion } = needs;
  if (books.rounds.adviceOf(surplus.slot, surplus.household) !== undefined) return;
  const advice = adviceFor(needs, surplus);
  if (secondOpinion.health().mode === 'off' || !hasEarned(books.advice.pairedDays(pairedDaysLeast)))
    return give(needs, advice);
  return giveAfterAsking(needs, advice);
}

function adviceFor(
  { books, sun, clock, ids }: Needs,
  { slot, household, energyWh }: Surplus,
): Advice {
  const now = clock.now();
  const settings = books.settings.at(now);
  const { rate, keepCostPercent } = settings;
  const { ownTariff } = books.households.ruleOf(household, now);
  const keptWh = stillKept(books.energy.keepingOf(household)?.energyWh ?? 0, energyWh);
  const policy = policyAt(settings.advicePolicy);
  const today = slotNumber(Math.max(nextSlot(slot), slotAt(now)));
  const situation = {
    past: books.energy.pastOf(household, today),
    atHandWh: energyWh - keptWh,
    ...{ keptWh, rate, ownTariff, keepCostPercent },
    slotsAhead: slotAt(keepUntil(now)) - today,
    sunAhead: sunAhead(sun.latest(), now),
    batteryWh: 0,
  };
  const { walletsOnly } = settingsOfRound(settings, books.energy.firstSlot(), slot);
  const advised = adviseBy(policy, situation);
  const decision = walletsOnly ? sellBeforeTheEnd(energyWh, advised) : advised;
  return {
    ...{ id: ids.fresh() as AdviceId, slot, household, energyWh, rate, ownTariff, at: now },
    ...{ source: 'rule', keepWh: decision.keepWh, sellWh: decision.sellWh },
    ...toldOf(decision),
    record: {
      ...{ policy: policy.name, ruleKeepWh: decision.keepWh },
      ...{ known: decision.known, reasonSw: decision.words.sw },
    },
  };
}

const toldOf = ({ outlook, words }: Decision) => ({
  nightNeedWh: wattHours(outlook.useWh),
  sunLeftWh: wattHours(outlook.sunWh),
  reason: words.en,
});

function give({ books, tell }: Needs, advice: Advice): void {
  const { id, slot, household, sellWh, at } = advice;
  books.rounds.saveAdvice(advice, keepUntil(at));
  tell({ name: 'advice.given', slot, household, advice: id, sellWh });
}

async function giveAfterAsking(needs: Needs, advice: Advice): Promise<void> {
  const { books, secondOpinion } = needs;
  const opinion = await secondOpinion.ask(questionAbout(advice));
  // The round may have been resumed while the answer was on its way.
  if (books.rounds.adviceOf(advice.slot, advice.household) !== undefined) return;
  if (!opinion.ok) return give(needs, advice);
  const sellWh: WattHours = clampOpinion(advice, opinion.value);
  const keepWh = wattHours(advice.keepWh + advice.sellWh - sellWh);
  const changed = sellWh !== advice.sellWh;
  give(needs, changed ? { ...advice, sellWh, keepWh, source: 'model' } : advice);
}
