/** Properties of every way to clear a round; households are truthful unless a test lets one lie. */
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { mcafee } from '../../../gateway/core/market/mcafee.ts';
import type {
  Fill,
  Mechanism,
  Outcome,
  Round,
  Wish,
} from '../../../gateway/core/market/mechanism.ts';
import { bookOf } from '../../../gateway/core/market/order-book.ts';
import { payAsBid } from '../../../gateway/core/market/pay-as-bid.ts';
import { postedRate } from '../../../gateway/core/market/posted-rate.ts';
import { uniformAuction } from '../../../gateway/core/market/uniform-auction.ts';
import { vcg, welfareOf } from '../../../gateway/core/market/vcg.ts';
import { centsPerKwh, wattHours } from '../../../gateway/core/units.ts';

const market = suite('ways to clear a round');

const rate = centsPerKwh(1500);
const posted = postedRate(rate);
const all: readonly Mechanism[] = [posted, payAsBid, uniformAuction, mcafee, vcg];

const householdsMost = 8;
const registry = Array.from({ length: householdsMost }, (_, at) => `home-${at}`);
/** Few prices and amounts, so that ties are common. */
const someWishes = (names: readonly string[]): fc.Arbitrary<Wish<string>[]> =>
  fc
    .tuple(
      ...names.map((name) =>
        fc.record({
          name: fc.constant(name),
          energyWh: fc.integer({ min: 0, max: 12 }).map(wattHours),
          limit: fc.integer({ min: 10, max: 22 }).map((shillings) => centsPerKwh(shillings * 100)),
        }),
      ),
    )
    .map((wishes) => wishes.filter(({ energyWh }) => energyWh > 0));
const someRound: fc.Arbitrary<Round<string>> = fc.record({
  registry: fc.constant(registry),
  turn: fc.integer({ min: 0, max: 1000 }),
  offers: someWishes(registry.slice(0, 4)),
  bids: someWishes(registry.slice(4)),
});

const energy = (fills: readonly Fill<string>[]): number =>
  fills.reduce((sum, { energyWh }) => sum + energyWh, 0);
const fillOf = (fills: readonly Fill<string>[], name: string): Fill<string> =>
  fills.find((fill) => fill.name === name) ?? { name, energyWh: 0, moneyMilliCents: 0 };
const check = (property: (round: Round<string>) => void): void =>
  fc.assert(fc.property(someRound, property), { numRuns: 1000 });

/** Who sells what it does not have must buy it, dearer than anything that is traded here. */
const dearest = 3000;

/** What a household gains in thousandths of a cent, by its true limit and for at most what it truly has or needs. */
function gainOf({ offers, bids }: Round<string>, outcome: Outcome<string>, name: string): number {
  const bid = bids.find((wish) => wish.name === name);
  if (bid !== undefined) {
    const { energyWh, moneyMilliCents } = fillOf(outcome.bought, name);
    return Math.min(energyWh, bid.energyWh) * bid.limit - moneyMilliCents;
  }
  const offer = offers.find((wish) => wish.name === name);
  if (offer === undefined) return 0;
  const { energyWh, moneyMilliCents } = fillOf(outcome.sold, name);
  const missing = Math.max(0, energyWh - offer.energyWh);
  return moneyMilliCents - (energyWh - missing) * offer.limit - missing * dearest;
}

for (const mechanism of all) {
  market(
    `${mechanism.name}: what is bought is what is sold, and nobody gets more than it wished`,
    () =>
      check((round) => {
        const outcome = mechanism.clear(round);
        assert.is(energy(outcome.bought), energy(outcome.sold));
        for (const { name, energyWh } of outcome.bought)
          assert.ok(energyWh <= (round.bids.find((wish) => wish.name === name)?.energyWh ?? 0));
        for (const { name, energyWh } of outcome.sold)
          assert.ok(energyWh <= (round.offers.find((wish) => wish.name === name)?.energyWh ?? 0));
      }),
  );

  market(`${mechanism.name}: nobody who tells the truth loses by taking part`, () =>
    check((round) => {
      const outcome = mechanism.clear(round);
      for (const name of registry) assert.ok(gainOf(round, outcome, name) >= 0);
    }),
  );

  market(`${mechanism.name}: the order in which wishes come changes nothing`, () =>
    check((round) => {
      const turned = {
        ...round,
        offers: round.offers.toReversed(),
        bids: round.bids.toReversed(),
      };
      const sorted = (fills: readonly Fill<string>[]) =>
        fills.toSorted((one, other) => one.name.localeCompare(other.name));
      const [one, other] = [mechanism.clear(round), mechanism.clear(turned)];
      assert.equal(sorted(one.bought), sorted(other.bought));
      assert.equal(sorted(one.sold), sorted(other.sold));
    }),
  );
}

