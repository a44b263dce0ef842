/** After a power cut: goes on with everything that the books say was begun. */
import { unpaidStates } from '../core/trade.ts';
import { slotNumber } from '../core/units.ts';
import type { Tell } from '../events/hub-event.ts';
import type { Books } from '../ports/books/books.ts';

type Needs = { books: Pick<Books, 'deeds' | 'energy' | 'rounds' | 'trades'>; tell: Tell };

/** Everything told here is safe to hear twice. Deeds that were waiting are due at once. */
export function pickUpPieces({ books, tell }: Needs): void {
  books.deeds.wakeAll();
  const buyers = new Set(books.trades.inStates(unpaidStates).map(({ buyer }) => buyer));
  for (const buyer of buyers) tell({ name: 'funds.checked', buyer });
  const open = books.rounds.open();
  if (open !== undefined) tell({ name: 'round.waiting', slot: open });
  const [next, due] = [books.energy.nextSlot(), books.rounds.due()];
  if (next !== undefined && next > 0) {
    const slot = slotNumber(next - 1);
    tell({ name: 'slot.closed', slot, inTime: slot === due });
  }
  const sellers = new Set(books.trades.inStates(['settled']).map(({ seller }) => seller));
  for (const seller of sellers) tell({ name: 'earnings.found', seller });
}
