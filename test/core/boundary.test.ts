import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { registersBetween } from '../../gateway/core/boundary.ts';
import type { MeterId } from '../../gateway/core/ids.ts';
import { hourMs, slotMs, slotStart } from '../../gateway/core/slot.ts';
import { epochMs, milliWattHours } from '../../gateway/core/units.ts';

const bounding = suite('registers at the start of a slot');

const corner = 'meter-corner' as MeterId;
const aSlotStart = 2_000_000 * slotMs;
const shown = (offsetMs: number, importMwh: number, exportMwh = 0) => ({
  at: epochMs(aSlotStart + offsetMs),
  importMwh: milliWattHours(importMwh),
  exportMwh: milliWattHours(exportMwh),
  generationMwh: milliWattHours(7),
});

bounding('lie on the straight line, rounded down', () => {
  const found = registersBetween(corner, shown(-10_000, 100), shown(20_000, 200, 20));
  assert.equal(found, [
    { meter: corner, slot: 2_000_000, importMwh: 133, exportMwh: 6, generationMwh: 7 },
  ]);
});

bounding('are exact when a reading falls on the boundary', () => {
  const found = registersBetween(corner, shown(-300_000, 100), shown(0, 123));
  assert.equal(
    found.map((b) => b.importMwh),
    [123],
  );
});

bounding('are not guessed over more than an hour, nor backwards', () => {
  assert.is(registersBetween(corner, shown(1, 0), shown(1 + hourMs, 4000)).length, 4);
  assert.is(registersBetween(corner, shown(0, 0), shown(1 + hourMs, 4000)).length, 0);
  assert.is(registersBetween(corner, shown(5000, 0), shown(-5000, 4000)).length, 0);
  assert.is(registersBetween(corner, shown(5000, 0), shown(6000, 4000)).length, 0);
});

type Shown = ReturnType<typeof shown>;

function walked(startMs: number, startMwh: number, steps: readonly { ms: number; mwh: number }[]) {
  const readings = [shown(startMs, startMwh)];
  for (const { ms, mwh } of steps) {
    const last = readings.at(-1) as Shown;
    const importMwh = milliWattHours(last.importMwh + mwh);
    readings.push({ ...last, at: epochMs(last.at + ms), importMwh });
  }
  return readings;
}

bounding('add up to exactly what the register counted, and never fall', () => {
  const steps = fc.array(
    fc.record({ ms: fc.integer({ min: 1, max: hourMs }), mwh: fc.nat(100_000_000) }),
    { minLength: 1, maxLength: 40 },
  );
  fc.assert(
    fc.property(steps, fc.nat(slotMs), fc.nat(2 ** 52), (walk, startMs, startMwh) => {
      const readings = walked(startMs, startMwh, walk);
      const [first, last] = [readings[0] as Shown, readings.at(-1) as Shown];
      const found = readings.flatMap((reading, index) =>
        registersBetween(corner, readings[index - 1] ?? reading, reading),
      );
      const marks = [first, ...found, last].map(({ importMwh }) => importMwh);
      const rises = marks.slice(1).map((mark, index) => mark - (marks[index] as number));
      assert.ok(rises.every((rise) => rise >= 0));
      assert.is(
        rises.reduce((sum, rise) => sum + rise, 0),
        last.importMwh - first.importMwh,
      );
      for (const { slot, importMwh } of found) {
        const earlier = readings.findLast(({ at }) => at <= slotStart(slot)) as Shown;
        const later = readings.find(({ at }) => at >= slotStart(slot)) as Shown;
        assert.ok(earlier.importMwh <= importMwh && importMwh <= later.importMwh);
      }
      const slots = Math.floor(last.at / slotMs) - Math.ceil(first.at / slotMs) + 1;
      assert.is(new Set(found.map(({ slot }) => slot)).size, slots);
    }),
  );
});

bounding.run();
