import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hourMs } from '../../gateway/core/slot.ts';
import { disasterKinds, quickPlan, weeksPlan } from './plan.ts';

const planning = suite('planning what befalls the neighbourhood');

const seeds = Array.from({ length: 50 }, (_, seed) => seed);
const weekMs = 7 * 24 * hourMs;

planning('a seed brings the same weeks every time, and another seed others', () => {
  assert.equal(weeksPlan(7, 2), weeksPlan(7, 2));
  assert.not.equal(weeksPlan(7, 2), weeksPlan(8, 2));
});

planning('everything fails at least once in every week, within that week and in order', () => {
  for (const seed of seeds) {
    const { disasters, lengthMs } = weeksPlan(seed, 2);
    assert.is(lengthMs, 2 * weekMs);
    for (const week of [0, 1]) {
      const mine = disasters.filter(({ atMs }) => Math.floor(atMs / weekMs) === week);
      assert.equal(new Set(mine.map(({ kind }) => kind)), new Set(disasterKinds));
    }
    const times = disasters.map(({ atMs }) => atMs);
    assert.equal(
      times,
      [...times].sort((a, b) => a - b),
    );
  }
});

planning('M-Pesa is away for 8 to 48 hours, and never twice at once', () => {
  for (const seed of seeds) {
    const outages = weeksPlan(seed, 1).disasters.filter(({ kind }) => kind === 'mpesa-outage');
    assert.is(outages.length, 2);
    for (const { lengthMs } of outages)
      assert.ok(lengthMs >= 8 * hourMs && lengthMs <= 48 * hourMs);
    const [first, second] = outages;
    assert.ok((first?.atMs ?? 0) + (first?.lengthMs ?? 0) < (second?.atMs ?? 0));
  }
});

planning('power cuts are about as long as Kenya Power tells', () => {
  const cuts = seeds.flatMap((seed) =>
    weeksPlan(seed, 4).disasters.filter(({ kind }) => kind === 'power-cut'),
  );
  const meanHours = cuts.reduce((sum, { lengthMs }) => sum + lengthMs / hourMs, 0) / cuts.length;
  assert.ok(meanHours > 2.6 && meanHours < 4.9, `${meanHours} h`);
});

planning('a clock is wrong only by day: at night it could not know that it must not ring', () => {
  const beginsAtMs = 9 * hourMs;
  const jumps = seeds
    .flatMap((seed) => weeksPlan(seed, 1).disasters)
    .filter(({ kind }) => kind === 'clock-jump');
  const shown = jumps.flatMap(({ atMs, lengthMs, offMs }) =>
    [atMs, atMs + lengthMs].flatMap((moment) => {
      const time = (beginsAtMs + moment) % (24 * hourMs);
      return [time, time + offMs];
    }),
  );
  assert.is(jumps.length, 2 * seeds.length);
  assert.ok(Math.min(...shown) > 6.5 * hourMs && Math.max(...shown) < 21 * hourMs);
});

planning('a quick look has one of each', () => {
  const kinds = quickPlan(3).disasters.map(({ kind }) => kind);
  assert.equal([...kinds].sort(), [...disasterKinds].sort());
});

planning.run();
