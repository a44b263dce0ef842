/** Clears a round: finds the neighbours who want what passed, and reserves it for them. */
import { wantedLots } from '../core/buying.ts';
import { expiryFloorMs, scaledDeadline } from '../core/deadline.ts';
import type { HouseholdId, TradeId } from '../core/ids.ts';
import {
  type LotWish,
  type PricedPair,
  postedRule,
  type RoundRule,
} from '../core/market/round-rule.ts';
import { offerableWh } from '../core/own-wallet.ts';
import type { HubSettings } from '../core/settings.ts';
import { mayRing, topupMostCents } from '../core/topup.ts';
import { priceOf, type Trade } from '../core/trade.ts';
import { type EpochMs, type SlotNumber, type WattHours, wattHours } from '../core/units.ts';
import { settingsOfRound } from '../core/window.ts';
import type { EventOf, Tell } from '../events/hub-event.ts';
import type { Books } from '../ports/books/books.ts';
import type { NeighbourhoodClock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';
import type { MobileMoney } from '../ports/mobile-money.ts';

type Needs = {
  books: Pick<Books, 'energy' | 'market' | 'rounds' | 'settings' | 'topups' | 'trades' | 'wallets'>;
  money: Pick<MobileMoney, 'health'>;
  clock: NeighbourhoodClock;
  ids: Ids;
  tell: Tell;
  market?: RoundRule;
};

/** One write: the round's outcome, its trades and the sellers' reserved energy. */
export function matchBuyers(needs: Needs, { slot }: EventOf<'round.ready'>): void {
  const { books, clock, tell, market = postedRule } = needs;
  if (books.rounds.open() !== slot) return;
  const now = clock.now();
  const settings = settingsOfRound(books.settings.at(now), books.energy.firstSlot(), slot);
  // Stopped since the round began: what was offered is proposed anew when the market goes on.
  if (!settings.marketOpen) {
    const nothing = { rate: settings.rate, offeredLots: 0, askedLots: 0, matchedLots: 0 };
    books.rounds.clear(slot, nothing, [], now);
    return tell({ name: 'round.cleared', slot, trades: 0 });
  }
  const { rate, lotWh } = settings;
  const cleared = market.clear({
    registry: books.market.registry(),
    turn: slot,
    ...{ lotWh, rate },
    sellers: sellingSide(books, slot, lotWh, now),
    buyers: buyingSide(needs, market, settings, now),
  });
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

function sellingSide(
  books: Needs['books'],
  slot: SlotNumber,
  lotWh: WattHours,
  now: EpochMs,
): LotWish<HouseholdId>[] {
  const proposals = books.rounds.proposalsOf(slot);
  if (proposals.length === 0) return [];
  const sellers = new Map(books.market.sellers(lotWh, now).map((seller) => [seller.id, seller]));
  return proposals.flatMap(({ household, passedWh }) => {
    const seller = sellers.get(household);
    if (seller === undefined) return [];
    // Between proposal and clearing an order by hand may have taken some of it.
    const { energyWh: heldWh, sellFloor: limit } = seller;
    const there = Math.min(passedWh ?? 0, heldWh, movableWh(books, household) ?? heldWh);
    return [{ name: household, lots: Math.floor(there / lotWh), limit }];
  });
}

/** What an own wallet allows the hub, by the last look; undefined where the hub keeps the key. */
function movableWh({ wallets }: Needs['books'], household: HouseholdId): number | undefined {
  const wallet = wallets.of(household);
  return wallet && offerableWh(wallet, wallets.committedWh(household));
}

function buyingSide(
  { books, clock, money }: Needs,
  { isPosted }: RoundRule,
  { rate, lotWh, walletsOnly }: HubSettings & { readonly walletsOnly: boolean },
  now: EpochMs,
): LotWish<HouseholdId>[] {
  const mayAsk = !walletsOnly && clock.trust() === 'trusted' && canAsk(money);
  return books.market.buyers(lotWh, now).map((buyer) => {
    const rings = mayAsk && mayRing(buyer.rule, buyer.phone, now) === undefined;
    const limit = buyer.rule.buyCeiling;
    const asking = { ...buyer, askableCents: rings ? topupMostCents : 0 };
    return { name: buyer.id, lots: wantedLots(asking, isPosted ? rate : limit, lotWh), limit };
  });
}

const canAsk = (money: Pick<MobileMoney, 'health'>): boolean =>
  money.health().state === 'ok' || money.health().state === 'unknown';

function tradeOf(
  { clock, ids }: Needs,
  slot: SlotNumber,
  { seller, buyer, lots, rate }: PricedPair<HouseholdId>,
  { lotWh, tradeExpiryMs }: HubSettings,
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
