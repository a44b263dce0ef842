/** What each household used, traded, paid and was asked for, over some days; from the books alone. */
import type { Database } from 'better-sqlite3';
import type { HouseholdId } from '../../core/ids.ts';
import type { HouseholdFacts } from '../../core/kpi.ts';
import { slotStart } from '../../core/slot.ts';
import { centsPerKwh, type SlotNumber } from '../../core/units.ts';

export type TradeSum = {
  readonly slot: number;
  readonly seller: HouseholdId;
  readonly buyer: HouseholdId;
  readonly energyWh: number;
  readonly rate: number;
  readonly amountCents: number;
};

export interface KpiFacts {
  /** Of every household, from <= slot < to; trades and payments count where they were made. */
  households(from: SlotNumber, to: SlotNumber): HouseholdFacts[];
  /** Settled trades, oldest first. */
  trades(from: SlotNumber, to: SlotNumber): TradeSum[];
  /** Trades at a price above what a kWh costs the buyer otherwise; there must be none. */
  tooDear(from: SlotNumber, to: SlotNumber): number;
  /** What M-Pesa took for payouts, cents. */
  payoutFeesCents(from: SlotNumber, to: SlotNumber): number;
  /** Cents that all buyers ever paid for settled trades and no seller received. */
  roundingLostCents(): number;
  metered(
    from: SlotNumber,
    to: SlotNumber,
  ): { readonly exportedWh: number; readonly importedWh: number };
}

type Row = Omit<HouseholdFacts, 'ownTariff' | 'outsideValue'> & {
  readonly ownTariff: number;
  readonly outsideValue: number;
  readonly boughtUsedWh: number;
};

const settled = "state IN ('settled', 'closed') AND slot >= $from AND slot < $to";
const tariffAt = (household: string, moment: string): string =>
  `(SELECT own_tariff FROM standing_rule WHERE household = ${household} AND from_ms <= ${moment}
    ORDER BY from_ms DESC LIMIT 1)`;
const usedFrom = (kind: string): string =>
  `SELECT substr(to_account, 6) AS id, sum(amount) AS wh FROM posting
   WHERE to_account >= 'used:' AND to_account < 'used;' AND from_account >= '${kind}:'
     AND from_account < '${kind};' AND at_ms > $fromMs AND at_ms <= $toMs GROUP BY 1`;

/** Reads the whole of it at once; for reports, never for a running hub's ticks. */
export function kpiFacts(db: Database): KpiFacts {
  const households = db.prepare<Range, Row>(
    `SELECT h.id AS household, coalesce(m.imported, 0) AS importedWh,
       coalesce(m.exported, 0) AS exportedWh, coalesce(m.generated, 0) AS generatedWh,
       coalesce(b.wh, 0) AS boughtWh, coalesce(s.wh, 0) AS soldWh,
       coalesce(b.cents, 0) AS paidCents, coalesce(s.cents, 0) AS earnedCents,
       coalesce(o.wh, 0) AS ownUsedWh, coalesce(u.wh, 0) AS boughtUsedWh, 0 AS giftUsedWh,
       ${tariffAt('h.id', '$toMs')} AS ownTariff,
       (SELECT sell_floor FROM standing_rule WHERE household = h.id AND from_ms <= $toMs
        ORDER BY from_ms DESC LIMIT 1) AS outsideValue,
       coalesce(b.n, 0) + coalesce(s.n, 0) AS trades, coalesce(t.n, 0) AS prompts
     FROM household h
     LEFT JOIN (SELECT household, sum(imported_wh) AS imported, sum(exported_wh) AS exported,
         sum(coalesce(generated_wh, exported_wh)) AS generated
       FROM slot_energy WHERE slot >= $from AND slot < $to GROUP BY household) m ON m.household = h.id
     LEFT JOIN (SELECT buyer, sum(energy_wh) AS wh, sum(amount_cents) AS cents, count(*) AS n
       FROM trade WHERE ${settled} GROUP BY buyer) b ON b.buyer = h.id
     LEFT JOIN (SELECT seller, sum(energy_wh) AS wh, sum(amount_cents) AS cents, count(*) AS n
       FROM trade WHERE ${settled} GROUP BY seller) s ON s.seller = h.id
     LEFT JOIN (${usedFrom('energy')}) o ON o.id = h.id
     LEFT JOIN (${usedFrom('bought')}) u ON u.id = h.id
     LEFT JOIN (SELECT household, count(*) AS n FROM topup
       WHERE sent_ms > $fromMs AND sent_ms <= $toMs GROUP BY household) t ON t.household = h.id
     ORDER BY h.since_ms, h.id`,
  );
  const trades = db.prepare<Slots, TradeSum>(
    `SELECT slot, seller, buyer, energy_wh AS energyWh, rate, amount_cents AS amountCents FROM trade
     WHERE ${settled} ORDER BY slot, id`,
  );
  const dear = db.prepare<Slots, { n: number }>(
    `SELECT count(*) AS n FROM trade t WHERE slot >= $from AND slot < $to
     AND rate > ${tariffAt('t.buyer', 't.created_ms')}`,
  );
  const fees = db.prepare<Pick<Range, 'fromMs' | 'toMs'>, { sum: number | null }>(
    `SELECT sum(amount) AS sum FROM posting WHERE unit = 'cents'
     AND to_account = 'mpesa-charges-paid' AND at_ms > $fromMs AND at_ms <= $toMs`,
  );
  const lost = db.prepare<[], { cents: number }>(
    `SELECT (SELECT coalesce(sum(amount_cents), 0) FROM trade WHERE state IN ('settled', 'closed'))
       - (SELECT coalesce(sum(p.amount), 0) FROM trade t
          JOIN posting p ON p.key = 'trade:' || t.id || ':release') AS cents`,
  );
  const metered = db.prepare<Slots, { exportedWh: number; importedWh: number }>(
    `SELECT coalesce(sum(exported_wh), 0) AS exportedWh, coalesce(sum(imported_wh), 0) AS importedWh
     FROM slot_energy WHERE slot >= $from AND slot < $to`,
  );
  const moments = ({ from, to }: Slots) => ({
    fromMs: slotStart(from as SlotNumber),
    toMs: slotStart(to as SlotNumber),
  });
  return {
    households: (from, to) => households.all({ from, to, ...moments({ from, to }) }).map(toFacts),
    trades: (from, to) => trades.all({ from, to }),
    tooDear: (from, to) => dear.get({ from, to })?.n ?? 0,
    payoutFeesCents: (from, to) => fees.get(moments({ from, to }))?.sum ?? 0,
    roundingLostCents: () => lost.get()?.cents ?? 0,
    metered: (from, to) => metered.get({ from, to }) ?? { exportedWh: 0, importedWh: 0 },
  };
}

type Slots = { readonly from: number; readonly to: number };
type Range = Slots & { readonly fromMs: number; readonly toMs: number };

/** What was received and is neither bought nor own was given. */
const toFacts = ({ boughtUsedWh, ...row }: Row): HouseholdFacts => ({
  ...row,
  giftUsedWh: Math.max(0, boughtUsedWh - row.boughtWh),
  ownTariff: centsPerKwh(row.ownTariff),
  outsideValue: centsPerKwh(row.outsideValue),
});
