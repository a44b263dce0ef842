/** Lets the keeper's gates veto or shrink a proposal. With no gate registered nothing waits. */
import { type GateDecision, narrowed } from '../core/proposal.ts';
import { settingsOfRound } from '../core/window.ts';
import type { EventOf, Tell } from '../events/hub-event.ts';
import type { Books } from '../ports/books/books.ts';
import type { NeighbourhoodClock } from '../ports/clock.ts';
import type { Gates } from '../ports/gates.ts';

type Needs = {
  books: Pick<Books, 'energy' | 'rounds' | 'settings'>;
  gates: Gates;
  clock: NeighbourhoodClock;
  tell: Tell;
};

/** What passes is written once; a later answer finds the proposal settled. */
export function passGates(
  { books, gates, clock, tell }: Needs,
  { slot, household, proposal, energyWh }: EventOf<'proposal.made'>,
): void | Promise<void> {
  const settings = books.settings.at(clock.now());
  const { lotWh, rate } = settingsOfRound(settings, books.energy.firstSlot(), slot);
  const settle = (decisions: readonly GateDecision[]): void => {
    const passedWh = narrowed(energyWh, decisions, lotWh);
    books.rounds.settleProposal(proposal, passedWh);
    tell({ name: 'proposal.settled', slot, household, proposal, energyWh, passedWh });
    if (books.rounds.isHeard(slot)) tell({ name: 'round.ready', slot });
  };
  const decided = gates.decide({ proposal, household, slot, energyWh, lotWh, rate });
  return decided instanceof Promise ? decided.then(settle) : settle(decided);
}
