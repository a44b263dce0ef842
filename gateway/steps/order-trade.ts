/** A trade ordered by hand: quantity and price are given, everything after that is the same way. */
import { expiryFloorMs, scaledDeadline } from '../core/deadline.ts';
import type { Household, StandingRule } from '../core/household.ts';
import type { TradeId } from '../core/ids.ts';
import { fail, ok, type Result } from '../core/result.ts';
import { slotAt, startOfDay } from '../core/slot.ts';
import { topupMostCents } from '../core/topup.ts';
import { priceOf, type Trade } from '../core/trade.ts';
import type { CentsPerKwh, WattHours } from '../core/units.ts';
import type { Tell } from '../events/hub-event.ts';
import type { Books } from '../ports/books/books.ts';
import type { NeighbourhoodClock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';

type Needs = {
  books: Pick<Books, 'energy' | 'households' | 'settings' | 'trades'>;
  clock: NeighbourhoodClock;
  ids: Ids;
  tell: Tell;
};

export type HandOrder = {
  readonly seller: Household;
  readonly buyer: Household;
  readonly energyWh: WattHours;
  readonly rate: CentsPerKwh;
  readonly idempotencyKey: string | undefined;
};

export type OrderProblem =
  | { readonly kind: 'same-household' }
  /** The idempotency key belongs to an order with other content. */
  | { readonly kind: 'key-used' }
  | { readonly kind: 'too-cheap' }
  | { readonly kind: 'too-dear' }
  | { readonly kind: 'not-enough-energy'; readonly thereWh: number };

/** Reserves the seller's energy. The same idempotency key gives the same trade again. */
export function orderTrade(
  { books, clock, ids, tell }: Needs,
  order: HandOrder,
): Result<Trade, OrderProblem> {
  const { seller, buyer, energyWh, rate, idempotencyKey } = order;
  const before = idempotencyKey && books.trades.byIdempotencyKey(idempotencyKey);
  if (before) return isSame(before, order) ? ok(before) : fail({ kind: 'key-used' });
  const amountCents = priceOf(energyWh, rate);
  const thereWh = books.energy.balanceOf(seller.id).energyWh;
  if (seller.id === buyer.id) return fail({ kind: 'same-household' });
  if (amountCents === 0) return fail({ kind: 'too-cheap' });
  if (amountCents > topupMostCents) return fail({ kind: 'too-dear' });
  if (thereWh < energyWh) return fail({ kind: 'not-enough-energy', thereWh });
  const now = clock.now();
  const { tradeExpiryMs } = books.settings.at(now);
  const rule = books.households.ruleOf(buyer.id, now);
  const spentCents = books.trades.boughtSince(buyer.id, startOfDay(now)) + amountCents;
  const trade: Trade = {
    id: ids.fresh() as TradeId,
    origin: 'order',
    slot: slotAt(now),
    seller: seller.id,
    buyer: buyer.id,
    energyWh,
    rate,
    amountCents,
    funding: walletMayPay(rule, rate, spentCents) ? 'wallet' : 'phone',
    state: 'matched',
    createdAt: now,
    expiresAt: scaledDeadline(now, clock.speed, tradeExpiryMs, expiryFloorMs),
    topup: undefined,
    signature: undefined,
    payout: undefined,
  };
  books.trades.order(trade, idempotencyKey);
  tell({
    name: 'trade.matched',
    trade: trade.id,
    seller: seller.id,
    buyer: buyer.id,
    energyWh,
    amountCents,
  });
  return ok(trade);
}

const isSame = (trade: Trade, { seller, buyer, energyWh, rate }: HandOrder): boolean =>
  trade.seller === seller.id &&
  trade.buyer === buyer.id &&
  trade.energyWh === energyWh &&
  trade.rate === rate;

/** Only what the standing rule allows: its price, and what is left of its daily limit. */
const walletMayPay = (rule: StandingRule, rate: CentsPerKwh, spentTodayCents: number): boolean =>
  rule.autoBuy && rule.buyCeiling >= rate && rule.buyDailyCents >= spentTodayCents;
