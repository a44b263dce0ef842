import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { pastDaysMost } from '../../../gateway/core/policy/past.ts';
import { RollingPast } from '../../../gateway/core/policy/rolling-past.ts';
import { slotNumber } from '../../../gateway/core/units.ts';

const remembering = suite('remembering what a house used and its roof made');

const metered = (slot: number, importedWh: number, exportedWh: number, generatedWh?: number) => ({
  ...{ slot: slotNumber(slot), importedWh, exportedWh, generatedWh },
});
const slotsKept = pastDaysMost * 96;

remembering(
  'knows what the house used where a meter counts the roof, else what the grid saw',
  () => {
    const past = new RollingPast();
    past.note(metered(10, 0, 300, 400));
    past.note(metered(11, 70, 0));
    const { first, sunWh, loadWh } = past.until(slotNumber(12));
    assert.equal(
      [first, [...(sunWh as Uint16Array)], [...(loadWh as Uint16Array)]],
      [10, [400, 0], [100, 70]],
    );
  },
);

remembering('has 0 for slots that were not heard, up to now', () => {
  const past = new RollingPast();
  past.note(metered(10, 50, 0));
  past.note(metered(13, 60, 0));
  assert.equal([...(past.until(slotNumber(15)).loadWh as Uint16Array)], [50, 0, 0, 60, 0]);
  assert.is(new RollingPast().until(slotNumber(15)).loadWh.length, 0);
});

remembering('forgets all but the newest 45 days, and never mixes up the rest', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 3_000 }), { minLength: 1, maxLength: 8 }),
      (steps) => {
        const past = new RollingPast();
        const noted = new Map<number, number>();
        let slot = 1_000;
        for (const step of steps) {
          for (let each = 0; each < Math.min(step, 40); each++) {
            past.note(metered(slot + each, (slot + each) % 977, 0));
            noted.set(slot + each, (slot + each) % 977);
          }
          slot += step;
        }
        const end = Math.max(...noted.keys()) + 1;
        const { first, loadWh } = past.until(slotNumber(end));
        assert.is(loadWh.length, end - first);
        assert.ok(loadWh.length <= slotsKept);
        for (let at = 0; at < loadWh.length; at++)
          assert.is(loadWh[at], noted.get(first + at) ?? 0, `slot ${first + at}`);
      },
    ),
    { numRuns: 100 },
  );
});

remembering.run();
