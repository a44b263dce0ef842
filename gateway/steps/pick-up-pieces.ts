/** After a power cut: goes on with everything that the books say was begun. */
import { unpaidStates } from '../core/trade.ts';
import { type SlotNumber, slotNumber } from '../core/units.ts';
import type { Tell } from '../events/hub-event.ts';
import type { Books } from '../ports/books/books.ts';

type Needs = { books: Pick<Books, 'deeds' | 'energy' | 'rounds' | 'trades'>; tell: Tell };

/** Everything told here is safe to hear twice. Deeds that were waiting are due at once. */
export function pickUpPieces({ books, tell }: Needs): void {
  books.deeds.wakeAll();
  const buyers = new Set(books.trades.inStates(unpaidStates).map(({ buyer }) => buyer));
  for (const buyer of buyers) tell({ name: 'funds.checked', buyer });
  const open = books.rounds.open();
  if (open !== undefined) resumeRound(books, open, tell);
  const [next, due] = [books.energy.nextSlot(), books.rounds.due()];
  if (next !== undefined && next > 0) {
    const slot = slotNumber(next - 1);
    tell({ name: 'slot.closed', slot, inTime: slot === due });
  }
  const sellers = new Set(books.trades.inStates(['settled']).map(({ seller }) => seller));
  for (const seller of sellers) tell({ name: 'earnings.found', seller });
}

/** Tells again what each seller of the open round had come to. */
function resumeRound(books: Needs['books'], slot: SlotNumber, tell: Tell): void {
  const proposals = new Map(books.rounds.proposalsOf(slot).map((p) => [p.household, p]));
  const sellers = books.rounds.sellersOf(slot);
  for (const { household, energyWh } of sellers) {
    const advice = books.rounds.adviceOf(slot, household);
    const proposal = proposals.get(household);
    if (advice === undefined) tell({ name: 'surplus.found', slot, household, energyWh });
    else if (proposal === undefined)
      tell({ name: 'advice.given', slot, household, advice: advice.id, sellWh: advice.sellWh });
    else if (proposal.state === 'open')
      tell({
        name: 'proposal.made',
        slot,
        household,
        proposal: proposal.id,
        energyWh: proposal.energyWh,
      });
  }
  if (sellers.length === proposals.size && [...proposals.values()].every((p) => p.state !== 'open'))
    tell({ name: 'round.ready', slot });
}
