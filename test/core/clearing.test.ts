import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Clearing, clearRound, type Side } from '../../gateway/core/matching.ts';

const clearing = suite('clearing a round');

const sum = (amounts: readonly number[]): number => amounts.reduce((all, one) => all + one, 0);
const side = (lots: Record<string, number>): Side<string>[] =>
  Object.entries(lots).map(([name, wanted]) => ({ name, lots: wanted }));
const street = ['corner', 'kiosk', 'school', 'tailor'];

const soldBy = ({ pairs }: Clearing<string>, name: string): number =>
  sum(pairs.filter(({ seller }) => seller === name).map(({ lots }) => lots));
const boughtBy = ({ pairs }: Clearing<string>, name: string): number =>
  sum(pairs.filter(({ buyer }) => buyer === name).map(({ lots }) => lots));

clearing('brings one seller and one buyer together', () => {
  assert.equal(clearRound(street, 7, side({ corner: 3 }), side({ kiosk: 2 })), {
    offered: 3,
    asked: 2,
    matched: 2,
    pairs: [{ seller: 'corner', buyer: 'kiosk', lots: 2 }],
  });
});

clearing('ends without a trade when nobody buys, nobody sells, or nobody lives there', () => {
  const nothing = { matched: 0, pairs: [] };
  const noBuyer = clearRound(street, 1, side({ corner: 3 }), []);
  const noSeller = clearRound(street, 1, [], side({ kiosk: 2 }));
  assert.equal(noBuyer, { ...nothing, offered: 3, asked: 0 });
  assert.equal(noSeller, { ...nothing, offered: 0, asked: 2 });
  assert.equal(clearRound([], 1, [], []), { ...nothing, offered: 0, asked: 0 });
});

clearing('serves everybody who is small before the giant gets the rest', () => {
  const wishes = side({ kiosk: 1, school: 1, tailor: 1000 });
  const round = clearRound(street, 0, side({ corner: 5 }), wishes);
  assert.equal(
    ['kiosk', 'school', 'tailor'].map((name) => boughtBy(round, name)),
    [1, 1, 3],
  );
});

clearing('rations the sellers when there is more sun than need', () => {
  const offers = side({ corner: 9, kiosk: 1, school: 9 });
  const round = clearRound(street, 0, offers, side({ tailor: 5 }));
  assert.equal(
    ['corner', 'kiosk', 'school'].map((name) => soldBy(round, name)),
    [2, 1, 2],
  );
});

clearing('lets the slot decide whose turn it is, counted over all who are registered', () => {
  const wishes = side({ kiosk: 2, tailor: 2 });
  const firstIn = (turn: number) => {
    const round = clearRound(street, turn, side({ corner: 1 }), wishes);
    return round.pairs.map(({ buyer }) => buyer);
  };
  assert.equal([0, 1, 2, 3, 4].flatMap(firstIn), ['kiosk', 'kiosk', 'tailor', 'tailor', 'kiosk']);
});

clearing('brings those together who come first in turn', () => {
  const pairsIn = (turn: number) => {
    const offers = side({ corner: 1, school: 1 });
    const { pairs } = clearRound(street, turn, offers, side({ kiosk: 1, tailor: 1 }));
    return pairs.map(({ seller, buyer }) => `${seller} to ${buyer}`);
  };
  assert.equal(pairsIn(0), ['corner to kiosk', 'school to tailor']);
  assert.equal(pairsIn(1), ['school to kiosk', 'corner to tailor']);
});

clearing('does not listen to a stranger who is not registered', () => {
  const round = clearRound(street, 0, side({ stranger: 9 }), side({ kiosk: 2 }));
  assert.equal(round, { offered: 0, asked: 2, matched: 0, pairs: [] });
});

clearing('lets a household that stands on both sides bring only the difference', () => {
  const round = clearRound(street, 0, side({ corner: 3 }), side({ corner: 1, kiosk: 4 }));
  assert.equal(round, {
    offered: 2,
    asked: 4,
    matched: 2,
    pairs: [{ seller: 'corner', buyer: 'kiosk', lots: 2 }],
  });
  const alone = clearRound(street, 0, side({ corner: 3 }), side({ corner: 3 }));
  assert.equal(alone, { offered: 0, asked: 0, matched: 0, pairs: [] });
});

type Market = {
  readonly registry: string[];
  readonly turn: number;
  readonly sellers: Side<string>[];
  readonly buyers: Side<string>[];
};

