/** Ways to clear a round of lots in pairs. */
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type LotRound, roundRules } from '../../../gateway/core/market/round-rule.ts';
import { centsPerKwh, wattHours } from '../../../gateway/core/units.ts';

const rules = suite('clearing a round in pairs');

const registry = Array.from({ length: 8 }, (_, at) => `home-${at}`);
const someWishes = (names: readonly string[]) =>
  fc.tuple(
    ...names.map((name) =>
      fc.record({
        name: fc.constant(name),
        lots: fc.integer({ min: 0, max: 5 }),
        limit: fc.integer({ min: 2, max: 31 }).map((kes) => centsPerKwh(kes * 100)),
      }),
    ),
  );
/** Home 4 may stand on both sides. */
const someRound: fc.Arbitrary<LotRound<string>> = fc.record({
  registry: fc.constant(registry),
  turn: fc.nat(100),
  lotWh: fc.constant(wattHours(1000)),
  rate: fc.constant(centsPerKwh(1500)),
  sellers: someWishes(registry.slice(0, 5)),
  buyers: someWishes(registry.slice(4)),
});

/** The posted rate leaves limits to the steps before it. */
const auctions = Object.entries(roundRules).filter(([, { isPosted }]) => !isPosted);

for (const [name, rule] of Object.entries(roundRules))
  rules(`${name}: nobody trades with itself or more than it wished`, () => {
    fc.assert(
      fc.property(someRound, (round) => {
        const { pairs, matched } = rule.clear(round);
        assert.is(
          pairs.reduce((sum, { lots }) => sum + lots, 0),
          matched,
        );
        for (const { seller, buyer, lots } of pairs) {
          assert.is.not(seller, buyer);
          assert.ok(lots > 0);
        }
        for (const [side, wishes] of [
          ['seller', round.sellers],
          ['buyer', round.buyers],
        ] as const)
          for (const wish of wishes) {
            const traded = pairs
              .filter((pair) => pair[side] === wish.name)
              .reduce((sum, { lots }) => sum + lots, 0);
            assert.ok(traded <= wish.lots);
          }
      }),
      { numRuns: 300 },
    );
  });

for (const [name, rule] of auctions)
  rules(`${name}: nobody pays more or gets less than its limit`, () => {
    fc.assert(
      fc.property(someRound, (round) => {
        const limitOf = (wishes: typeof round.sellers, one: string) =>
          wishes.find((wish) => wish.name === one)?.limit ?? Number.NaN;
        for (const { seller, buyer, rate, sellerRate } of rule.clear(round).pairs) {
          assert.ok(rate <= limitOf(round.buyers, buyer));
          assert.ok(sellerRate >= limitOf(round.sellers, seller));
        }
      }),
      { numRuns: 300 },
    );
  });

rules('posted: everybody pays and gets the rate', () => {
  const wish = (name: string, lots: number) => ({ name, lots, limit: centsPerKwh(1200) });
  const round = {
    ...{ registry, turn: 0, lotWh: wattHours(1000), rate: centsPerKwh(1500) },
    ...{ sellers: [wish('home-0', 2)], buyers: [wish('home-6', 3)] },
  };
  assert.equal(roundRules['posted']?.clear(round).pairs, [
    { seller: 'home-0', buyer: 'home-6', lots: 2, rate: 1500, sellerRate: 1500 },
  ]);
});

rules.run();
