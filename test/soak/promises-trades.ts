/** Promises 3, 5, 6 and 7: tokens after money, nothing left half done, nothing beyond what was agreed. */
import { type Count, countOf, type Evidence } from './evidence.ts';

type TradeRow = {
  readonly id: string;
  readonly origin: string;
  readonly state: string;
  readonly intent: string | null;
  readonly paid: number | null;
  readonly sent: number | null;
};

/** `paid` and `sent` are places in the trade's history. */
const tradesSql = `
  SELECT t.id, t.origin, t.state, i.state AS intent,
    (SELECT min(id) FROM trade_event e WHERE e.trade = t.id AND e.event = 'trade.paid') AS paid,
    (SELECT min(id) FROM trade_event e WHERE e.trade = t.id AND e.event IN ('tokens.sent', 'tokens.settled')) AS sent
  FROM trade t LEFT JOIN token_intent i ON i.trade = t.id`;

const over = new Set(['closed', 'expired', 'undone', 'settled']);
const delivered = new Set(['settled', 'closed']);

export function judgeTrades({ books }: Evidence, promised: ReadonlySet<string>): Count[] {
  const trades = books.rows<TradeRow>(tradesSql);
  const unit = 'trades';
  const known = new Set(trades.map(({ id }) => id));
  return [
    countOf(
      { promise: 3, name: 'tokens moved before the money was certain', unit },
      trades.filter(({ sent }) => sent !== null),
      ({ paid, sent }) => paid === null || (sent ?? 0) < paid,
    ),
    countOf(
      { promise: 3, name: 'paid and settled without tokens', unit },
      trades.filter(({ state }) => delivered.has(state)),
      ({ intent }) => intent !== 'done',
    ),
    countOf(
      { promise: 3, name: 'tokens moved for a trade that was not paid', unit },
      trades.filter(({ state }) => state === 'expired' || state === 'undone'),
      ({ intent }) => intent === 'done',
    ),
    countOf(
      { promise: 5, name: 'trades that never ended', unit },
      trades,
      ({ state }) => !over.has(state),
    ),
    countOf(
      { promise: 5, name: 'orders accepted and forgotten', unit: 'orders' },
      [...promised],
      (id) => !known.has(id),
    ),
    ...judgeAgreements(books),
  ];
}

type Sold = { readonly proposal: string; readonly soldWh: number; readonly passedWh: number };
type Advised = { readonly household: string; readonly offeredWh: number; readonly sellWh: number };

function judgeAgreements(books: Evidence['books']): Count[] {
  const sold = books.rows<Sold>(
    `SELECT p.id AS proposal, coalesce(p.passed_wh, 0) AS passedWh, sum(t.energy_wh) AS soldWh
     FROM trade t JOIN proposal p ON p.slot = t.slot AND p.household = t.seller
     WHERE t.origin = 'round' GROUP BY p.id`,
  );
  const advised = books.rows<Advised>(
    `SELECT p.household, p.energy_wh AS offeredWh, a.sell_wh AS sellWh
     FROM proposal p JOIN advice a ON a.slot = p.slot AND a.household = p.household`,
  );
  const stray = books.rows<{ id: string }>(
    `SELECT t.id FROM trade t WHERE t.origin = 'round' AND NOT EXISTS
       (SELECT 1 FROM proposal p WHERE p.slot = t.slot AND p.household = t.seller)`,
  );
  return [
    {
      ...countOf(
        { promise: 6, name: 'more sold than what was proposed and let through', unit: 'proposals' },
        sold,
        ({ soldWh, passedWh }) => soldWh > passedWh,
      ),
    },
    {
      promise: 6,
      name: 'sold without a proposal',
      unit: 'trades',
      broken: stray.length,
      of: sold.length,
      examples: stray.map(({ id }) => id).slice(0, 3),
    },
    countOf(
      { promise: 7, name: 'proposed beyond what the policy allows', unit: 'proposals' },
      advised,
      ({ offeredWh, sellWh }) => offeredWh > sellWh,
    ),
  ];
}
