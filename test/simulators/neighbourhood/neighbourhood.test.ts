import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { dayMs, hourMs, minuteMs } from '../../../gateway/simulators/neighbourhood/local-time.ts';
import {
  makeNeighbourhood,
  type Neighbourhood,
} from '../../../gateway/simulators/neighbourhood/model.ts';

const originMs = Date.parse('2026-03-10T00:00:00+03:00');
const seeds = [1, 2, 3, 4, 5];
const aNeighbourhood = (seed = 1, households = 12): Neighbourhood =>
  makeNeighbourhood({ seed, households, originMs });

/** kWh that a kW of panels makes on each of the first `days` days. */
function yieldsOf(neighbourhood: Neighbourhood, days: number): number[] {
  return Array.from({ length: days }, (_, day) => {
    const at = (atMs: number) => neighbourhood.registersAt('h01', atMs).generationMwh;
    const madeMwh = at(originMs + (day + 1) * dayMs) - at(originMs + day * dayMs);
    return madeMwh / 1e6 / 4;
  });
}

const living = suite('living in the simulated neighbourhood');

living('is the same in every process for the same seed, and another for another seed', () => {
  const shown = (seed: number) => {
    const neighbourhood = aNeighbourhood(seed);
    return JSON.stringify(
      neighbourhood.households.map(({ id }) => [
        id,
        neighbourhood.registersAt(id, neighbourhood.startMs + 12_345_000),
      ]),
    );
  };
  assert.is(shown(3), shown(3));
  assert.is.not(shown(3), shown(4));
});

living('shows the same registers whichever way time was asked for', () => {
  const forward = aNeighbourhood();
  const jumping = aNeighbourhood();
  const moments = [40, 3, 90, 89.99, 12.345, 0, 100].map((hours) => originMs + hours * hourMs);
  const inOrder = new Map(
    [...moments].sort((a, b) => a - b).map((at) => [at, forward.registersAt('h02', at)]),
  );
  for (const at of moments) assert.equal(jumping.registersAt('h02', at), inOrder.get(at));
});

living('never lets a register fall', () => {
  const neighbourhood = aNeighbourhood();
  const ids = neighbourhood.households.map(({ id }) => id);
  const moment = fc.integer({ min: originMs, max: originMs + 5 * dayMs });
  fc.assert(
    fc.property(
      fc.constantFrom(...ids),
      moment,
      fc.integer({ min: 0, max: 90_000 }),
      (id, at, by) => {
        const before = neighbourhood.registersAt(id, at);
        const after = neighbourhood.registersAt(id, at + by);
        for (const name of ['importMwh', 'exportMwh', 'generationMwh'] as const) {
          assert.ok(Number.isSafeInteger(after[name]));
          assert.ok(after[name] >= before[name]);
        }
      },
    ),
    { numRuns: 2_000 },
  );
});

living('goes on after four days of memory, and still knows the first hour', () => {
  const neighbourhood = aNeighbourhood();
  const early = neighbourhood.registersAt('h02', originMs + hourMs);
  neighbourhood.registersAt('h02', originMs + 9 * dayMs);
  assert.equal(neighbourhood.registersAt('h02', originMs + hourMs), early);
});

living('has sunny days around the start and believable ones after it', () => {
  for (const seed of seeds) {
    const yields = yieldsOf(aNeighbourhood(seed), 12);
    for (const sunny of yields.slice(0, 3)) assert.ok(sunny >= 3.5 && sunny <= 4.5, `${sunny}`);
    for (const any of yields) assert.ok(any >= 0.8 && any <= 5.51, `${any}`);
    const mean = yields.reduce((sum, value) => sum + value, 0) / 12;
    assert.ok(mean > 3.4 && mean < 4.6, `mean ${mean}`);
  }
});

living('has no sun at night', () => {
  const { sun, startMs } = aNeighbourhood();
  assert.is(sun.irradianceAt(startMs + 12 * hourMs), 0);
  assert.ok(sun.irradianceAt(startMs + 3 * hourMs) > 0);
});

living('gives every household its own phone, and 200 of them fit', () => {
  for (const count of [6, 12, 200]) {
    const { households } = aNeighbourhood(1, count);
    const phones = new Set(households.map(({ phone }) => phone));
    assert.is(phones.size, count);
    const ordinary = [...phones].filter((phone) => phone.endsWith('00'));
    assert.is(ordinary.length, count - 2);
    assert.ok([...phones].every((phone) => /^2547\d{8}$/.test(phone)));
  }
  assert.throws(() => aNeighbourhood(1, 5));
  assert.throws(() => aNeighbourhood(1, 201));
});

living('keeps a whole village in little time', () => {
  const village = aNeighbourhood(1, 200);
  const begun = performance.now();
  for (const { id } of village.households) village.registersAt(id, originMs + 3 * dayMs);
  assert.ok(performance.now() - begun < 5_000);
});

living.run();

const starting = suite('standing ready for the demo at nine');

starting('has two roofs of 4 kW, two shops of 6 kWh a day and a home of 0.4', () => {
  for (const seed of seeds) {
    const { households } = aNeighbourhood(seed);
    assert.ok(
      households.filter(({ panelsW, autoSell }) => panelsW === 4000 && autoSell).length >= 2,
    );
    const shops = households.filter(({ archetype }) => archetype === 'shop');
    assert.is(shops.filter(({ dailyLoadWh }) => dailyLoadWh === 6000).length, 2);
    assert.ok(households.some(({ dailyLoadWh }) => dailyLoadWh === 400));
  }
});

starting('has three buyers just under one lot, who cross it within four hours', () => {
  for (const seed of seeds) {
    const neighbourhood = aNeighbourhood(seed);
    const importWh = (id: string, atMs: number) =>
      Math.floor(neighbourhood.registersAt(id, atMs).importMwh / 1000);
    const near = neighbourhood.households.filter(({ id, autoBuy, needAtStartWh }) => {
      const wh = importWh(id, neighbourhood.startMs);
      return autoBuy && needAtStartWh !== undefined && wh >= 900 && wh <= 990;
    });
    assert.is(near.length, 3);
    for (const { id } of near) {
      assert.ok(importWh(id, neighbourhood.startMs + 4 * hourMs) > 1000);
    }
  }
});

starting('has the two people of the published example, who act by hand only', () => {
  for (const seed of seeds) {
    const neighbourhood = aNeighbourhood(seed);
    const owner = (phone: string) => {
      const found = neighbourhood.households.find((household) => household.phone === phone);
      assert.ok(found);
      return { ...found, shown: neighbourhood.registersAt(found?.id ?? '', neighbourhood.startMs) };
    };
    const seller = owner('254700123456');
    assert.ok(!(seller.autoSell || seller.autoBuy));
    assert.ok(seller.shown.exportMwh - seller.shown.importMwh >= 3_500_000);
    const buyer = owner('254708374149');
    assert.ok(!(buyer.autoSell || buyer.autoBuy));
    assert.is(buyer.panelsW, 0);
    assert.ok(buyer.shown.importMwh > 1_000_000);
  }
});

starting('begins at nine in the morning of the third day', () => {
  assert.is(aNeighbourhood().startMs, Date.parse('2026-03-12T09:00:00+03:00'));
  assert.is(aNeighbourhood().startMs % minuteMs, 0);
});

starting.run();
