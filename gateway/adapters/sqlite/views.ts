/** What pages and the API show, read straight from the books. */
import type { Database } from 'better-sqlite3';

export type TradeLine = {
  readonly id: string;
  readonly origin: 'round' | 'order';
  readonly seller: string;
  readonly buyer: string;
  readonly energyWh: number;
  readonly rate: number;
  readonly amountCents: number;
  readonly state: string;
  readonly checkoutRequestId: string | null;
  readonly receipt: string | null;
  readonly signature: string | null;
  readonly payoutId: string | null;
  readonly createdMs: number;
};
export type HistoryLine = {
  readonly event: string;
  readonly detail: string;
  readonly atMs: number;
};
export type AccountLine = {
  readonly account: string;
  readonly unit: 'cents' | 'Wh';
  readonly balance: number;
};
export type RoundLine = {
  readonly slot: number;
  readonly atMs: number;
  readonly offeredLots: number;
  readonly askedLots: number;
  readonly matchedLots: number;
  readonly state: string;
};
export type AdviceLine = {
  readonly id: string;
  readonly household: string;
  readonly slot: number;
  readonly energyWh: number;
  readonly keepWh: number;
  readonly sellWh: number;
  readonly source: 'rule' | 'model';
  readonly reason: string;
  readonly opinionModel: string | null;
  readonly opinionSellWh: number | null;
  readonly opinionReason: string | null;
  readonly opinionReasonSw: string | null;
  readonly reasonSw: string;
  readonly policy: string;
  /** JSON of what was known then. */
  readonly known: string;
};
export type DayTotals = {
  readonly tradedWh: number;
  readonly tradedCents: number;
  readonly openTrades: number;
  readonly paid: number;
  readonly credited: number;
};

export interface BookViews {
  trades(limit: number): TradeLine[];
  trade(id: string): TradeLine | undefined;
  history(trade: string): HistoryLine[];
  accounts(): AccountLine[];
  rounds(limit: number): RoundLine[];
  advice(limit: number): AdviceLine[];
  /** Since a moment; `paid` counts pushes that M-Pesa confirmed, `credited` those that are in a wallet. */
  totals(sinceMs: number): DayTotals;
  accountBalance(account: string): number;
}

const tradeColumns = `SELECT t.id, t.origin, t.seller, t.buyer, t.energy_wh AS energyWh, t.rate,
  t.amount_cents AS amountCents, t.state, u.checkout_request_id AS checkoutRequestId, u.receipt,
  t.signature, t.payout AS payoutId, t.created_ms AS createdMs
  FROM trade t LEFT JOIN topup u ON u.id = t.topup`;

/** The read side of books.db; every list has a limit. */
export function bookViews(db: Database): BookViews {
  const trades = db.prepare<[number], TradeLine>(
    `${tradeColumns} ORDER BY t.created_ms DESC, t.id DESC LIMIT ?`,
  );
  const trade = db.prepare<[string], TradeLine>(`${tradeColumns} WHERE t.id = ?`);
  const history = db.prepare<[string], HistoryLine>(
    'SELECT event, detail, at_ms AS atMs FROM trade_event WHERE trade = ? ORDER BY id',
  );
  const accounts = db.prepare<[], AccountLine>(
    'SELECT id AS account, unit, balance FROM account WHERE balance <> 0 ORDER BY id LIMIT 10000',
  );
  const rounds = db.prepare<[number], RoundLine>(
    `SELECT slot, at_ms AS atMs, offered_lots AS offeredLots, asked_lots AS askedLots,
       matched_lots AS matchedLots, state FROM round WHERE state <> 'skipped' ORDER BY slot DESC LIMIT ?`,
  );
  const advice = db.prepare<[number], AdviceLine>(
    `SELECT id, household, slot, energy_wh AS energyWh, keep_wh AS keepWh, sell_wh AS sellWh, source,
       reason, opinion_model AS opinionModel, opinion_sell_wh AS opinionSellWh,
       opinion_reason AS opinionReason, opinion_reason_sw AS opinionReasonSw, reason_sw AS reasonSw,
       policy, known FROM advice ORDER BY slot DESC, household LIMIT ?`,
  );
  const traded = db.prepare<[number], { wh: number | null; cents: number | null }>(
    `SELECT sum(energy_wh) AS wh, sum(amount_cents) AS cents FROM trade
     WHERE created_ms >= ? AND state IN ('settled', 'closed')`,
  );
  const open = db.prepare<[], { n: number }>(
    "SELECT count(*) AS n FROM trade WHERE state IN ('matched', 'awaiting-funds', 'paid', 'transferring', 'review', 'settled')",
  );
  const paid = db.prepare<[number], { n: number }>(
    "SELECT count(*) AS n FROM topup WHERE created_ms >= ? AND (code = '0' OR receipt IS NOT NULL)",
  );
  const credited = db.prepare<[number], { n: number }>(
    "SELECT count(*) AS n FROM topup WHERE created_ms >= ? AND state = 'credited'",
  );
  const balance = db.prepare<[string], { balance: number }>(
    'SELECT balance FROM account WHERE id = ?',
  );
  return {
    trades: (limit) => trades.all(limit),
    trade: (id) => trade.get(id),
    history: (id) => history.all(id),
    accounts: () => accounts.all(),
    rounds: (limit) => rounds.all(limit),
    advice: (limit) => advice.all(limit),
    totals: (since) => {
      const sums = traded.get(since);
      return {
        tradedWh: sums?.wh ?? 0,
        tradedCents: sums?.cents ?? 0,
        openTrades: open.get()?.n ?? 0,
        paid: paid.get(since)?.n ?? 0,
        credited: credited.get(since)?.n ?? 0,
      };
    },
    accountBalance: (account) => balance.get(account)?.balance ?? 0,
  };
}
