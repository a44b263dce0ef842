/** Burns, every night, the tokens of energy that was used, so that the chain holds what the books hold. */
import type { Household } from '../core/household.ts';
import type { TokenIntentId } from '../core/ids.ts';
import { offerableWh } from '../core/own-wallet.ts';
import { dayOf, hourMs, slotEnd, timeOfDayMs } from '../core/slot.ts';
import { type BurnShare, burnsTogetherMost } from '../core/token.ts';
import { unpaidStates } from '../core/trade.ts';
import { wattHours } from '../core/units.ts';
import type { EventOf } from '../events/hub-event.ts';
import type { Books } from '../ports/books/books.ts';
import type { Ids } from '../ports/ids.ts';

type Needs = {
  books: Pick<Books, 'energy' | 'households' | 'tokens' | 'trades' | 'wallets'>;
  ids: Ids;
};

const burnAtMs = 2 * hourMs;

/** A few households to a burn; what was owed once is no longer on the chain, so a second look finds nothing. */
export function burnUsed({ books, ids }: Needs, { slot }: EventOf<'slot.closed'>): void {
  const at = slotEnd(slot);
  if (timeOfDayMs(at) !== burnAtMs) return;
  const owed = books.households.all().flatMap((one) => {
    const energyWh = books.energy.onChainWh(one.id) - heldWh(books, one);
    return energyWh > 0 ? [{ household: one.id, energyWh: wattHours(energyWh) }] : [];
  });
  for (const [first, ...shares] of groupsOf(books, owed)) {
    books.tokens.intend(
      {
        id: ids.fresh() as TokenIntentId,
        kind: 'burn',
        trade: undefined,
        reference: `burn:${first.household}:${dayOf(at)}`,
        from: first.household,
        to: undefined,
        energyWh: first.energyWh,
        mintWh: wattHours(0),
        ...(shares.length === 0 ? {} : { shares }),
        memo: ids.fresh(),
        state: 'open',
        signature: undefined,
      },
      at,
    );
  }
}

/** Whoever has the key of its wallet is burned alone and within its allowance: it must not hold up the others. */
function groupsOf(
  books: Needs['books'],
  owed: readonly BurnShare[],
): [BurnShare, ...BurnShare[]][] {
  const kept = owed.filter(({ household }) => books.wallets.of(household) === undefined);
  const own = owed.flatMap(({ household, energyWh }): [BurnShare][] => {
    const wallet = books.wallets.of(household);
    const allowed = offerableWh(wallet, books.wallets.committedWh(household));
    const there = Math.min(energyWh, allowed ?? 0, books.energy.onChainWh(household));
    return there > 0 ? [[{ household, energyWh: wattHours(there) }]] : [];
  });
  const together: [BurnShare, ...BurnShare[]][] = [];
  for (let start = 0; start < kept.length; start += burnsTogetherMost)
    together.push(kept.slice(start, start + burnsTogetherMost) as [BurnShare]);
  return [...together, ...own];
}

/** What the books say the household holds; tokens on their way have left, and are not there before they are final. */
function heldWh(books: Needs['books'], { id }: Household): number {
  const { energyWh, boughtWh } = books.energy.balanceOf(id);
  const reserved = books.trades.inStates(unpaidStates).filter(({ seller }) => seller === id);
  return reserved.reduce((sum, trade) => sum + trade.energyWh, energyWh + boughtWh);
}
