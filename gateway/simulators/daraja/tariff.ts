/** What M-Pesa takes for a payout to a registered customer; the tariff as noted in 2026, in cents. */
import { type Cents, cents } from '../../core/units.ts';

/** One charge for every payout, or the tariff by amount. */
export type PayoutCharge = Cents | 'tariff';

const bands = [
  { upToCents: 10_000, chargeCents: 0 },
  { upToCents: 150_000, chargeCents: 500 },
  { upToCents: 500_000, chargeCents: 900 },
  { upToCents: Number.POSITIVE_INFINITY, chargeCents: 1_100 },
];

export function chargeFor(charge: PayoutCharge, amountCents: Cents): Cents {
  if (charge !== 'tariff') return charge;
  return cents(bands.find(({ upToCents }) => amountCents <= upToCents)?.chargeCents ?? 0);
}
