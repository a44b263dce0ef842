/** The simulator's own books: who holds how much. Money only moves from one account to another, so the total never changes. */
import { type Cents, cents } from '../../core/units.ts';

/** What phones that nobody rang yet hold together; a phone takes its first balance from here. */
const countryCents = cents(1_000_000_000_000);
/** No M-Pesa customer may hold more (Daraja 3.0, B2C: KES 500,000). */
export const customerBalanceMaxCents = cents(50_000_000);

/** All in cents. */
export type Totals = {
  /** All simulated phones, with those that nobody rang yet. */
  readonly phonesCents: number;
  /** What the hub's shortcode holds; payments land here, payouts leave from here. */
  readonly utilityCents: number;
  /** Below zero: what the hub owes M-Pesa for its payouts. */
  readonly chargesPaidCents: number;
  /** What M-Pesa earned. */
  readonly mpesaCents: number;
  /** The sum of the four above. Always the same. */
  readonly totalCents: number;
};

export type SimulatedLedger = {
  /** From phone to hub; false and nothing moved when the phone holds too little. */
  pay(phone: string, amountCents: Cents): boolean;
  /** From hub to phone, with M-Pesa's charge. Nothing moves unless the answer is `paid`. */
  payOut(phone: string, amountCents: Cents): 'paid' | 'utility-short' | 'receiver-full';
  balanceOf(phone: string): number;
  totals(): Totals;
};

export type LedgerOpening = {
  readonly phoneBalanceCents: Cents;
  readonly utilityBalanceCents: Cents;
  readonly payoutChargeCents: Cents;
};

/** Opens the books with money on the hub's shortcode and, at first use, on each phone. */
export function openLedger(opening: LedgerOpening): SimulatedLedger {
  const { phoneBalanceCents, utilityBalanceCents, payoutChargeCents } = opening;
  const phones = new Map<string, number>();
  let notRungCents: number = countryCents;
  let utilityCents: number = utilityBalanceCents;
  let chargesPaidCents = 0;
  let mpesaCents = 0;

  function balanceOf(phone: string): number {
    const known = phones.get(phone);
    if (known !== undefined) return known;
    notRungCents -= phoneBalanceCents;
    phones.set(phone, phoneBalanceCents);
    return phoneBalanceCents;
  }

  function pay(phone: string, amountCents: Cents): boolean {
    const left = balanceOf(phone) - amountCents;
    if (left < 0) return false;
    phones.set(phone, left);
    utilityCents += amountCents;
    return true;
  }

  function payOut(phone: string, amountCents: Cents) {
    if (utilityCents < amountCents) return 'utility-short';
    const grown = balanceOf(phone) + amountCents;
    if (grown > customerBalanceMaxCents) return 'receiver-full';
    phones.set(phone, grown);
    utilityCents -= amountCents;
    chargesPaidCents -= payoutChargeCents;
    mpesaCents += payoutChargeCents;
    return 'paid';
  }

  function totals(): Totals {
    const phonesCents = phones.values().reduce((sum, held) => sum + held, notRungCents);
    const totalCents = phonesCents + utilityCents + chargesPaidCents + mpesaCents;
    return { phonesCents, utilityCents, chargesPaidCents, mpesaCents, totalCents };
  }

  return { pay, payOut, balanceOf, totals };
}
