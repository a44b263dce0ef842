/** How much a buyer wants, and can pay for. */
import type { StandingRule } from './household.ts';
import { type CentsPerKwh, type WattHours, whPerKwh } from './units.ts';

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
  const needed = Math.floor((buyer.needWh - buyer.comingWh) / lotWh);
  const funds = buyer.walletCents - buyer.committedCents + buyer.askableCents;
  const daily = buyer.rule.buyDailyCents - buyer.boughtTodayCents;
  // The most lots whose price together, rounded down to cents as in `priceOf`, is there.
  const payable = Math.floor((Math.min(funds, daily) * whPerKwh + whPerKwh - 1) / (lotWh * rate));
  return Math.max(0, Math.min(needed, payable));
}
