import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  bestChoice,
  type ReplayedDay,
  scoreOf,
  sellAtOnce,
  worthCents,
} from '../../../gateway/core/policy/replay.ts';
import { centsPerKwh } from '../../../gateway/core/units.ts';

const replaying = suite('playing a day once more');

const aDay = (netWh: readonly number[], change: Partial<ReplayedDay> = {}): ReplayedDay => ({
  netWh,
  mayDecide: () => true,
  rate: centsPerKwh(1_500),
  ownTariff: centsPerKwh(2_700),
  keepCostPercent: 20,
  sellMostWh: Number.POSITIVE_INFINITY,
  ...change,
});

replaying('earns the rate for what is sold, and pays the own tariff for what is missing', () => {
  const day = aDay([-3_000, 1_000]);
  assert.is(worthCents(day, sellAtOnce), 4_500 - 2_700);
  assert.is(
    worthCents(day, () => 1_000),
    3_000,
  );
  assert.is(worthCents(day, bestChoice(day)), 3_000);
});

replaying('pays a fifth for what is kept in vain', () => {
  assert.is(
    worthCents(aDay([-3_000, 1_000]), () => 2_000),
    1_500 + 1_200,
  );
});

replaying('counts the sun that comes before a need', () => {
  const day = aDay([-1_000, 400, -600, 900]);
  assert.is(bestChoice(day)({ index: 0, atHandWh: 1_000, keptWh: 0 }), 700);
  // 300 Wh of the first kWh are sold; the rest and what comes later are just enough.
  assert.is(worthCents(day, bestChoice(day)), 450);
});

replaying('keeps for later what could not be sold, and loses nothing of it', () => {
  const day = aDay([-3_000, 1_000], { sellMostWh: 500 });
  assert.is(worthCents(day, sellAtOnce), 3_000);
  assert.equal(scoreOf(day, sellAtOnce), { gainedCents: 0, possibleCents: 0 });
});

replaying('sells only where somebody could decide', () => {
  const day = aDay([-800, 500, -900, 1_200], { mayDecide: (index) => index === 2 });
  assert.is(worthCents(day, sellAtOnce), 1_800 - 3_240);
  assert.is(worthCents(day, bestChoice(day)), 0);
});

replaying('sells at once where the grid is cheaper than the neighbours', () => {
  const day = aDay([-3_000, 1_000], { ownTariff: centsPerKwh(1_000) });
  assert.equal(
    scoreOf(day, () => 1_000),
    { gainedCents: -500, possibleCents: 0 },
  );
});

replaying('tells what was gained of what was possible', () => {
  const day = aDay([-3_000, 1_000]);
  assert.equal(
    scoreOf(day, () => 500),
    { gainedCents: 600, possibleCents: 1_200 },
  );
});

replaying('never does better than the best, whoever decides, wherever, inside any limit', () => {
  const slot = fc.integer({ min: -2_000, max: 2_000 });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(slot, fc.boolean(), fc.nat(3_000)), { minLength: 1, maxLength: 24 }),
      fc.integer({ min: 0, max: 4_000 }),
      fc.constantFrom(0, 20, 100),
      fc.constantFrom(0, 700, 4_000, Number.POSITIVE_INFINITY),
      (slots, ownTariff, keepCostPercent, sellMostWh) => {
        const day = aDay(
          slots.map(([net]) => net),
          {
            mayDecide: (index) => slots[index]?.[1] ?? false,
            ...{ ownTariff: centsPerKwh(ownTariff), keepCostPercent, sellMostWh },
          },
        );
        const { gainedCents, possibleCents } = scoreOf(day, ({ index }) => slots[index]?.[2] ?? 0);
        assert.ok(gainedCents <= possibleCents, `${gainedCents} of ${possibleCents}`);
        assert.ok(possibleCents >= 0);
      },
    ),
    { numRuns: 2_000 },
  );
});

replaying.run();
