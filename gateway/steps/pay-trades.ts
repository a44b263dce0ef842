/** Pays a buyer's trades from its wallet, or says what the wallet lacks. */
import type { HouseholdId, TokenIntentId } from '../core/ids.ts';
import { mayMove } from '../core/own-wallet.ts';
import { mintNeeded, type TokenIntent } from '../core/token.ts';
import { type Trade, unpaidStates } from '../core/trade.ts';
import type { Tell } from '../events/hub-event.ts';
import type { Books } from '../ports/books/books.ts';
import type { NeighbourhoodClock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';

type Needs = {
  books: Pick<Books, 'deeds' | 'energy' | 'topups' | 'trades' | 'wallets'>;
  clock: NeighbourhoodClock;
  ids: Ids;
  tell: Tell;
};

/**
 * Each payment is one write: the wallet pays, the trade moves on, the token intent stands. Trades whose own push
 * has come pay first, then the others, oldest first: a younger one does not take what an older one waits for.
 */
export function payTrades({ books, clock, ids, tell }: Needs, buyer: HouseholdId): void {
  let short = false;
  for (const trade of inTurn(books, buyer)) {
    if (!mayDeliver({ books, clock }, trade)) continue;
    const waitsForPush = trade.funding === 'phone' && !hasPushCome(books, trade);
    const funded = books.trades.walletOf(buyer) >= trade.amountCents && !waitsForPush && !short;
    if (funded) {
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

/**
 * Before a wallet is debited the seller's must be known to let its tokens go; where its owner has the key, the chain
 * is asked first, and the trade waits for the answer.
 */
function mayDeliver({ books, clock }: Pick<Needs, 'books' | 'clock'>, trade: Trade): boolean {
  const { seller, energyWh } = trade;
  const now = clock.now();
  const wallet = books.wallets.of(seller);
  if (wallet === undefined) return true;
  const moment = { now, speed: clock.speed };
  const verdict = mayMove(wallet, energyWh, books.wallets.owedWh(seller), moment);
  if (verdict.kind !== 'yes') books.deeds.ensure('look-at-wallet', seller, now);
  return verdict.kind === 'yes';
}

/** Pushes of their own first; those that still wait for theirs last, so that they hold up nobody. */
function inTurn(books: Needs['books'], buyer: HouseholdId): Trade[] {
  const trades = books.trades.ofBuyer(buyer, unpaidStates);
  const turn = (trade: Trade): number => {
    if (trade.funding === 'wallet') return 1;
    return hasPushCome(books, trade) ? 0 : 2;
  };
  return trades.toSorted((one, other) => turn(one) - turn(other));
}

const hasPushCome = (books: Needs['books'], { topup }: Trade): boolean =>
  topup !== undefined && books.topups.find(topup)?.state === 'credited';

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
