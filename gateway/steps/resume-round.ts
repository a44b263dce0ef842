/** Goes on with a round that was begun and not finished: after a power cut, or after a write that failed. */
import { allHeard } from '../core/proposal.ts';
import type { EventOf, Tell } from '../events/hub-event.ts';
import type { Books } from '../ports/books/books.ts';

type Needs = { books: Pick<Books, 'rounds'>; tell: Tell };

/** Tells again what each seller of the round had come to; everything told here is safe to hear twice. */
export function resumeRound({ books, tell }: Needs, { slot }: EventOf<'round.waiting'>): void {
  if (books.rounds.open() !== slot) return;
  const made = books.rounds.proposalsOf(slot);
  const proposals = new Map(made.map((proposal) => [proposal.household, proposal]));
  const sellers = books.rounds.sellersOf(slot);
  for (const { household, energyWh } of sellers) {
    const advice = books.rounds.adviceOf(slot, household);
    const proposal = proposals.get(household);
    if (advice === undefined) tell({ name: 'surplus.found', slot, household, energyWh });
    else if (proposal === undefined)
      tell({ name: 'advice.given', slot, household, advice: advice.id, sellWh: advice.sellWh });
    else if (proposal.state === 'open')
      tell({
        ...{ name: 'proposal.made', slot, household, proposal: proposal.id },
        energyWh: proposal.energyWh,
      });
  }
  if (allHeard(sellers, made)) tell({ name: 'round.ready', slot });
}
