/** Clears a round: finds the neighbours who want what passed, and reserves it for them. */
import { wantedLots } from '../core/buying.ts';
import { expiryFloorMs, scaledDeadline } from '../core/deadline.ts';
import type { Household } from '../core/household.ts';
import type { HouseholdId, TradeId } from '../core/ids.ts';
import { clearRound, type Pair, type Side } from '../core/matching.ts';
import type { HubSettings } from '../core/settings.ts';
import { startOfDay } from '../core/slot.ts';
import { mayRing, topupMostCents } from '../core/topup.ts';
import { openStates, priceOf, type Trade, unpaidStates } from '../core/trade.ts';
import { type EpochMs, type SlotNumber, wattHours } from '../core/units.ts';
import { settingsOfRound } from '../core/window.ts';
import type { EventOf, Tell } from '../events/hub-event.ts';
import type { Books } from '../ports/books/books.ts';
import type { NeighbourhoodClock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';
import type { MobileMoney } from '../ports/mobile-money.ts';

type Needs = {
  books: Pick<Books, 'energy' | 'households' | 'rounds' | 'settings' | 'topups' | 'trades'>;
  money: Pick<MobileMoney, 'health'>;
  clock: NeighbourhoodClock;
  ids: Ids;
  tell: Tell;
};

/** One write: the round's outcome, its trades and the sellers' reserved energy. */
export function matchBuyers(needs: Needs, { slot }: EventOf<'round.ready'>): void {
  const { books, clock, tell } = needs;
  if (books.rounds.open() !== slot) return;
  const now = clock.now();
  const settings = settingsOfRound(books.settings.at(now), books.energy.firstSlot(), slot);
  const households = books.households.all();
  const sellers = sellingSide(books, slot, settings);
  const buyers = households.map((household) => buyingSide(needs, household, settings, now));
  const registry = households.map(({ id }) => id);
  const cleared = clearRound(registry, slot, sellers, buyers);
  const trades = cleared.pairs
    .map((pair) => tradeOf(needs, slot, pair, settings, now))
    .filter(({ amountCents }) => amountCents > 0);
  const { offered: offeredLots, asked: askedLots, matched: matchedLots } = cleared;
  const outcome = { rate: settings.rate, offeredLots, askedLots, matchedLots };
  books.rounds.clear(slot, outcome, trades, now);
  tell({ name: 'round.cleared', slot, trades: trades.length });
  for (const { id, seller, buyer, energyWh, amountCents } of trades)
    tell({ name: 'trade.matched', trade: id, seller, buyer, energyWh, amountCents });
}

const sellingSide = (
  books: Needs['books'],
  slot: SlotNumber,
  { lotWh }: HubSettings,
): Side<HouseholdId>[] =>
  books.rounds.proposalsOf(slot).map(({ household, passedWh }) => {
    // Between proposal and clearing an order by hand may have taken some of it.
    const there = Math.min(passedWh ?? 0, books.energy.balanceOf(household).energyWh);
    return { name: household, lots: Math.floor(there / lotWh) };
  });

function buyingSide(
  { books, clock, money }: Needs,
  { id, phone }: Household,
  { rate, lotWh, walletsOnly }: HubSettings & { readonly walletsOnly: boolean },
  now: EpochMs,
): Side<HouseholdId> {
  const rule = books.households.ruleOf(id, now);
  const open = books.trades.ofBuyer(id, openStates);
  const unpaid = open.filter(({ state }) => unpaidStates.includes(state));
  const mayAsk = !walletsOnly && clock.trust() === 'trusted' && canAsk(money);
  const rings = mayAsk && mayRing(rule, books.topups.historyOf(id, phone, now), now) === undefined;
  const buyer = {
    rule,
    needWh: books.energy.balanceOf(id).needWh,
    comingWh: open.reduce((sum, { energyWh }) => sum + energyWh, 0),
    walletCents: books.trades.walletOf(id),
    committedCents: unpaid.reduce((sum, { amountCents }) => sum + amountCents, 0),
    askableCents: rings ? topupMostCents : 0,
    boughtTodayCents: books.trades.boughtSince(id, startOfDay(now)),
  };
  return { name: id, lots: wantedLots(buyer, rate, lotWh) };
}

const canAsk = (money: Pick<MobileMoney, 'health'>): boolean =>
  money.health().state === 'ok' || money.health().state === 'unknown';

function tradeOf(
  { clock, ids }: Needs,
  slot: SlotNumber,
  { seller, buyer, lots }: Pair<HouseholdId>,
  { rate, lotWh, tradeExpiryMs }: HubSettings,
  now: EpochMs,
): Trade {
  const energyWh = wattHours(lots * lotWh);
  return {
    id: ids.fresh() as TradeId,
    origin: 'round',
    slot,
    seller,
    buyer,
    energyWh,
    rate,
    amountCents: priceOf(energyWh, rate),
    funding: 'wallet',
    state: 'matched',
    createdAt: now,
    expiresAt: scaledDeadline(now, clock.speed, tradeExpiryMs, expiryFloorMs),
    topup: undefined,
    signature: undefined,
    payout: undefined,
  };
}
