import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Blend } from '../../../gateway/core/forecast/blend.ts';
import { DayProfile } from '../../../gateway/core/forecast/day-profile.ts';
import { Regression } from '../../../gateway/core/forecast/regression.ts';
import { SkillBook } from '../../../gateway/core/forecast/skill.ts';
import { Spread } from '../../../gateway/core/forecast/spread.ts';
import { bell, chance } from '../../../gateway/simulators/neighbourhood/chance.ts';

const parts = suite('what a forecast is made of');

parts('the blend believes in "as usual" until "as now" has proved better', () => {
  const blend = new Blend();
  assert.is(blend.guess(10, 4), 4);
  for (let time = 0; time < 5; time++) blend.learn(10, 4, 10);
  assert.is(blend.guess(10, 4), 10);
});

parts('the blend never leaves what lies between the two', () => {
  const value = fc.integer({ min: -50, max: 50 });
  fc.assert(
    fc.property(fc.array(fc.tuple(value, value, value)), value, value, (seen, now, usual) => {
      const blend = new Blend();
      for (const [asNow, asUsual, truth] of seen) blend.learn(asNow, asUsual, truth);
      const guess = blend.guess(now, usual);
      assert.ok(guess >= Math.min(now, usual) - 1e-9 && guess <= Math.max(now, usual) + 1e-9);
    }),
  );
});

parts('the blend’s weight is the best that the past could have had', () => {
  const blend = new Blend();
  const seen = Array.from({ length: 200 }, (_, at) => {
    const [asNow, asUsual] = [bell(1, at), bell(2, at)];
    return { asNow, asUsual, truth: 0.3 * asNow + 0.7 * asUsual + 0.1 * bell(3, at) };
  });
  for (const { asNow, asUsual, truth } of seen) blend.learn(asNow, asUsual, truth);
  assert.ok(Math.abs(blend.guess(1, 0) - 0.3) < 0.03);
});

parts('the regression finds what rules, from its beliefs on', () => {
  const regression = new Regression([1, 0]);
  assert.is(regression.guess(Float64Array.of(2, 5)), 2);
  for (let time = 0; time < 20_000; time++) {
    const inputs = Float64Array.of(bell(1, time), bell(2, time));
    regression.learn(inputs, 0.5 * (inputs[0] ?? 0) + 2 * (inputs[1] ?? 0));
  }
  assert.ok(Math.abs(regression.guess(Float64Array.of(1, 0)) - 0.5) < 0.01);
  assert.ok(Math.abs(regression.guess(Float64Array.of(0, 1)) - 2) < 0.01);
});

parts('the profile has the mean of each quarter, and around it a part of its neighbours', () => {
  const profile = new DayProfile();
  for (const value of [100, 200, 300]) profile.observe(10, value);
  assert.is(profile.at(10), 200);
  assert.is(profile.at(10 + 96), 200);
  assert.is(profile.at(11), 0);
  assert.equal(
    [8, 9, 10, 11, 12, 13].map((at) => profile.smoothAt(at) > 0),
    [...[true, true, true, true, true, false]],
  );
  profile.observe(0, 90);
  assert.is(profile.smoothAt(95), 20, 'midnight has neighbours too');
});

parts('the profile forgets a house that has changed', () => {
  const profile = new DayProfile();
  for (let day = 0; day < 60; day++) profile.observe(3, 100);
  for (let day = 0; day < 90; day++) profile.observe(3, 400);
  assert.ok(profile.at(3) > 380);
});

parts('the spread is a guess first, and then what was missed', () => {
  const spread = new Spread();
  assert.equal(
    [0.1, 0.5, 0.9].map((level) => spread.at(level)),
    [-0.4, 0, 0.4],
  );
  for (let miss = 0; miss < 300; miss++) spread.note(chance(5, miss));
  assert.ok(Math.abs(spread.at(0.1) - 0.1) < 0.06);
  assert.ok(Math.abs(spread.at(0.9) - 0.9) < 0.06);
  for (let miss = 0; miss < 300; miss++) spread.note(0.25);
  assert.equal(
    [0.1, 0.9].map((level) => spread.at(level)),
    [0.25, 0.25],
  );
});

parts('the skill book compares with the reference, counts and tells its bias', () => {
  const book = new SkillBook();
  book.note(10, 12, 14, { low: 8, middle: 12, high: 16 });
  book.note(10, 8, 6, { low: 11, middle: 12, high: 13 });
  const { skill, count, bias, rmse, coveragePercent, pinball } = book.read(4);
  assert.equal([skill, count, bias, rmse, coveragePercent], [0.5, 2, 0, 2, 50]);
  const first = 0.1 * 2 + 0.5 * 2 + 0.1 * 6;
  const second = 0.9 * 1 + 0.5 * 2 + 0.1 * 3;
  assert.ok(Math.abs(pinball - (first + second) / 6) < 1e-9, `${pinball}`);
});

parts.run();
