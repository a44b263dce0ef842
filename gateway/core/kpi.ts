/**
 * What a hub is worth to its neighbours, against the same days without trading. Energy in Wh and money in cents are
 * whole; shares are parts of one.
 */
import type { HouseholdId } from './ids.ts';
import { type CentsPerKwh, whPerKwh } from './units.ts';

/** One household over the days that are looked at. */
export type HouseholdFacts = {
  readonly household: HouseholdId;
  readonly importedWh: number;
  readonly exportedWh: number;
  /** What its roof made; where no meter counts that, only what it exported is known. */
  readonly generatedWh: number;
  /** Bought from and sold to neighbours; settled trades. */
  readonly boughtWh: number;
  readonly soldWh: number;
  readonly paidCents: number;
  readonly earnedCents: number;
  /** Need that its own carried-over energy covered, and that gifts did. */
  readonly ownUsedWh: number;
  readonly giftUsedWh: number;
  /** What a kWh that no neighbour covers costs it, and what a kWh that no neighbour takes brings it. */
  readonly ownTariff: CentsPerKwh;
  readonly outsideValue: CentsPerKwh;
  readonly trades: number;
  readonly prompts: number;
};

/** By monthly use, as Kenya Power's tariff has them: to 30, to 100, above 100 kWh. */
export const bands = ['lifeline', 'middle', 'large'] as const;
export type Band = (typeof bands)[number];

const lifelineKwh = 30;
const middleKwh = 100;
const monthDays = 30;

export type BandKpis = {
  readonly households: number;
  readonly importedWh: number;
  readonly boughtWh: number;
  /** Share of those who bought anything. */
  readonly reached: number;
  /** What they would have paid without trades and gifts, and what they pay. */
  readonly billBeforeCents: number;
  readonly billCents: number;
  readonly savedCents: number;
};

export type Kpis = {
  readonly households: number;
  readonly days: number;
  readonly producedWh: number;
  readonly demandedWh: number;
  readonly importedWh: number;
  readonly exportedWh: number;
  readonly tradedWh: number;
  readonly ownCarriedWh: number;
  readonly giftWh: number;
  readonly selfSufficiency: number;
  /** With what neighbours and carried-over energy covered. */
  readonly selfSufficiencyCommunity: number;
  readonly selfConsumption: number;
  readonly selfConsumptionCommunity: number;
  readonly matchedShare: number;
  readonly usedSurplus: number;
  readonly billBeforeCents: number;
  readonly billCents: number;
  readonly savedCents: number;
  /** Of that by trades alone. */
  readonly savedByTradeCents: number;
  readonly sellerGainCents: number;
  /** What trades brought of what the best pairing of the same surplus and need could have brought. */
  readonly efficiency: number;
  readonly sellersShare: number;
  readonly gini: number;
  readonly gaining: number;
  readonly trades: number;
  readonly tradesPerHouseholdDay: number;
  readonly promptsPerHouseholdMonth: number;
  /** What buyers paid and sellers did not get: 0 by the posted rate. */
  readonly hubCents: number;
  readonly bands: Readonly<Record<Band, BandKpis>>;
};

export const loadWh = (one: HouseholdFacts): number =>
  Math.max(0, one.generatedWh + one.importedWh - one.exportedWh);

const costOf = (wh: number, price: number): number => Math.round((wh * price) / whPerKwh);

/** What it would have paid for all it imported, and what it pays with its trades, carried-over energy and gifts. */
export function billsOf(one: HouseholdFacts) {
  const coveredWh = one.boughtWh + one.ownUsedWh + one.giftUsedWh;
  return {
    billBeforeCents: costOf(one.importedWh, one.ownTariff),
    billCents: costOf(one.importedWh - coveredWh, one.ownTariff) + one.paidCents,
  };
}

export const savedByTrade = (one: HouseholdFacts): number =>
  costOf(one.boughtWh, one.ownTariff) - one.paidCents;
export const sellerGain = (one: HouseholdFacts): number =>
  one.earnedCents - costOf(one.soldWh, one.outsideValue);
export const gainByTrade = (one: HouseholdFacts): number => savedByTrade(one) + sellerGain(one);

/** 0: all gain alike; 1: one gains all. Who loses counts as 0. */
export function giniOf(gains: readonly number[]): number {
  const sorted = gains.map((gain) => Math.max(0, gain)).sort((a, b) => a - b);
  const sum = sorted.reduce((all, gain) => all + gain, 0);
  if (sum === 0) return 0;
  const n = sorted.length;
  const weighted = sorted.reduce((all, gain, at) => all + (2 * (at + 1) - n - 1) * gain, 0);
  return weighted / (n * sum);
}

