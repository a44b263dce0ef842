/** Decides for a household how much to keep and how much to sell, from its own past and the sun to come. */
import {
  adviseByRule,
  type Decision,
  keepUntil,
  outlook,
  pastDays,
  sunFactor,
} from '../core/advice.ts';
import type { AdviceId } from '../core/ids.ts';
import { dayMs, slotAt, slotMs } from '../core/slot.ts';
import { type SlotNumber, slotNumber, type WattHours, wattHours } from '../core/units.ts';
import { settingsOfRound } from '../core/window.ts';
import type { EventOf, Tell } from '../events/hub-event.ts';
import type { SunForecast } from '../ports/advice.ts';
import type { Books } from '../ports/books/books.ts';
import type { NeighbourhoodClock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';

type Needs = {
  books: Pick<Books, 'energy' | 'households' | 'rounds' | 'settings'>;
  sun: SunForecast;
  clock: NeighbourhoodClock;
  ids: Ids;
  tell: Tell;
};

/** Saves the advice before anybody hears of it. */
export function askAdvisor(
  { books, sun, clock, ids, tell }: Needs,
  { slot, household, energyWh }: EventOf<'surplus.found'>,
): void {
  if (books.rounds.adviceOf(slot, household) !== undefined) return;
  const now = clock.now();
  const today = slotAt(now);
  const past = books.energy.history(household, daysBefore(today), today);
  const { rate } = books.settings.at(now);
  const { ownTariff } = books.households.ruleOf(household, now);
  const expected = outlook(past, now, sunFactor(sun.latest(), now));
  const advised = adviseByRule({ ...expected, energyWh, rate, ownTariff });
  const { walletsOnly } = settingsOfRound(books.settings.at(now), books.energy.firstSlot(), slot);
  const decision = walletsOnly ? sellAll(energyWh) : advised;
  const id = ids.fresh() as AdviceId;
  books.rounds.saveAdvice(
    {
      id,
      slot,
      household,
      energyWh,
      rate,
      ownTariff,
      at: now,
      source: 'rule',
      ...expected,
      ...decision,
    },
    keepUntil(now),
  );
  tell({ name: 'advice.given', slot, household, advice: id, sellWh: decision.sellWh });
}

/** In the window's last round nothing is worth keeping: what is not sold expires. */
const sellAll = (energyWh: WattHours): Decision => ({
  keepWh: wattHours(0),
  sellWh: energyWh,
  reason: 'Sell: what is not sold now expires with the window.',
});

const daysBefore = (slot: SlotNumber): SlotNumber =>
  slotNumber(Math.max(0, slot - (pastDays * dayMs) / slotMs));