const lots = fc.oneof(fc.nat(4), fc.nat(500));
const aMarket: fc.Arbitrary<Market> = fc.integer({ min: 0, max: 60 }).chain((households) => {
  const registry = Array.from({ length: households }, (_, number) => `house-${number}`);
  const wishes = fc
    .tuple(fc.array(lots, { minLength: households, maxLength: households }), fc.nat())
    .map(([wanted, seed]) =>
      registry
        .map((name, at) => ({ name, lots: wanted[at] ?? 0 }))
        .filter((_, at) => (seed >> (at % 30)) % 2 === 0),
    );
  return fc.record({
    registry: fc.constant(registry),
    turn: fc.nat(2_000_000),
    sellers: wishes,
    buyers: wishes,
  });
});

const clear = ({ registry, turn, sellers, buyers }: Market): Clearing<string> =>
  clearRound(registry, turn, sellers, buyers);
const wishOf = (wishes: readonly Side<string>[], name: string): number =>
  wishes.find((wish) => wish.name === name)?.lots ?? 0;

clearing('keeps the sums: what is sold is bought, and the short side gets all', () => {
  fc.assert(
    fc.property(aMarket, (market) => {
      const round = clear(market);
      assert.is(sum(round.pairs.map((pair) => pair.lots)), round.matched);
      assert.is(round.matched, Math.min(round.offered, round.asked));
      assert.ok(round.pairs.every((pair) => pair.lots > 0));
      for (const name of market.registry) {
        assert.ok(soldBy(round, name) <= wishOf(market.sellers, name));
        assert.ok(boughtBy(round, name) <= wishOf(market.buyers, name));
      }
    }),
    { numRuns: 300 },
  );
});

clearing('needs fewer trades than there are sellers and buyers', () => {
  fc.assert(
    fc.property(aMarket, (market) => {
      const { pairs } = clear(market);
      const sellers = new Set(pairs.map(({ seller }) => seller)).size;
      const buyers = new Set(pairs.map(({ buyer }) => buyer)).size;
      assert.ok(pairs.length <= Math.max(0, sellers + buyers - 1));
      const between = new Set(pairs.map(({ seller, buyer }) => `${seller} to ${buyer}`));
      assert.is(between.size, pairs.length);
    }),
    { numRuns: 300 },
  );
});

clearing('never lets a household trade with itself, nor stand on both sides', () => {
  fc.assert(
    fc.property(aMarket, (market) => {
      const { pairs } = clear(market);
      const sellers = new Set(pairs.map(({ seller }) => seller));
      assert.ok(pairs.every(({ buyer }) => !sellers.has(buyer)));
    }),
    { numRuns: 300 },
  );
});

clearing('does not depend on who knocked first', () => {
  const shuffled = aMarket.chain((market) =>
    fc.record({
      market: fc.constant(market),
      sellers: fc.shuffledSubarray(market.sellers, { minLength: market.sellers.length }),
      buyers: fc.shuffledSubarray(market.buyers, { minLength: market.buyers.length }),
    }),
  );
  fc.assert(
    fc.property(shuffled, ({ market, sellers, buyers }) => {
      assert.equal(clear({ ...market, sellers, buyers }), clear(market));
    }),
    { numRuns: 300 },
  );
});

clearing('rewards no lie on either side, although the lie moves the matched sum too', () => {
  const wishes = [0, 1, 2, 3];
  let told = 0;
  for (const [a, b, c, d] of wishes.flatMap((one) =>
    wishes.flatMap((two) =>
      wishes.flatMap((three) => wishes.map((four) => [one, two, three, four])),
    ),
  )) {
    const [sellers, buyers] = [
      { corner: a ?? 0, kiosk: b ?? 0 },
      { school: c ?? 0, tailor: d ?? 0 },
    ];
    for (const turn of [0, 1, 2, 3]) {
      const honest = clearRound(street, turn, side(sellers), side(buyers));
      for (const lie of [0, 1, 2, 3, 4, 5]) {
        const seller = clearRound(street, turn, side({ ...sellers, corner: lie }), side(buyers));
        const buyer = clearRound(street, turn, side(sellers), side({ ...buyers, school: lie }));
        assert.ok(Math.min(sellers.corner, soldBy(seller, 'corner')) <= soldBy(honest, 'corner'));
        assert.ok(Math.min(buyers.school, boughtBy(buyer, 'school')) <= boughtBy(honest, 'school'));
        told += 2;
      }
    }
  }
  assert.is(told, 4 ** 4 * 4 * 6 * 2);
});

clearing.run();
