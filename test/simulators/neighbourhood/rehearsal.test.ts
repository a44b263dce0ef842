import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hourMs } from '../../../gateway/simulators/neighbourhood/local-time.ts';
import { makeNeighbourhood } from '../../../gateway/simulators/neighbourhood/model.ts';
import { rehearsalReadings } from '../../../gateway/simulators/neighbourhood/rehearsal.ts';

const rehearsing = suite('telling the days before the demo');
const originMs = Date.parse('2026-03-10T00:00:00+03:00');

rehearsing(
  'gives each meter a reading every quarter of an hour, counted from one, oldest first',
  () => {
    const neighbourhood = makeNeighbourhood({ seed: 1, households: 6, originMs });
    const readings = [...rehearsalReadings(neighbourhood, originMs, originMs + hourMs)];
    const meters = neighbourhood.households.flatMap((household) => household.meters);
    assert.is(meters.length, 8);
    assert.is(readings.length, 8 * 5);
    assert.equal(
      readings.map(({ atMs }) => atMs),
      readings.map(({ atMs }) => atMs).sort((a, b) => a - b),
    );
    const ofOne = readings
      .filter(({ meter }) => meter === 'm-h01-grid')
      .map(({ payload }) => payload);
    assert.equal(
      ofOne.map((payload) => JSON.parse(Buffer.from(payload).toString()).s),
      [1, 2, 3, 4, 5],
    );
  },
);

rehearsing(
  'speaks as the contract says: whole numbers, the grid counts both ways, panels generation only',
  () => {
    const neighbourhood = makeNeighbourhood({ seed: 1, households: 6, originMs });
    const noonMs = originMs + 12 * hourMs;
    const said = [...rehearsalReadings(neighbourhood, noonMs, noonMs)].map(
      ({ meter, payload }) => ({
        meter,
        fields: JSON.parse(Buffer.from(payload).toString()) as Record<string, number>,
      }),
    );
    const grid = said.find(({ meter }) => meter === 'm-h01-grid')?.fields ?? {};
    const panels = said.find(({ meter }) => meter === 'm-h01-pv')?.fields ?? {};
    assert.equal(Object.keys(grid), ['v', 's', 'b', 't', 'tq', 'up', 'p', 'u', 'ei', 'ee']);
    assert.equal(Object.keys(panels), ['v', 's', 'b', 't', 'tq', 'up', 'u', 'ei', 'ee', 'eg']);
    assert.ok([...Object.values(grid), ...Object.values(panels)].every(Number.isSafeInteger));
    assert.is(grid['t'], noonMs / 1000);
    assert.is(grid['tq'], 2);
    assert.ok((grid['p'] ?? 0) < 0, 'a roof of 4 kW exports at noon');
    assert.equal([panels['ei'], panels['ee']], [0, 0]);
    assert.ok((panels['eg'] ?? 0) > (grid['ee'] ?? 0));
  },
);

rehearsing.run();
