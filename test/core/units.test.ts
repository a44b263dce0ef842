import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  cents,
  centsPerKwh,
  epochMs,
  milliWattHours,
  slotNumber,
  sumCents,
  wattHours,
  wholeWattHours,
} from '../../gateway/core/units.ts';

const measuring = suite('quantities');

const makers = { cents, wattHours, milliWattHours, centsPerKwh, epochMs, slotNumber };

measuring('are whole numbers from zero on', () => {
  for (const make of Object.values(makers))
    for (const value of [0, 1, Number.MAX_SAFE_INTEGER]) assert.is(make(value), value);
});

measuring('are never negative, broken, lost or too large to be exact', () => {
  const wrong = [-1, 0.5, Number.NaN, Infinity, -Infinity, 2 ** 53];
  for (const make of Object.values(makers))
    for (const value of wrong) assert.throws(() => make(value), RangeError);
});

measuring('say in which unit something was wrong', () => {
  const units = ['cents', 'Wh', 'mWh', 'cents/kWh', 'ms', 'slot'];
  for (const [at, make] of Object.values(makers).entries())
    assert.throws(
      () => make(-5),
      (error: Error) => error.message.includes(`of ${units[at]}, got -5`),
    );
});

measuring('add up, and nothing adds up to nothing', () => {
  assert.is(sumCents([cents(1), cents(250)]), 251);
  assert.is(sumCents([]), 0);
});

measuring('do not add up to something inexact', () => {
  assert.throws(() => sumCents([cents(Number.MAX_SAFE_INTEGER), cents(1)]), RangeError);
});

measuring('count a Wh of a register when it is full', () => {
  assert.equal(
    [0, 999, 1000, 1999, 2000].map((mWh) => wholeWattHours(milliWattHours(mWh))),
    [0, 0, 1, 1, 2],
  );
});

measuring.run();
