/** Trades: every change of state is a compare-and-set in the transaction that moves money or energy. */
import type { Database } from 'better-sqlite3';
import type { PayoutId, TradeId } from '../../core/ids.ts';
import {
  type Cover,
  coverNeed,
  payFromWallet,
  releaseTrade,
  undoTrade,
  unreserveEnergy,
} from '../../core/ledger.ts';
import type { TokenIntent } from '../../core/token.ts';
import {
  advance,
  statesBefore,
  type Trade,
  type TradeMove,
  type TradeState,
} from '../../core/trade.ts';
import { cents } from '../../core/units.ts';
import type { TradeBooks } from '../../ports/books/trades.ts';
import { historyWriter, intentWriter, postingWriter } from './postings.ts';
import { type TradeRow, toTrade, tradeWriter } from './trade-rows.ts';

type Moves = Pick<
  TradeBooks,
  'order' | 'awaitFunds' | 'pay' | 'expire' | 'settle' | 'undo' | 'review' | 'close'
>;

/** Moves a trade along its table, or throws: another state means a programming error, and nothing is written. */
export function stateMover(db: Database) {
  const state = db.prepare<[string], { state: TradeState }>('SELECT state FROM trade WHERE id = ?');
  const set = db.prepare('UPDATE trade SET state = ? WHERE id = ? AND state = ?');
  const tell = historyWriter(db);
  return (trade: string, move: TradeMove, detail: string, at: number): void => {
    const from = state.get(trade)?.state;
    const to = from && advance(from, move);
    if (from === undefined || to === undefined || !to.ok)
      throw new Error(
        `trade ${trade} is ${from ?? 'unknown'}: ${move} needs ${statesBefore(move)}`,
      );
    set.run(to.value, trade, from);
    tell(trade, move, detail, at);
  };
}

function tradeMoves(db: Database): Moves {
  const post = postingWriter(db);
  const move = stateMover(db);
  const addIntents = intentWriter(db);
  const write = tradeWriter(db);
  const setSignature = db.prepare('UPDATE trade SET signature = ? WHERE id = ?');
  const setPayout = db.prepare('UPDATE trade SET payout = ? WHERE id = ?');
  const endIntent = db.prepare('UPDATE token_intent SET state = ?, signature = ? WHERE id = ?');
  const landed = db.prepare("UPDATE token_attempt SET state = 'landed' WHERE signature = ?");
  const expireOthers = db.prepare(
    "UPDATE token_attempt SET state = 'expired' WHERE intent = ? AND state = 'open' AND signature <> ?",
  );
  const dropDeed = db.prepare("DELETE FROM deed WHERE key = 'send-tokens:' || ?");

  const together = <Args extends unknown[]>(work: (...args: Args) => void) => {
    const transaction = db.transaction(work);
    return (...args: Args): void => transaction.immediate(...args);
  };
  return {
    order: together((trade: Trade, key: string | undefined) => write(trade, key, trade.createdAt)),
    awaitFunds: together((trade: Trade, at: number) => move(trade.id, 'wallet.short', '', at)),
    pay: together((trade: Trade, intent: TokenIntent, at: number) => {
      move(trade.id, 'trade.paid', '', at);
      post(payFromWallet(trade), at);
      addIntents([intent], at);
    }),
    expire: together((trade: Trade, why: string, at: number) => {
      move(trade.id, 'trade.expired', why, at);
      post(unreserveEnergy(trade), at);
    }),
    settle: together(
      (trade: Trade, intent: TokenIntent, signature: string, cover: Cover, at: number) => {
        move(trade.id, 'tokens.settled', signature, at);
        setSignature.run(signature, trade.id);
        post(releaseTrade(trade), at);
        post(coverNeed(`trade:${trade.id}`, trade.buyer, cover), at);
        expireOthers.run(intent.id, signature);
        landed.run(signature);
        endIntent.run('done', signature, intent.id);
        dropDeed.run(intent.id);
      },
    ),
    undo: together((trade: Trade, intent: TokenIntent, why: string, at: number) => {
      move(trade.id, 'tokens.impossible', why, at);
      post(undoTrade(trade), at);
      endIntent.run('failed', null, intent.id);
      dropDeed.run(intent.id);
    }),
    review: together((trade: Trade, intent: TokenIntent, why: string, at: number) => {
      move(trade.id, 'tokens.unclear', why, at);
      // The deed stays and only watches: what was sent may still land.
      endIntent.run('review', null, intent.id);
    }),
    close: together((trades: readonly TradeId[], payout: PayoutId | undefined, at: number) => {
      for (const trade of trades) {
        move(trade, 'earnings.paid-out', payout ?? '', at);
        setPayout.run(payout ?? null, trade);
      }
    }),
  };
}

/** The trade family of books.db. */
export function tradeBooks(db: Database): TradeBooks {
  const find = db.prepare<[string], TradeRow>('SELECT * FROM trade WHERE id = ?');
  const byKey = db.prepare<[string], TradeRow>('SELECT * FROM trade WHERE idempotency_key = ?');
  const ofTopup = db.prepare<[string], TradeRow>(
    'SELECT * FROM trade WHERE topup = ? ORDER BY created_ms, id LIMIT 1',
  );
  const inState = db.prepare<[string], TradeRow>(
    'SELECT * FROM trade WHERE state IN (SELECT value FROM json_each(?)) ORDER BY created_ms, id',
  );
  const ofBuyer = db.prepare<[string, string], TradeRow>(
    `SELECT * FROM trade WHERE buyer = ? AND state IN (SELECT value FROM json_each(?))
     ORDER BY created_ms, id`,
  );
  const sold = db.prepare<[string, number], { sum: number | null }>(
    `SELECT sum(energy_wh) AS sum FROM trade
     WHERE seller = ? AND created_ms >= ? AND state NOT IN ('expired', 'undone')`,
  );
  const bought = db.prepare<[string, number], { sum: number | null }>(
    `SELECT sum(amount_cents) AS sum FROM trade
     WHERE buyer = ? AND created_ms >= ? AND state NOT IN ('expired', 'undone')`,
  );
  const balance = db.prepare<[string], { balance: number }>(
    'SELECT balance FROM account WHERE id = ?',
  );
  const earned = db.prepare<[string], { id: string; amount_cents: number; state: TradeState }>(
    `SELECT t.id, t.amount_cents, t.state FROM trade t
     JOIN trade_event e ON e.trade = t.id AND e.event = 'tokens.settled'
     WHERE t.seller = ? AND t.state IN ('settled', 'closed') ORDER BY e.id`,
  );
  const one = (row: TradeRow | undefined) => row && toTrade(row);
  const centsOf = (account: string) => cents(balance.get(account)?.balance ?? 0);
  return {
    find: (id) => one(find.get(id)),
    byIdempotencyKey: (key) => one(byKey.get(key)),
    ofTopup: (topup) => one(ofTopup.get(topup)),
    inStates: (states) => inState.all(JSON.stringify(states)).map(toTrade),
    ofBuyer: (buyer, states) => ofBuyer.all(buyer, JSON.stringify(states)).map(toTrade),
    soldSince: (seller, since) => sold.get(seller, since)?.sum ?? 0,
    boughtSince: (buyer, since) => bought.get(buyer, since)?.sum ?? 0,
    walletOf: (household) => centsOf(`wallet:${household}`),
    earningsOf: (household) => centsOf(`earnings:${household}`),
    earnedBy: (seller) =>
      earned.all(seller).map((row) => ({
        trade: row.id as TradeId,
        amountCents: cents(row.amount_cents),
        closed: row.state === 'closed',
      })),
    ...tradeMoves(db),
  };
}
