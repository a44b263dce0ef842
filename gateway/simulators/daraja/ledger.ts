/** The simulator's own books: who holds how much. Money only moves from one purse to another, so the total never changes. */
import { type Cents, cents } from '../../core/units.ts';
import { chargeFor, type PayoutCharge } from './tariff.ts';

/** What phones that nobody rang yet hold together; a phone takes its first balance from here. */
const countryCents = cents(1_000_000_000_000);
/** No M-Pesa customer may hold more (Daraja 3.0, B2C: KES 500,000). */
export const customerBalanceMaxCents = cents(50_000_000);

/** All in cents. */
export type Totals = {
  /** All simulated phones, with those that nobody rang yet. */
  readonly phonesCents: number;
  /** What the hub's shortcode may spend; payments land here, payouts leave from here. */
  readonly utilityCents: number;
  /** On its way: it has left one purse and not reached the other. */
  readonly inFlightCents: number;
  /** Below zero: what the hub owes M-Pesa for its payouts. */
  readonly chargesPaidCents: number;
  /** What M-Pesa earned. */
  readonly mpesaCents: number;
  /** The sum of the five above. Always the same. */
  readonly totalCents: number;
};

/** The hub's Utility account, or a phone by its twelve digits. */
export type Purse = 'hub' | (string & {});

/** Money that has left its purse. It arrives, or goes back; once. */
export type Transfer = {
  /** `full`: the receiver may not hold so much, and the money is still on its way. */
  arrive(at: Purse): 'arrived' | 'full';
  giveBack(): void;
};

/** The hub's Utility account as M-Pesa lists it, in cents. */
export type HubBalance = {
  /** With what is reserved for payouts and reversals under way. */
  readonly currentCents: number;
  readonly availableCents: number;
  readonly reservedCents: number;
};

export type SimulatedLedger = {
  /** Takes money out of a purse; undefined and nothing moved when it holds too little. */
  begin(from: Purse, amountCents: Cents): Transfer | undefined;
  /** From phone to hub at once; false and nothing moved when the phone holds too little. */
  pay(phone: string, amountCents: Cents): boolean;
  /** M-Pesa's price for one payout. */
  charge(amountCents: Cents): void;
  balanceOf(phone: string): number;
  hubBalance(): HubBalance;
  totals(): Totals;
};

export type LedgerOpening = {
  readonly phoneBalanceCents: Cents;
  readonly utilityBalanceCents: Cents;
  readonly payoutChargeCents: PayoutCharge;
  /** Called after every movement. */
  readonly onMove?: ((totals: Totals) => void) | undefined;
};

/** Opens the books with money on the hub's shortcode and, at first use, on each phone. */
export function openLedger(opening: LedgerOpening): SimulatedLedger {
  const { phoneBalanceCents, utilityBalanceCents, payoutChargeCents, onMove } = opening;
  const phones = new Map<string, number>();
  /** Kept beside the single balances, so that telling the totals does not count the whole country. */
  let phonesCents: number = countryCents;
  let utilityCents: number = utilityBalanceCents;
  let [reservedCents, fromPhonesCents, chargesPaidCents, mpesaCents] = [0, 0, 0, 0];

  const balanceOf = (phone: string): number => phones.get(phone) ?? phoneBalanceCents;

  const add = (purse: Purse, amountCents: number): void => {
    if (purse === 'hub') {
      utilityCents += amountCents;
      return;
    }
    phones.set(purse, balanceOf(purse) + amountCents);
    phonesCents += amountCents;
  };
  const addInFlight = (from: Purse, amountCents: number): void => {
    if (from === 'hub') reservedCents += amountCents;
    else fromPhonesCents += amountCents;
  };
  const moved = (): void => onMove?.(totals());

  function begin(from: Purse, amountCents: Cents): Transfer | undefined {
    if ((from === 'hub' ? utilityCents : balanceOf(from)) < amountCents) return undefined;
    add(from, -amountCents);
    addInFlight(from, amountCents);
    moved();
    let ended = false;
    const land = (purse: Purse): void => {
      if (ended) throw new Error('this money has arrived already');
      ended = true;
      addInFlight(from, -amountCents);
      add(purse, amountCents);
      moved();
    };
    return {
      arrive(at) {
        if (at !== 'hub' && balanceOf(at) + amountCents > customerBalanceMaxCents) return 'full';
        land(at);
        return 'arrived';
      },
      giveBack: () => land(from),
    };
  }

  function charge(amountCents: Cents): void {
    const chargeCents = chargeFor(payoutChargeCents, amountCents);
    chargesPaidCents -= chargeCents;
    mpesaCents += chargeCents;
    moved();
  }

  function totals(): Totals {
    const inFlightCents = reservedCents + fromPhonesCents;
    const totalCents = phonesCents + utilityCents + inFlightCents + chargesPaidCents + mpesaCents;
    return { phonesCents, utilityCents, inFlightCents, chargesPaidCents, mpesaCents, totalCents };
  }

  return {
    begin,
    charge,
    balanceOf,
    totals,
    pay: (phone, amountCents) => begin(phone, amountCents)?.arrive('hub') === 'arrived',
    hubBalance: () => ({
      currentCents: utilityCents + reservedCents,
      availableCents: utilityCents,
      reservedCents,
    }),
  };
}
