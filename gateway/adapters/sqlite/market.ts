/** What a round needs to know of everybody: one question instead of ten for each household. */
import type { Database } from 'better-sqlite3';
import type { EnergyBalance } from '../../core/energy.ts';
import type { HouseholdId } from '../../core/ids.ts';
import { startOfDay } from '../../core/slot.ts';
import type { TopupState } from '../../core/topup.ts';
import { openStates, unpaidStates } from '../../core/trade.ts';
import { centsPerKwh, epochMs, wattHours } from '../../core/units.ts';
import type { MarketBooks, MarketBuyer, MarketSeller } from '../../ports/books/market.ts';
import { type RuleRow, toRule } from './households.ts';

type BuyerRow = RuleRow & {
  id: string;
  need: number;
  wallet: number;
  coming: number | null;
  committed: number | null;
  spent: number | null;
  rings: number;
  prompts: number;
  sent: number | null;
  state: TopupState | null;
};

type SellerRow = { id: string; role: MarketSeller['role']; energy: number; floor: number };

const named = (states: readonly string[]): string => states.map((one) => `'${one}'`).join(', ');
const ruleOf = (household: string): string =>
  `r.household = ${household} AND r.from_ms = (
     SELECT max(from_ms) FROM standing_rule WHERE household = ${household} AND from_ms <= $now)`;

/** The market family of books.db. */
export function marketBooks(db: Database): MarketBooks {
  const buyers = db.prepare<{ now: number; day: number; least: number }, BuyerRow>(
    `SELECT r.*, h.id, n.balance AS need, w.balance AS wallet, o.coming, o.committed,
       (SELECT sum(amount_cents) FROM trade WHERE buyer = h.id AND created_ms >= $day
          AND state NOT IN ('expired', 'undone')) AS spent,
       EXISTS (SELECT 1 FROM topup WHERE phone = h.phone
          AND state IN ('intent', 'unknown', 'pending')) AS rings,
       (SELECT count(*) FROM topup WHERE phone = h.phone AND sent_ms >= $day) AS prompts,
       t.sent_ms AS sent, t.state
     FROM household h
     JOIN account n ON n.id = 'need:' || h.id
     JOIN standing_rule r ON ${ruleOf('h.id')}
     JOIN account w ON w.id = 'wallet:' || h.id
     LEFT JOIN (SELECT buyer, sum(energy_wh) AS coming,
         sum(CASE WHEN state IN (${named(unpaidStates)}) THEN amount_cents ELSE 0 END) AS committed
       FROM trade WHERE state IN (${named(openStates)}) GROUP BY buyer) o ON o.buyer = h.id
     LEFT JOIN topup t ON t.rowid = (SELECT rowid FROM topup
       WHERE phone = h.phone AND sent_ms IS NOT NULL ORDER BY sent_ms DESC LIMIT 1)
     WHERE n.balance >= $least AND r.auto_buy = 1 ORDER BY h.since_ms, h.id`,
  );
  const sellers = db.prepare<{ now: number; least: number }, SellerRow>(
    `SELECT h.id, h.role, e.balance AS energy, r.sell_floor AS floor FROM household h
     JOIN account e ON e.id = 'energy:' || h.id
     JOIN standing_rule r ON ${ruleOf('h.id')}
     WHERE e.balance >= $least AND r.auto_sell = 1 ORDER BY h.since_ms, h.id`,
  );
  const balances = db.prepare<[], { id: string; energy: number; bought: number; need: number }>(
    `SELECT h.id, e.balance AS energy, b.balance AS bought, n.balance AS need FROM household h
     JOIN account e ON e.id = 'energy:' || h.id
     JOIN account b ON b.id = 'bought:' || h.id
     JOIN account n ON n.id = 'need:' || h.id ORDER BY h.since_ms, h.id`,
  );
  const registry = db
    .prepare<[], HouseholdId>('SELECT id FROM household ORDER BY since_ms, id')
    .pluck();
  const keepings = db.prepare<[], { household: string; until_ms: number; energy_wh: number }>(
    'SELECT household, until_ms, energy_wh FROM keeping',
  );
  return {
    buyers: (leastNeedWh, now) =>
      buyers.all({ now, day: startOfDay(now), least: leastNeedWh }).map(toBuyer),
    sellers: (leastWh, now) => sellers.all({ now, least: leastWh }).map(toSeller),
    registry: () => registry.all(),
    balances: () =>
      new Map(balances.all().map((row) => [row.id as HouseholdId, toBalance(row)] as const)),
    keepings: () =>
      new Map(
        keepings
          .all()
          .map(({ household, until_ms, energy_wh }) => [
            household as HouseholdId,
            { until: epochMs(until_ms), energyWh: wattHours(energy_wh) },
          ]),
      ),
  };
}

const toSeller = (row: SellerRow): MarketSeller => ({
  id: row.id as HouseholdId,
  role: row.role,
  energyWh: wattHours(row.energy),
  sellFloor: centsPerKwh(row.floor),
});

const toBalance = (row: { energy: number; bought: number; need: number }): EnergyBalance => ({
  energyWh: wattHours(row.energy),
  boughtWh: wattHours(row.bought),
  needWh: wattHours(row.need),
});

function toBuyer(row: BuyerRow): MarketBuyer {
  const lastPromptAt = row.sent === null ? undefined : epochMs(row.sent);
  return {
    id: row.id as HouseholdId,
    rule: toRule(row),
    needWh: row.need,
    comingWh: row.coming ?? 0,
    walletCents: row.wallet,
    committedCents: row.committed ?? 0,
    boughtTodayCents: row.spent ?? 0,
    phone: {
      promptOpen: row.rings === 1,
      promptsToday: row.prompts,
      lastPromptAt,
      unansweredAt: row.state === 'credited' ? undefined : lastPromptAt,
    },
  };
}
