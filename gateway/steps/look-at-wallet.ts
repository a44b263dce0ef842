/** Looks into wallets whose keys households have: what the hub may move, and what their owners moved off. */
import type { HouseholdId } from '../core/ids.ts';
import { leavingOf, mayMove, type OwnWallet, type WalletLook } from '../core/own-wallet.ts';
import { slotEnd } from '../core/slot.ts';
import { unpaidStates } from '../core/trade.ts';
import { type EpochMs, wattHours } from '../core/units.ts';
import type { EventOf, Tell } from '../events/hub-event.ts';
import type { Books } from '../ports/books/books.ts';
import type { NeighbourhoodClock } from '../ports/clock.ts';
import type { TokenChain } from '../ports/tokens.ts';

type Needs = {
  books: Pick<Books, 'deeds' | 'energy' | 'trades' | 'wallets'>;
  chain: Pick<TokenChain, 'lookAtWallet'>;
  clock: NeighbourhoodClock;
  tell: Tell;
};

/** Each at every slot, so that offers and the books are at most a slot behind. */
export function rememberWallets(
  { books }: Pick<Needs, 'books'>,
  { slot }: EventOf<'slot.closed'>,
): void {
  for (const { household } of books.wallets.all())
    books.deeds.ensure('look-at-wallet', household, slotEnd(slot));
}

/** One look; trades that waited for it go on, and those that the wallet does not let go end before any phone rings. */
export async function lookAtWallet(needs: Needs, subject: string): Promise<void> {
  const { books, chain, clock } = needs;
  const household = subject as HouseholdId;
  const deed = `look-at-wallet:${household}`;
  const wallet = books.wallets.of(household);
  if (wallet === undefined) return books.deeds.done(deed);
  const [at, mark] = [clock.now(), books.wallets.quietMark(household)];
  const look = await chain.lookAtWallet(household);
  // The owner may have brought another address meanwhile, which has a look of its own.
  if (!look.ok || books.wallets.of(household)?.address !== wallet.address) return;
  note(needs, household, look.value, at, mark);
  books.deeds.done(deed);
  goOn(needs, household);
}

/** Balances tell who moved tokens off only while no move of ours is under way. */
function note(
  { books }: Needs,
  household: HouseholdId,
  look: WalletLook,
  at: EpochMs,
  mark: string | undefined,
): void {
  const isQuiet = mark !== undefined && books.wallets.quietMark(household) === mark;
  const { energyWh, boughtWh } = books.energy.balanceOf(household);
  const owedWh = books.wallets.leftOwedWh(household);
  const expectedWh = books.energy.onChainWh(household);
  const has = { energyWh, boughtWh, owedWh };
  books.wallets.saw(household, look, isQuiet ? leavingOf(expectedWh, look, has) : undefined, at);
}

/** Oldest first, each counted before the next. */
function goOn({ books, clock, tell }: Needs, seller: HouseholdId): void {
  const waiting = books.trades.inStates(unpaidStates).filter((trade) => trade.seller === seller);
  const wallet = books.wallets.of(seller) as OwnWallet;
  const moment = { now: clock.now(), speed: clock.speed };
  const buyers = new Set<HouseholdId>();
  let aheadWh = 0;
  for (const trade of waiting) {
    const owedWh = books.wallets.owedWh(seller);
    const verdict = mayMove(wallet, trade.energyWh, wattHours(owedWh + aheadWh), moment);
    const isLast = verdict.kind === 'look' && owedWh === 0 && wallet.seen !== undefined;
    if (verdict.kind === 'yes') {
      aheadWh += trade.energyWh;
      buyers.add(trade.buyer);
    } else if (verdict.kind === 'no' || isLast) {
      const why =
        verdict.kind === 'no' ? verdict.why : 'the wallet allows no more than older trades take';
      books.trades.expire(trade, why, moment.now);
      tell({ name: 'trade.expired', trade: trade.id, why });
    }
  }
  for (const buyer of buyers) tell({ name: 'funds.checked', buyer });
}
