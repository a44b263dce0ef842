/** A trade ordered by hand: quantity and price are given, everything after that is the same way. */
import { expiryFloorMs, scaledDeadline } from '../core/deadline.ts';
import type { Household, StandingRule } from '../core/household.ts';
import type { TradeId } from '../core/ids.ts';
import { obstacleOf, offerableWh } from '../core/own-wallet.ts';
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
  books: Pick<Books, 'energy' | 'households' | 'settings' | 'trades' | 'wallets'>;
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
  | { readonly kind: 'not-enough-energy'; readonly thereWh: number }
  /** The seller has the key of its wallet, and does not let the hub move that much. */
  | { readonly kind: 'wallet-barred'; readonly why: string };

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
  const barred = whyBarred(books, order);
  if (barred !== undefined) return fail({ kind: 'wallet-barred', why: barred });
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

function whyBarred(books: Needs['books'], { seller, energyWh }: HandOrder): string | undefined {
  const wallet = books.wallets.of(seller.id);
  // A wallet that was never looked at is looked at before the trade is paid.
  if (wallet?.seen === undefined) return undefined;
  const offerable = offerableWh(wallet, books.wallets.committedWh(seller.id)) ?? energyWh;
  if (offerable >= energyWh) return undefined;
  return obstacleOf(wallet) ?? `the wallet allows only ${offerable} Wh more`;
}

const isSame = (trade: Trade, { seller, buyer, energyWh, rate }: HandOrder): boolean =>
  trade.seller === seller.id &&
  trade.buyer === buyer.id &&
  trade.energyWh === energyWh &&
  trade.rate === rate;

/** Only what the standing rule allows: its price, and what is left of its daily limit. */
const walletMayPay = (rule: StandingRule, rate: CentsPerKwh, spentTodayCents: number): boolean =>
  rule.autoBuy && rule.buyCeiling >= rate && rule.buyDailyCents >= spentTodayCents;
