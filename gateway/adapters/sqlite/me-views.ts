/** What one household's page shows, read straight from the books: rows of that household and no other. */
import type { Database } from 'better-sqlite3';

export type MeTradeLine = {
  readonly id: string;
  readonly sold: 0 | 1;
  readonly energyWh: number;
  readonly amountCents: number;
  readonly state: string;
  readonly createdMs: number;
  readonly topupSentMs: number | null;
  readonly topupState: string | null;
  readonly payoutState: string | null;
  readonly payoutMs: number | null;
  readonly hasReceipt: 0 | 1;
};
export type MeEventLine = { readonly trade: string; readonly event: string; readonly atMs: number };
export type MeSumLine = {
  readonly soldWh: number;
  readonly soldCents: number;
  readonly boughtWh: number;
  readonly boughtCents: number;
};
export type MeAdviceLine = {
  readonly slot: number;
  readonly sellWh: number;
  readonly keepWh: number;
  readonly reason: string;
  readonly reasonSw: string;
  readonly atMs: number;
};

export interface MeViews {
  /** Newest first. */
  trades(household: string, limit: number): MeTradeLine[];
  /** Of the same trades, in order. */
  events(household: string, limit: number): MeEventLine[];
  sums(household: string, sinceMs: number): MeSumLine;
  advice(household: string): MeAdviceLine | undefined;
  /** Cents that an open prompt asks for. */
  asked(household: string): number | undefined;
  receipts(household: string, limit: number): MeTradeLine[];
  parties(trade: string): { readonly seller: string; readonly buyer: string } | undefined;
}

const lineColumns = `SELECT t.id, t.seller = $household AS sold, t.energy_wh AS energyWh,
  t.amount_cents AS amountCents, t.state, t.created_ms AS createdMs, u.sent_ms AS topupSentMs,
  u.state AS topupState, p.state AS payoutState, p.sent_ms AS payoutMs,
  EXISTS (SELECT 1 FROM receipt r WHERE r.trade = t.id) AS hasReceipt
  FROM trade t LEFT JOIN topup u ON u.id = t.topup AND u.household = $household
  LEFT JOIN payout p ON p.id = t.payout AND p.household = $household`;
const own = '(t.seller = $household OR t.buyer = $household)';

type Whose = { household: string; limit: number };

/** The read side of books.db for `/api/me`; every list has a limit. */
export function meViews(db: Database): MeViews {
  const trades = db.prepare<[Whose], MeTradeLine>(
    `${lineColumns} WHERE ${own} ORDER BY t.created_ms DESC, t.id DESC LIMIT $limit`,
  );
  const receipts = db.prepare<[Whose], MeTradeLine>(
    `${lineColumns} WHERE ${own} AND EXISTS (SELECT 1 FROM receipt r WHERE r.trade = t.id)
     ORDER BY t.created_ms DESC, t.id DESC LIMIT $limit`,
  );
  const events = db.prepare<[Whose], MeEventLine>(
    `SELECT e.trade, e.event, e.at_ms AS atMs FROM trade_event e WHERE e.trade IN (
       SELECT t.id FROM trade t WHERE ${own} ORDER BY t.created_ms DESC, t.id DESC LIMIT $limit)
     ORDER BY e.id`,
  );
  const sums = db.prepare<[{ household: string; since: number }], MeSumLine>(
    `SELECT coalesce(sum(energy_wh) FILTER (WHERE seller = $household), 0) AS soldWh,
       coalesce(sum(amount_cents) FILTER (WHERE seller = $household), 0) AS soldCents,
       coalesce(sum(energy_wh) FILTER (WHERE buyer = $household), 0) AS boughtWh,
       coalesce(sum(amount_cents) FILTER (WHERE buyer = $household), 0) AS boughtCents
     FROM trade WHERE (seller = $household OR buyer = $household)
       AND created_ms >= $since AND state IN ('settled', 'closed')`,
  );
  const advice = db.prepare<[string], MeAdviceLine>(
    `SELECT slot, sell_wh AS sellWh, keep_wh AS keepWh, coalesce(nullif(opinion_reason, ''), reason) AS reason,
       coalesce(nullif(opinion_reason_sw, ''), reason_sw) AS reasonSw, at_ms AS atMs
     FROM advice WHERE household = ? ORDER BY slot DESC LIMIT 1`,
  );
  const asked = db.prepare<[string], { cents: number }>(
    `SELECT amount_cents AS cents FROM topup
     WHERE household = ? AND state IN ('intent', 'unknown', 'pending') LIMIT 1`,
  );
  const parties = db.prepare<[string], { seller: string; buyer: string }>(
    'SELECT seller, buyer FROM trade WHERE id = ?',
  );
  return {
    trades: (household, limit) => trades.all({ household, limit }),
    events: (household, limit) => events.all({ household, limit }),
    sums: (household, since) =>
      sums.get({ household, since }) ?? { soldWh: 0, soldCents: 0, boughtWh: 0, boughtCents: 0 },
    advice: (household) => advice.get(household),
    asked: (household) => asked.get(household)?.cents,
    receipts: (household, limit) => receipts.all({ household, limit }),
    parties: (trade) => parties.get(trade),
  };
}
