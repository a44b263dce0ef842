/** Opens a round for the households that have energy to spare. */

import type { RoundSeller } from '../core/round.ts';
import { communityHousehold } from '../core/settings.ts';
import type { SlotNumber } from '../core/units.ts';
import { settingsOfRound } from '../core/window.ts';
import type { EventOf, Tell } from '../events/hub-event.ts';
import type { Books } from '../ports/books/books.ts';
import type { NeighbourhoodClock } from '../ports/clock.ts';

type Needs = {
  books: Pick<Books, 'energy' | 'market' | 'rounds' | 'settings'>;
  clock: NeighbourhoodClock;
  tell: Tell;
};

/** Skips the market while the round before is not finished: nothing is lost, all carries over. */
export function findSurplus(
  { books, clock, tell }: Needs,
  { slot, inTime }: EventOf<'slot.closed'>,
): void {
  if (!inTime || books.rounds.due() !== slot) return;
  const unfinished = books.rounds.open();
  if (unfinished !== undefined) {
    books.rounds.skip(slot);
    return tell({ name: 'round.waiting', slot: unfinished });
  }
  const sellers = sellersOf(books, clock, slot);
  books.rounds.begin(slot, sellers);
  for (const { household, energyWh } of sellers)
    tell({ name: 'surplus.found', slot, household, energyWh });
  if (sellers.length === 0) tell({ name: 'round.ready', slot });
}

function sellersOf(
  books: Needs['books'],
  clock: NeighbourhoodClock,
  slot: SlotNumber,
): RoundSeller[] {
  const now = clock.now();
  const first = books.energy.firstSlot();
  const { surplusThresholdWh } = settingsOfRound(books.settings.at(now), first, slot);
  return books.market
    .sellers(surplusThresholdWh, now)
    .filter(({ id, role }) => id !== communityHousehold && role !== 'buyer')
    .map(({ id, energyWh }) => ({ household: id, energyWh }));
}
