/** Turns advice into a proposal of whole lots, inside the household's own limits. */

import type { ProposalId } from '../core/ids.ts';
import { allHeard, proposedWh } from '../core/proposal.ts';
import { startOfDay } from '../core/slot.ts';
import { settingsOfRound } from '../core/window.ts';
import type { EventOf, Tell } from '../events/hub-event.ts';
import type { Books } from '../ports/books/books.ts';
import type { NeighbourhoodClock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';

type Needs = {
  books: Pick<Books, 'energy' | 'households' | 'rounds' | 'settings' | 'trades'>;
  clock: NeighbourhoodClock;
  ids: Ids;
  tell: Tell;
};

/** A proposal below one lot is kept as 'none': the household was heard, and its energy carries over. */
export function makeProposal(
  { books, clock, ids, tell }: Needs,
  { slot, household, sellWh }: EventOf<'advice.given'>,
): void {
  if (books.rounds.proposalsOf(slot).some((other) => other.household === household)) return;
  const now = clock.now();
  const first = books.energy.firstSlot();
  const { rate, lotWh } = settingsOfRound(books.settings.at(now), first, slot);
  const rule = books.households.ruleOf(household, now);
  const soldToday = books.trades.soldSince(household, startOfDay(now));
  const energyWh = proposedWh(sellWh, rule, soldToday, rate, lotWh);
  const id = ids.fresh() as ProposalId;
  const state = energyWh > 0 ? 'open' : 'none';
  books.rounds.saveProposal({ id, slot, household, energyWh, passedWh: undefined, state });
  if (state === 'open') tell({ name: 'proposal.made', slot, household, proposal: id, energyWh });
  else if (allHeard(books.rounds.sellersOf(slot), books.rounds.proposalsOf(slot)))
    tell({ name: 'round.ready', slot });
}
