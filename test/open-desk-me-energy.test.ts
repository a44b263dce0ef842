/** What a household's page says of its sun and its home now. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { MeterId } from '../gateway/core/ids.ts';
import type { Reading } from '../gateway/core/reading.ts';
import { epochMs } from '../gateway/core/units.ts';
import { openMeEnergy } from '../gateway/open-desk-me-energy.ts';
import { given } from './support/given.ts';
import { corner, kiosk, meterOf } from './support/neighbourhood.ts';

const now = suite('sun and home now');

function aHouse() {
  const hub = given();
  const roof = 'roof' as MeterId;
  hub.books.households.register(roof, corner, 'pv', 'x', epochMs(0));
  const latest = hub.meters.readings.latest() as Map<MeterId, Reading>;
  const show = (meter: MeterId, registers: object) =>
    latest.set(meter, {
      ...{ meter, at: hub.clock.now(), importMwh: 0, exportMwh: 0, generationMwh: 0, powerMw: 0 },
      ...registers,
    } as never);
  return { hub, roof, show, [Symbol.dispose]: () => hub[Symbol.dispose]() };
}

now('follows from how fast both registers grow', () => {
  using house = aHouse();
  const energy = openMeEnergy(house.hub);
  house.show(meterOf(corner), { exportMwh: 500_000 });
  house.show(house.roof, { generationMwh: 900_000 });
  assert.is(energy.now(corner).useW, null);
  house.hub.clock.advance(36_000);
  // In a hundredth of an hour: 20 Wh from the roof, 12 Wh of them to the neighbours.
  house.show(meterOf(corner), { exportMwh: 512_000 });
  house.show(house.roof, { generationMwh: 920_000 });
  const { sunW, useW, surplusW } = energy.now(corner);
  assert.equal([sunW, useW, surplusW], [2_000, 800, 1_200]);
});

now('of a home without panels is what its meter takes; of a silent one nothing is said', () => {
  using house = aHouse();
  const energy = openMeEnergy(house.hub);
  house.show(meterOf(kiosk), { powerMw: 610_000 });
  const { sunW, useW, surplusW } = energy.now(kiosk);
  assert.equal([sunW, useW, surplusW], [null, 610, -610]);
  house.hub.clock.advance(11 * 60_000);
  assert.equal([energy.now(kiosk).useW, energy.now(kiosk).surplusW], [null, null]);
});

now.run();
