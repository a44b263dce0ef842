/** How much a buyer wants, and can pay for. */
import type { StandingRule } from './household.ts';
import { priceOf } from './trade.ts';
import type { CentsPerKwh, WattHours } from './units.ts';

export type Buyer = {
  readonly rule: Pick<StandingRule, 'autoBuy' | 'buyCeiling' | 'buyDailyCents'>;
  readonly needWh: number;
  /** Energy of open trades that is already on its way. */
  readonly comingWh: number;
  readonly walletCents: number;
  /** Amounts of open trades that the wallet has yet to pay. */
  readonly committedCents: number;
  /** What a push could bring now; 0 when the phone may not ring. */
  readonly askableCents: number;
  readonly boughtTodayCents: number;
};

/** Lots that a buyer asks for: no more than it needs, may spend and can pay. */
export function wantedLots(buyer: Buyer, rate: CentsPerKwh, lotWh: WattHours): number {
  if (!buyer.rule.autoBuy || buyer.rule.buyCeiling < rate) return 0;
  const lotCents = Math.max(1, priceOf(lotWh, rate));
  const needed = Math.floor((buyer.needWh - buyer.comingWh) / lotWh);
  const funds = buyer.walletCents - buyer.committedCents + buyer.askableCents;
  const daily = buyer.rule.buyDailyCents - buyer.boughtTodayCents;
  const payable = Math.floor(Math.min(funds, daily) / lotCents);
  return Math.max(0, Math.min(needed, payable));
}
