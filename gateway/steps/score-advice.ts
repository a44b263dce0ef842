/** Scores the advice of a day at its end, at six: what it brought, and the best that was possible. */
import { adviceDayOf, firstSlotOf, judge, slotsOfDay } from '../core/advice-score.ts';
import type { HouseholdId } from '../core/ids.ts';
import { slotEnd, slotStart } from '../core/slot.ts';
import { type SlotNumber, slotNumber } from '../core/units.ts';
import type { EventOf } from '../events/hub-event.ts';
import type { AdviceScore } from '../ports/books/advice.ts';
import type { Books } from '../ports/books/books.ts';

type Needs = { books: Pick<Books, 'advice' | 'energy' | 'households' | 'settings'> };

/** After a long time without power; the rest follows with the next slots. */
const daysAtOnceMost = 3;

/** Every day that is over and has no score yet, oldest first. */
export function scoreAdvice({ books }: Needs, { slot }: EventOf<'slot.closed'>): void {
  const today = adviceDayOf(slotEnd(slot));
  for (let done = 0; done < daysAtOnceMost; done++) {
    const last = books.advice.lastScoredDay();
    const from = last === undefined ? slotNumber(0) : firstSlotOf(last + 1);
    const first = books.advice.firstGiven(from);
    if (first === undefined) return;
    const day = adviceDayOf(slotStart(first));
    if (day >= today) return;
    books.advice.saveScores(day, scoresOf(books, firstSlotOf(day)));
  }
}

function scoresOf(books: Needs['books'], first: SlotNumber): AdviceScore[] {
  const until = slotNumber(first + slotsOfDay);
  const { keepCostPercent } = books.settings.at(slotStart(first));
  const advice = Map.groupBy(books.advice.givenBetween(first, until), (one) => one.household);
  const metered = Map.groupBy(books.energy.between(first, until), (one) => one.household);
  return [...advice].flatMap(([household, given]) => {
    const limits = books.households.ruleOf(household as HouseholdId, slotStart(first));
    const own = metered.get(household) ?? [];
    const judged = judge({ first, advice: given, metered: own, limits, keepCostPercent });
    return judged === undefined ? [] : [{ household, ...judged }];
  });
}