for (const mechanism of [posted, payAsBid, uniformAuction])
  market(`${mechanism.name}: the hub neither gives nor takes`, () =>
    check((round) => assert.is(mechanism.clear(round).hubMilliCents, 0)),
  );

market('McAfee: the hub never adds money', () =>
  check((round) => assert.ok(mcafee.clear(round).hubMilliCents >= 0)),
);

market('VCG: the hub never keeps money', () =>
  check((round) => assert.ok(vcg.clear(round).hubMilliCents <= 0)),
);

for (const mechanism of [payAsBid, uniformAuction, vcg])
  market(`${mechanism.name}: trades all that is worth trading`, () =>
    check((round) => {
      const { bought, sold } = mechanism.clear(round);
      const worth = (fills: readonly Fill<string>[], wishes: readonly Wish<string>[]) =>
        fills.reduce(
          (sum, { name, energyWh }) =>
            sum + energyWh * (wishes.find((wish) => wish.name === name)?.limit ?? 0),
          0,
        );
      assert.is(worth(bought, round.bids) - worth(sold, round.offers), welfareOf(bookOf(round)));
    }),
  );

market('posted rate: equal wishes differ by one Wh at most', () =>
  check((round) => {
    const { bought, sold } = posted.clear(round);
    const apart = (wishes: readonly Wish<string>[], fills: readonly Fill<string>[]): number[] =>
      wishes.flatMap((one) =>
        wishes
          .filter(({ energyWh }) => energyWh === one.energyWh)
          .map(({ name }) => fillOf(fills, name).energyWh - fillOf(fills, one.name).energyWh),
      );
    const bids = round.bids.filter(({ limit }) => limit >= rate);
    const offers = round.offers.filter(({ limit }) => limit <= rate);
    for (const difference of [...apart(bids, bought), ...apart(offers, sold)])
      assert.ok(Math.abs(difference) <= 1);
  }),
);

/** One household says another amount or another limit than its own. */
const someLie = fc.record({
  liar: fc.constantFrom(...registry),
  energyWh: fc.integer({ min: 0, max: 24 }).map(wattHours),
  limit: fc.integer({ min: 8, max: 24 }).map((shillings) => centsPerKwh(shillings * 100)),
});
function mostGained(mechanism: Mechanism, canLieAbout: 'all' | 'price'): number {
  let most = 0;
  fc.assert(
    fc.property(someRound, someLie, (round, { liar, energyWh, limit }) => {
      const lied = (wishes: readonly Wish<string>[]) =>
        wishes.map((wish) =>
          wish.name === liar
            ? { name: liar, limit, energyWh: canLieAbout === 'all' ? energyWh : wish.energyWh }
            : wish,
        );
      const honest = gainOf(round, mechanism.clear(round), liar);
      const lying = { ...round, offers: lied(round.offers), bids: lied(round.bids) };
      most = Math.max(most, gainOf(round, mechanism.clear(lying), liar) - honest);
    }),
    { numRuns: 5000, seed: 1 },
  );
  return most;
}

market('posted rate: no lie about price or amount gains anything within a round', () =>
  assert.is(mostGained(posted, 'all'), 0),
);

market('VCG: no lie about the price gains anything', () => assert.is(mostGained(vcg, 'price'), 0));

market('pay as bid and the uniform auction reward lies, or this search finds none', () => {
  assert.ok(mostGained(payAsBid, 'price') > 0);
  assert.ok(mostGained(uniformAuction, 'price') > 0);
});

market('posted rate: whole lots only, and what is below a lot waits', () => {
  const { bought } = postedRate(rate, 1000).clear({
    registry,
    turn: 0,
    offers: [{ name: 'home-0', energyWh: wattHours(2_600), limit: centsPerKwh(1000) }],
    bids: [{ name: 'home-5', energyWh: wattHours(1_900), limit: centsPerKwh(2000) }],
  });
  assert.equal(bought, [{ name: 'home-5', energyWh: 1_000, moneyMilliCents: 1_500_000 }]);
});

market.run();
