import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  enoughWith,
  keepAll,
  keepLastEvening,
  keepSevenDayMean,
  policies,
  quantileRule,
  sellAll,
} from '../../../gateway/core/policy/policies.ts';
import { centsPerKwh } from '../../../gateway/core/units.ts';
import { pastFrom, situation, slotsPerDay, usual, usualPast } from './houses.ts';

const keeping = suite('keeping some of what is at hand');

/** 15:00, after a sunny day. */
const afternoon = 36;

keeping('keeps in the afternoon what the evenings used', () => {
  const now = situation(usualPast(10, afternoon));
  assert.is(quantileRule.keepWh(now), 1_200);
  assert.is(keepLastEvening.keepWh(now), 1_200);
  assert.is(keepSevenDayMean.keepWh(now), 1_200);
});

keeping('sells in the morning, when the sun will bring more than the night needs', () => {
  assert.is(quantileRule.keepWh(situation(usualPast(10, 14))), 0);
});

keeping('counts what is kept already, and what a battery holds', () => {
  const past = usualPast(10, afternoon);
  assert.is(quantileRule.keepWh(situation(past, { keptWh: 500 })), 700);
  assert.is(quantileRule.keepWh(situation(past, { batteryWh: 1_000 })), 200);
  assert.is(keepLastEvening.keepWh(situation(past, { keptWh: 2_000 })), 0);
});

keeping('keeps less as the night goes by', () => {
  const left = [48, 54, 60, 71, 72].map((slots) =>
    quantileRule.keepWh(situation(usualPast(10, slots))),
  );
  assert.equal(left, [1_200, 900, 600, 50, 0]);
});

keeping('sells where a kept kWh is worth no more than a sold one', () => {
  const past = usualPast(10, afternoon);
  for (const ownTariff of [1_400, 1_500])
    assert.is(quantileRule.keepWh(situation(past, { ownTariff: centsPerKwh(ownTariff) })), 0);
  assert.is(quantileRule.keepWh(situation(past, { ownTariff: centsPerKwh(1_501) })) > 0, true);
});

keeping('sells on the first day, of which nothing is known', () => {
  assert.is(quantileRule.keepWh(situation(pastFrom([]), { slotsAhead: 30 })), 0);
  assert.is(quantileRule.keepWh(situation(usualPast(0, 40))), 0);
});

keeping('keeps more for a house that uses more than usual today', () => {
  const guests = pastFrom(
    Array.from({ length: 10 * slotsPerDay + 56 }, (_, index) => {
      const { sunWh, loadWh } = usual(index);
      return { sunWh, loadWh: index >= 10 * slotsPerDay ? loadWh * 1.5 : loadWh };
    }),
  );
  const kept = quantileRule.keepWh(situation(guests));
  assert.ok(kept > 800 && kept <= 1_200, `${kept}`);
});

keeping('keeps for a dark afternoon that the weather foretells', () => {
  const past = usualPast(10, 30);
  const kept = (sunAhead: number | undefined) => quantileRule.keepWh(situation(past, { sunAhead }));
  assert.is(kept(undefined), 0);
  assert.is(kept(1), 0);
  assert.ok(kept(0) > 0);
});

keeping('has the chance of the newsvendor', () => {
  const chance = (ownTariff: number, keepCostPercent = 20) =>
    enoughWith({
      ...{ rate: centsPerKwh(1_500), ownTariff: centsPerKwh(ownTariff) },
      keepCostPercent,
    });
  assert.is(chance(2_700), 0.8);
  assert.is(chance(1_800), 0.5);
  assert.is(chance(1_500), 0);
  assert.is(chance(1_000), 0);
  assert.is(chance(2_700, 0), 1);
});

keeping('keeps more, the dearer the energy of the grid', () => {
  const uneven = usualPast(20, afternoon, (index) => {
    const { sunWh, loadWh } = usual(index);
    return { sunWh, loadWh: loadWh * (1 + (Math.floor(index / slotsPerDay) % 7)) };
  });
  const kept = [1_600, 1_800, 2_700, 9_000].map((ownTariff) =>
    quantileRule.keepWh(situation(uneven, { atHandWh: 50_000, ownTariff: centsPerKwh(ownTariff) })),
  );
  assert.equal(
    kept,
    kept.toSorted((a, b) => a - b),
  );
  assert.ok((kept[3] ?? 0) > 1.3 * (kept[0] ?? 0), `${kept}`);
});

keeping('is whole, and never below nothing or above what is at hand, with any policy', () => {
  const slots = fc.array(fc.record({ sunWh: fc.nat(3_000), loadWh: fc.nat(3_000) }), {
    maxLength: 3 * slotsPerDay,
  });
  fc.assert(
    fc.property(
      slots,
      fc.nat(9_000),
      fc.nat(9_000),
      fc.integer({ min: 0, max: 95 }),
      fc.integer({ min: 0, max: 5_000 }),
      fc.option(fc.double({ min: 0, max: 3, noNaN: true }), { nil: undefined }),
      (seen, atHandWh, keptWh, slotsAhead, ownTariff, sunAhead) => {
        const own = centsPerKwh(ownTariff);
        const now = situation(pastFrom(seen), {
          ...{ atHandWh, keptWh, slotsAhead, sunAhead, ownTariff: own },
        });
        for (const policy of policies) {
          const kept = policy.keepWh(now);
          assert.ok(Number.isInteger(kept), `${policy.name}: ${kept}`);
          assert.ok(kept >= 0 && kept <= atHandWh, `${policy.name}: ${kept} of ${atHandWh}`);
        }
      },
    ),
    { numRuns: 200 },
  );
});

keeping('looks at so few numbers that a thousand households are asked in a moment', () => {
  const past = usualPast(45, afternoon);
  let looks = 0;
  const counted = (series: ArrayLike<number>): ArrayLike<number> =>
    new Proxy(series, {
      get: (target, key) => {
        looks += 1;
        return Reflect.get(target, key);
      },
    });
  const seen = { ...past, sunWh: counted(past.sunWh), loadWh: counted(past.loadWh) };
  quantileRule.keepWh(situation(seen));
  // A processor of a small computer looks at a hundred numbers in a microsecond.
  assert.ok(looks < 60_000, `${looks} looks`);
  assert.ok(looks > 1_000, 'they are counted');
});

keeping('sells all or keeps all where that is the rule', () => {
  const now = situation(usualPast(3, afternoon));
  assert.equal([sellAll.keepWh(now), keepAll.keepWh(now)], [0, 5_000]);
});

keeping.run();
