/** Pays a buyer's trades from its wallet, or says what the wallet lacks. */
import type { HouseholdId, TokenIntentId } from '../core/ids.ts';
import { mintNeeded, type TokenIntent } from '../core/token.ts';
import { type Trade, unpaidStates } from '../core/trade.ts';
import type { Tell } from '../events/hub-event.ts';
import type { Books } from '../ports/books/books.ts';
import type { NeighbourhoodClock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';

type Needs = {
  books: Pick<Books, 'energy' | 'topups' | 'trades'>;
  clock: NeighbourhoodClock;
  ids: Ids;
  tell: Tell;
};

/** Oldest first; each payment is one write: the wallet pays, the trade moves on, the token intent stands. */
export function payTrades({ books, clock, ids, tell }: Needs, buyer: HouseholdId): void {
  let short = false;
  for (const trade of books.trades.ofBuyer(buyer, unpaidStates)) {
    if (isFunded(books, trade)) {
      const intent = intentFor(trade, books.energy.onChainWh(trade.seller), ids);
      books.trades.pay(trade, intent, clock.now());
      tell({ name: 'trade.paid', trade: trade.id, intent: intent.id });
      continue;
    }
    if (trade.state === 'matched') books.trades.awaitFunds(trade, clock.now());
    short = true;
  }
  if (short) tell({ name: 'funds.missing', buyer });
}

function isFunded(books: Needs['books'], trade: Trade): boolean {
  if (books.trades.walletOf(trade.buyer) < trade.amountCents) return false;
  if (trade.funding === 'wallet') return true;
  return trade.topup !== undefined && books.topups.find(trade.topup)?.state === 'credited';
}

const intentFor = (trade: Trade, sellerOnChainWh: number, ids: Ids): TokenIntent => ({
  id: ids.fresh() as TokenIntentId,
  kind: 'transfer',
  trade: trade.id,
  reference: `trade:${trade.id}`,
  from: trade.seller,
  to: trade.buyer,
  energyWh: trade.energyWh,
  mintWh: mintNeeded(trade.energyWh, sellerOnChainWh),
  memo: trade.id,
  state: 'open',
  signature: undefined,
});
