/** Looks at the books after a simulation: what the neighbours have of it, and whether every sum holds. */

import type { TradeSum } from '../adapters/sqlite/kpi-facts.ts';
import type { OpenBooks } from '../adapters/sqlite/open.ts';
import { gainByTrade, type HouseholdFacts, type Kpis, kpisOf } from '../core/kpi.ts';
import { lorenzOf } from '../core/lorenz.ts';
import { dayMs, slotMs, slotStart } from '../core/slot.ts';
import { type SlotNumber, slotNumber, whPerKwh } from '../core/units.ts';
import type { Away } from './cuts.ts';
import type { Lived } from './live.ts';
import type { NotingRule } from './noting-rule.ts';
import { floatCents } from './phones.ts';

/** One day of the neighbourhood, for plots. */
export type DayLine = {
  readonly day: number;
  readonly rateCentsPerKwh: number;
  readonly exportedWh: number;
  readonly importedWh: number;
  readonly tradedWh: number;
  readonly tradedCents: number;
};

export type Money = {
  readonly prompts: number;
  readonly topups: number;
  readonly payouts: number;
  /** What households paid M-Pesa to reach the hub, and what the hub paid M-Pesa for payouts. */
  readonly payerFeesCents: number;
  readonly payoutFeesCents: number;
  /** What moved at M-Pesa and the books do not know yet. */
  readonly onTheWayCents: number;
};

/** Every one must be 0. */
export type Checks = {
  readonly trialBalanceCents: number;
  readonly trialBalanceWh: number;
  readonly imbalances: number;
  /** Cents that buyers paid and nobody received. */
  readonly roundingLostCents: number;
  /** Trades dearer than the buyer's own tariff. */
  readonly tooDear: number;
  /** Tokens on the ledger beyond what households hold in the books, Wh. */
  readonly tokensOffWh: number;
};

export type Measured = {
  readonly kpis: Kpis;
  /** Share of all gains that the least-gaining tenths have together. */
  readonly lorenz: readonly number[];
  readonly perDay: readonly DayLine[];
  readonly money: Money;
  readonly away: {
    readonly powerCuts: number;
    readonly powerHours: number;
    readonly internetHours: number;
  };
  readonly checks: Checks;
};

export type Ended = Lived & {
  readonly books: OpenBooks;
  readonly rule: NotingRule;
  readonly first: SlotNumber;
  readonly slots: number;
  readonly power: Away;
  readonly internet: Away;
};

const slotsPerDay = dayMs / slotMs;
const hours = (ms: number): number => Math.round(ms / 36_000) / 100;

export function measure(lived: Ended): Measured {
  const { books, first, slots, power, internet, phones } = lived;
  const end = slotNumber(first + slots);
  const facts = withSellersDue(
    books.kpis.households(first, end),
    books.kpis.trades(first, end),
    lived.rule,
  );
  return {
    kpis: kpisOf(facts, slots / slotsPerDay),
    lorenz: lorenzOf(facts.map(gainByTrade)),
    perDay: Array.from({ length: slots / slotsPerDay }, (_, day) => dayLine(books, first, day)),
    money: {
      prompts: phones.counts.rung,
      topups: phones.counts.paid,
      payouts: phones.counts.payouts,
      payerFeesCents: phones.counts.payerFeesCents,
      payoutFeesCents: books.kpis.payoutFeesCents(first, end),
      // The books see M-Pesa from outside: what lies there stands with the other sign.
      onTheWayCents:
        phones.account.utilityCents - floatCents + books.views.accountBalance('mpesa-utility'),
    },
    away: {
      powerCuts: power.times,
      powerHours: hours(power.totalMs),
      internetHours: hours(internet.totalMs),
    },
    checks: checksOf(lived, { first, end }),
  };
}

/** Where the rule gives sellers another price than the trade's, the difference is the hub's. */
function withSellersDue(
  facts: readonly HouseholdFacts[],
  trades: readonly TradeSum[],
  rule: NotingRule,
): HouseholdFacts[] {
  const more = new Map<string, number>();
  for (const trade of trades) {
    const due = rule.sellerRate(trade);
    if (due === undefined) continue;
    const cents = Math.floor((trade.energyWh * due) / whPerKwh) - trade.amountCents;
    more.set(trade.seller, (more.get(trade.seller) ?? 0) + cents);
  }
  return facts.map((one) => ({
    ...one,
    earnedCents: one.earnedCents + (more.get(one.household) ?? 0),
  }));
}

function dayLine(books: OpenBooks, first: SlotNumber, day: number): DayLine {
  const from = slotNumber(first + day * slotsPerDay);
  const to = slotNumber(from + slotsPerDay);
  const metered = books.kpis.metered(from, to);
  const trades = books.kpis.trades(from, to);
  const sum = (of: (one: TradeSum) => number): number =>
    trades.reduce((all, one) => all + of(one), 0);
  return {
    day: day + 1,
    rateCentsPerKwh: books.settings.at(slotStart(from)).rate,
    ...metered,
    tradedWh: sum((one) => one.energyWh),
    tradedCents: sum((one) => one.amountCents),
  };
}

function checksOf({ books, ledger }: Ended, { first, end }: Span): Checks {
  const off = books.households
    .all()
    .map(({ id }) => Math.abs(ledger.balanceOf(id) - books.energy.onChainWh(id)));
  return {
    trialBalanceCents: books.audit.trialBalance('cents'),
    trialBalanceWh: books.audit.trialBalance('Wh'),
    imbalances: books.audit.imbalances().length,
    roundingLostCents: books.kpis.roundingLostCents(),
    tooDear: books.kpis.tooDear(first, end),
    tokensOffWh: off.reduce((sum, wh) => sum + wh, 0),
  };
}

type Span = { readonly first: SlotNumber; readonly end: SlotNumber };