/**
 * The gain of the best pairing of all surplus that its owner did not use with all need that nothing of the buyer's own
 * covered, over the whole time: within a window both wait, so only whose and not when matters. In cents.
 */
export function possibleGain(facts: readonly HouseholdFacts[]): number {
  const offers = facts
    .map((one) => ({ wh: Math.max(0, one.exportedWh - one.ownUsedWh), price: one.outsideValue }))
    .sort((one, other) => one.price - other.price);
  const needs = facts
    .map((one) => ({
      wh: Math.max(0, one.importedWh - one.ownUsedWh - one.giftUsedWh),
      price: one.ownTariff,
    }))
    .sort((one, other) => other.price - one.price);
  let [offer, need, milli] = [0, 0, 0];
  for (;;) {
    const [from, to] = [offers[offer], needs[need]];
    if (from === undefined || to === undefined || from.price >= to.price) return milli / whPerKwh;
    const wh = Math.min(from.wh, to.wh);
    milli += wh * (to.price - from.price);
    from.wh -= wh;
    to.wh -= wh;
    if (from.wh === 0) offer += 1;
    else need += 1;
  }
}

const part = (of: number, all: number): number => (all === 0 ? 0 : of / all);

export function bandOf(one: HouseholdFacts, days: number): Band {
  const monthlyKwh = (loadWh(one) / whPerKwh / Math.max(1, days)) * monthDays;
  if (monthlyKwh <= lifelineKwh) return 'lifeline';
  return monthlyKwh <= middleKwh ? 'middle' : 'large';
}

export function kpisOf(facts: readonly HouseholdFacts[], days: number): Kpis {
  const sum = (of: (one: HouseholdFacts) => number): number =>
    facts.reduce((all, one) => all + of(one), 0);
  const [producedWh, demandedWh] = [sum((one) => one.generatedWh), sum(loadWh)];
  const [importedWh, exportedWh] = [sum((one) => one.importedWh), sum((one) => one.exportedWh)];
  const [tradedWh, ownCarriedWh] = [sum((one) => one.boughtWh), sum((one) => one.ownUsedWh)];
  const giftWh = sum((one) => one.giftUsedWh);
  const atHomeWh = producedWh - exportedWh;
  const togetherWh = atHomeWh + tradedWh + ownCarriedWh + giftWh;
  const bills = facts.map(billsOf);
  const billBeforeCents = bills.reduce((all, one) => all + one.billBeforeCents, 0);
  const billCents = bills.reduce((all, one) => all + one.billCents, 0);
  const [savedByTradeCents, sellerGainCents] = [sum(savedByTrade), sum(sellerGain)];
  const gainCents = savedByTradeCents + sellerGainCents;
  const trades = sum((one) => one.trades) / 2;
  return {
    ...{ households: facts.length, days, producedWh, demandedWh, importedWh, exportedWh },
    ...{ tradedWh, ownCarriedWh, giftWh, billBeforeCents, billCents },
    selfSufficiency: part(atHomeWh, demandedWh),
    selfSufficiencyCommunity: part(togetherWh, demandedWh),
    selfConsumption: part(atHomeWh, producedWh),
    selfConsumptionCommunity: part(togetherWh, producedWh),
    matchedShare: part(tradedWh, importedWh),
    usedSurplus: part(tradedWh, exportedWh),
    savedCents: billBeforeCents - billCents,
    ...{ savedByTradeCents, sellerGainCents },
    efficiency: part(gainCents, possibleGain(facts)),
    sellersShare: part(sellerGainCents, gainCents),
    gini: giniOf(facts.map(gainByTrade)),
    gaining: part(facts.filter((one) => gainByTrade(one) > 0).length, facts.length),
    trades,
    tradesPerHouseholdDay: part(trades, facts.length * days),
    promptsPerHouseholdMonth: part(sum((one) => one.prompts) * monthDays, facts.length * days),
    hubCents: sum((one) => one.paidCents) - sum((one) => one.earnedCents),
    bands: Object.fromEntries(
      bands.map((band) => [band, inBand(facts.filter((one) => bandOf(one, days) === band))]),
    ) as Kpis['bands'],
  };
}

function inBand(facts: readonly HouseholdFacts[]): BandKpis {
  const sum = (of: (one: HouseholdFacts) => number): number =>
    facts.reduce((all, one) => all + of(one), 0);
  const billBeforeCents = sum((one) => billsOf(one).billBeforeCents);
  const billCents = sum((one) => billsOf(one).billCents);
  return {
    households: facts.length,
    importedWh: sum((one) => one.importedWh),
    boughtWh: sum((one) => one.boughtWh),
    reached: part(facts.filter((one) => one.boughtWh > 0).length, facts.length),
    ...{ billBeforeCents, billCents, savedCents: billBeforeCents - billCents },
  };
}
