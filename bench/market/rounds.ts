/** Seeded rounds of a Kenyan neighbourhood, and what a round is worth to whom. */
import type { Fill, Mechanism, Outcome, Round, Wish } from '../../gateway/core/market/mechanism.ts';
import { centsPerKwh, wattHours } from '../../gateway/core/units.ts';
import { residentsOf } from '../../gateway/simulation/residents.ts';
import { between, chance } from '../../gateway/simulators/neighbourhood/chance.ts';

/** What who sells more than it has must pay for the rest: the dearest tariff. */
const dearest = 3130;

/** Half an hour at some time of day: roofs with surplus offer it, everybody else asks for what it uses. */
export function aRound(seed: number, households: number): Round<string> {
  const everybody = residentsOf({ seed, households, panels: true, batteries: false });
  const light = between(0.05, 0.75, seed, 101);
  const [offers, bids]: [Wish<string>[], Wish<string>[]] = [[], []];
  for (const { id, number, panelsW, dailyLoadWh, rule } of everybody.slice(0, households)) {
    const usedWh = (dailyLoadWh / 48) * between(0.2, 2, seed, 102, number);
    const netWh = Math.round((panelsW * light) / 2 - usedWh);
    if (netWh > 0)
      offers.push({ name: id, energyWh: wattHours(netWh), limit: centsPerKwh(rule.sellFloor) });
    if (netWh < 0)
      bids.push({ name: id, energyWh: wattHours(-netWh), limit: centsPerKwh(rule.ownTariff) });
  }
  const registry = everybody.slice(0, households).map(({ id }) => id as string);
  return { registry, turn: Math.floor(1000 * chance(seed, 103)), offers, bids };
}

/** What each household gains, in thousandths of a cent, by its true limit and amount. */
export function gainsOf(truth: Round<string>, outcome: Outcome<string>): Map<string, number> {
  const gains = new Map<string, number>();
  const bought = fillsBy(outcome.bought);
  const sold = fillsBy(outcome.sold);
  for (const { name, energyWh, limit } of truth.bids) {
    const fill = bought.get(name);
    if (fill === undefined) continue;
    gains.set(name, Math.min(fill.energyWh, energyWh) * limit - fill.moneyMilliCents);
  }
  for (const { name, energyWh, limit } of truth.offers) {
    const fill = sold.get(name);
    if (fill === undefined) continue;
    const missing = Math.max(0, fill.energyWh - energyWh);
    const cost = Math.min(fill.energyWh, energyWh) * limit + missing * dearest;
    gains.set(name, fill.moneyMilliCents - cost);
  }
  return gains;
}

const fillsBy = (fills: readonly Fill<string>[]): Map<string, Fill<string>> =>
  new Map(fills.map((fill) => [fill.name, fill] as const));

export type Lie = {
  readonly name: string;
  readonly about: 'price' | 'amount';
  readonly told: Round<string>;
};

/** One household tells another price, or wants or offers twice as much. */
export function aLie(truth: Round<string>, seed: number, about: Lie['about']): Lie | undefined {
  const wishes = [...truth.offers, ...truth.bids];
  const liar = wishes[Math.floor(chance(seed, 111) * wishes.length)];
  if (liar === undefined) return undefined;
  const factor = between(0.5, 1.5, seed, 112);
  const changed = (wish: Wish<string>): Wish<string> => {
    if (wish.name !== liar.name) return wish;
    if (about === 'amount') return { ...wish, energyWh: wattHours(wish.energyWh * 2) };
    return { ...wish, limit: centsPerKwh(Math.max(1, Math.round(wish.limit * factor))) };
  };
  const told = { ...truth, offers: truth.offers.map(changed), bids: truth.bids.map(changed) };
  return { name: liar.name, about, told };
}

/** What the liar has of it beyond what the truth would have brought; in thousandths of a cent. */
export function broughtBy(mechanism: Mechanism, truth: Round<string>, { name, told }: Lie): number {
  const gain = (round: Round<string>) => gainsOf(truth, mechanism.clear(round)).get(name) ?? 0;
  return gain(told) - gain(truth);
}
