/** Burns, every night, the tokens of energy that was used, so that the chain holds what the books hold. */
import type { Household } from '../core/household.ts';
import type { TokenIntentId } from '../core/ids.ts';
import { dayOf, hourMs, slotEnd, timeOfDayMs } from '../core/slot.ts';
import { unpaidStates } from '../core/trade.ts';
import { wattHours } from '../core/units.ts';
import type { EventOf } from '../events/hub-event.ts';
import type { Books } from '../ports/books/books.ts';
import type { Ids } from '../ports/ids.ts';

type Needs = { books: Pick<Books, 'energy' | 'households' | 'tokens' | 'trades'>; ids: Ids };

const burnAtMs = 2 * hourMs;

/** One burn per household and night; its reference makes a second one impossible. */
export function burnUsed({ books, ids }: Needs, { slot }: EventOf<'slot.closed'>): void {
  const at = slotEnd(slot);
  if (timeOfDayMs(at) !== burnAtMs) return;
  for (const household of books.households.all()) {
    const energyWh = Math.max(0, books.energy.onChainWh(household.id) - heldWh(books, household));
    if (energyWh === 0) continue;
    books.tokens.intend(
      {
        id: ids.fresh() as TokenIntentId,
        kind: 'burn',
        trade: undefined,
        reference: `burn:${household.id}:${dayOf(at)}`,
        from: household.id,
        to: undefined,
        energyWh: wattHours(energyWh),
        mintWh: wattHours(0),
        memo: ids.fresh(),
        state: 'open',
        signature: undefined,
      },
      at,
    );
  }
}

/** What the books say the household holds; tokens on their way have left, and are not there before they are final. */
function heldWh(books: Needs['books'], { id }: Household): number {
  const { energyWh, boughtWh } = books.energy.balanceOf(id);
  const reserved = books.trades.inStates(unpaidStates).filter(({ seller }) => seller === id);
  return reserved.reduce((sum, trade) => sum + trade.energyWh, energyWh + boughtWh);
}
