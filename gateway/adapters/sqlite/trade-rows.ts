/** How a trade stands in its table. */
import type { Database } from 'better-sqlite3';
import type { HouseholdId, PayoutId, TopupId, TradeId } from '../../core/ids.ts';
import { reserveEnergy } from '../../core/ledger.ts';
import type { Trade, TradeState } from '../../core/trade.ts';
import { cents, centsPerKwh, epochMs, slotNumber, wattHours } from '../../core/units.ts';
import { historyWriter, postingWriter } from './postings.ts';

export type TradeRow = {
  id: string;
  origin: Trade['origin'];
  slot: number;
  seller: string;
  buyer: string;
  energy_wh: number;
  rate: number;
  amount_cents: number;
  funding: Trade['funding'];
  state: TradeState;
  created_ms: number;
  expires_ms: number;
  topup: string | null;
  signature: string | null;
  payout: string | null;
};

export const toTrade = (row: TradeRow): Trade => ({
  id: row.id as TradeId,
  origin: row.origin,
  slot: slotNumber(row.slot),
  seller: row.seller as HouseholdId,
  buyer: row.buyer as HouseholdId,
  energyWh: wattHours(row.energy_wh),
  rate: centsPerKwh(row.rate),
  amountCents: cents(row.amount_cents),
  funding: row.funding,
  state: row.state,
  createdAt: epochMs(row.created_ms),
  expiresAt: epochMs(row.expires_ms),
  topup: (row.topup ?? undefined) as TopupId | undefined,
  signature: row.signature ?? undefined,
  payout: (row.payout ?? undefined) as PayoutId | undefined,
});

/** Writes a new trade with the seller's energy reserved; inside the caller's transaction. */
export function tradeWriter(db: Database) {
  const post = postingWriter(db);
  const tell = historyWriter(db);
  const insert = db.prepare(
    `INSERT INTO trade (id, origin, slot, seller, buyer, energy_wh, rate, amount_cents, funding, state,
       created_ms, expires_ms, idempotency_key) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  return (t: Trade, idempotencyKey: string | undefined, at: number): void => {
    insert.run(
      t.id,
      t.origin,
      t.slot,
      t.seller,
      t.buyer,
      t.energyWh,
      t.rate,
      t.amountCents,
      t.funding,
      t.state,
      t.createdAt,
      t.expiresAt,
      idempotencyKey ?? null,
    );
    post(reserveEnergy(t), at);
    tell(t.id, 'trade.matched', `${t.energyWh} Wh at ${t.rate} cents/kWh`, at);
  };
}
