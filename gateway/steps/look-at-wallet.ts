/** Looks into wallets: what the hub may move, what owners moved off, and what others sent in. */
import type { HouseholdId } from '../core/ids.ts';
import { changeOf, mayMove, type OwnWallet, type WalletLook } from '../core/own-wallet.ts';
import { hourMs, slotEnd, timeOfDayMs } from '../core/slot.ts';
import { unpaidStates } from '../core/trade.ts';
import { type EpochMs, epochMs, wattHours } from '../core/units.ts';
import type { EventOf, Tell } from '../events/hub-event.ts';
import type { Books } from '../ports/books/books.ts';
import type { NeighbourhoodClock } from '../ports/clock.ts';
import type { TokenChain } from '../ports/tokens.ts';

type Needs = {
  books: Pick<Books, 'deeds' | 'energy' | 'tokens' | 'trades' | 'wallets'>;
  chain: Pick<TokenChain, 'addressOf' | 'lookAtWallet'>;
  clock: NeighbourhoodClock;
  tell: Tell;
};

/** After the night's burns, when most wallets are quiet. */
const compareAtMs = 4 * hourMs;

/**
 * Wallets whose keys households have at every slot, so that offers and the books are at most a slot behind; those that
 * the hub keeps once a night, because nothing can happen to them but that somebody sends tokens in.
 */
export function rememberWallets(
  { books }: { books: Pick<Books, 'deeds' | 'households' | 'wallets'> },
  { slot }: EventOf<'slot.closed'>,
): void {
  const at = slotEnd(slot);
  const concerned =
    timeOfDayMs(at) === compareAtMs
      ? books.households.all().map(({ id }) => id)
      : books.wallets.all().map(({ household }) => household);
  if (concerned.length > 0) books.deeds.ensureAll('look-at-wallet', concerned, at);
}

/** One look; trades that waited for it go on, and those that the wallet does not let go end before any phone rings. */
export async function lookAtWallet(needs: Needs, subject: string): Promise<void> {
  const { books, chain, clock } = needs;
  const household = subject as HouseholdId;
  const before = books.wallets.of(household)?.address;
  const [at, mark] = [clock.now(), books.wallets.quietMark(household)];
  const look = await chain.lookAtWallet(household);
  // The owner may have brought another address meanwhile, which has a look of its own.
  const wallet = books.wallets.of(household);
  if (wallet?.address !== before) return;
  // Of a wallet that the hub keeps tomorrow's look is soon enough.
  if (!look.ok) return wallet === undefined ? books.deeds.done(deedOf(household)) : undefined;
  note(needs, household, look.value, at, mark);
  books.deeds.done(deedOf(household));
  if (wallet !== undefined) goOn(needs, household);
}

const deedOf = (household: HouseholdId) => `look-at-wallet:${household}`;

/** Balances tell who moved tokens only while no move of ours is under way, and when all nodes say the same. */
function note(
  { books, chain }: Needs,
  household: HouseholdId,
  look: WalletLook,
  at: EpochMs,
  mark: string | undefined,
): void {
  const isQuiet = mark !== undefined && books.wallets.quietMark(household) === mark;
  if (!isQuiet || look.disputed) return books.wallets.saw(household, look, undefined, at);
  const { energyWh, boughtWh } = books.energy.balanceOf(household);
  const owedWh = books.wallets.leftOwedWh(household);
  const has = { energyWh, boughtWh, owedWh, outsideWh: books.wallets.outsideWh() };
  const change = changeOf(books.energy.onChainWh(household), look, has);
  if (books.wallets.of(household) === undefined) {
    // Nobody but the hub can move these off: what is missing here is no leaving, and `chain verify` names it.
    if (change.arrivedWh === 0) return;
    books.tokens.noteOwner(household, chain.addressOf(household), epochMs(0));
  }
  books.wallets.saw(household, look, change, at);
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
