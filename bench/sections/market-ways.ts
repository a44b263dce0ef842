/** Ways to clear a round, side by side: what they are worth, to whom, and whether lying pays. */
import { giniOf } from '../../gateway/core/kpi.ts';
import { mcafee } from '../../gateway/core/market/mcafee.ts';
import type { Mechanism, Round } from '../../gateway/core/market/mechanism.ts';
import { bookOf } from '../../gateway/core/market/order-book.ts';
import { payAsBid } from '../../gateway/core/market/pay-as-bid.ts';
import { postedRate } from '../../gateway/core/market/posted-rate.ts';
import { uniformAuction } from '../../gateway/core/market/uniform-auction.ts';
import { vcg, welfareOf } from '../../gateway/core/market/vcg.ts';
import { centsPerKwh } from '../../gateway/core/units.ts';
import { aLie, aRound, broughtBy, gainsOf, type Lie } from '../market/rounds.ts';
import type { Section } from '../results.ts';

const rate = centsPerKwh(1500);
const ways: readonly Mechanism[] = [postedRate(rate), payAsBid, uniformAuction, mcafee, vcg];
const sizes = [10, 30, 100];

type Sums = {
  gain: number;
  best: number;
  hub: number;
  sellers: number;
  gini: number;
  rounds: number;
  readonly lies: Record<
    Lie['about'],
    { tried: number; paid: number; brought: number; honest: number }
  >;
};

const empty = (): Sums => ({
  ...{ gain: 0, best: 0, hub: 0, sellers: 0, gini: 0, rounds: 0 },
  lies: {
    price: { tried: 0, paid: 0, brought: 0, honest: 0 },
    amount: { tried: 0, paid: 0, brought: 0, honest: 0 },
  },
});

function addRound(sums: Sums, way: Mechanism, round: Round<string>): void {
  const best = welfareOf(bookOf(round));
  if (best === 0) return;
  const outcome = way.clear(round);
  const gains = gainsOf(round, outcome);
  const ofSellers = round.offers.reduce((sum, { name }) => sum + (gains.get(name) ?? 0), 0);
  const households = [...gains.values()].reduce((sum, gain) => sum + gain, 0);
  sums.best += best;
  sums.gain += households + outcome.hubMilliCents;
  sums.hub += outcome.hubMilliCents;
  sums.sellers += ofSellers;
  sums.gini += giniOf([...round.offers, ...round.bids].map(({ name }) => gains.get(name) ?? 0));
  sums.rounds += 1;
}

/** Gains of less than a hundredth of a cent are rounding, not lies that pay. */
const leastGain = 10;

function addLies(
  sums: Sums,
  way: Mechanism,
  round: Round<string>,
  seed: number,
  lies: number,
): void {
  for (const about of ['price', 'amount'] as const)
    for (let number = 0; number < lies; number++) {
      const lie = aLie(round, seed * 1000 + number, about);
      if (lie === undefined) continue;
      const brought = broughtBy(way, round, lie);
      const told = sums.lies[about];
      told.tried += 1;
      told.honest += Math.max(0, gainsOf(round, way.clear(round)).get(lie.name) ?? 0);
      if (brought <= leastGain) continue;
      told.paid += 1;
      told.brought += brought;
    }
}

const percent = (part: number, all: number): number => (all === 0 ? 0 : (100 * part) / all);

type Effort = { readonly rounds: number; readonly lies: number };

function lookAt(way: Mechanism, households: number, { rounds, lies }: Effort): Sums {
  const sums = empty();
  // VCG clears once more for every household: fewer lies are enough to see.
  const tried = way === vcg && households > 30 ? Math.ceil(lies / 10) : lies;
  for (let seed = 1; seed <= rounds; seed++) {
    const round = aRound(seed, households);
    addRound(sums, way, round);
    addLies(sums, way, round, seed, tried);
  }
  return sums;
}

const lineOf = ({ gain, best, hub, sellers, gini, rounds, lies }: Sums) => ({
  'efficiency, percent': percent(gain, best),
  'hub, percent of the gain': percent(hub, gain),
  'sellers, percent of the gain': percent(sellers, gain),
  'Gini of gains': gini / Math.max(1, rounds),
  'price lies that pay, percent': percent(lies.price.paid, lies.price.tried),
  'what they bring, percent of an honest gain': percent(lies.price.brought, lies.price.honest),
  'amount lies that pay, percent': percent(lies.amount.paid, lies.amount.tried),
});

export const mechanisms: Section = async ({ quick, say }) => {
  const figures: Record<string, number> = {};
  const effort = quick ? { rounds: 20, lies: 4 } : { rounds: 200, lies: 20 };
  for (const households of sizes)
    for (const way of ways) {
      const line = lineOf(lookAt(way, households, effort));
      for (const [name, value] of Object.entries(line))
        figures[`${households} households, ${way.name}: ${name}`] = value;
      const told = Object.values(line).map((one) => one.toFixed(2));
      say(`${households}, ${way.name}: ${told.join('  ')}`);
    }
  return { figures, bars: [] };
};
