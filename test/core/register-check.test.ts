import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkRegisters } from '../../gateway/core/register-check.ts';
import type { Milestone } from '../../gateway/core/seen-ranges.ts';
import { epochMs, milliWattHours } from '../../gateway/core/units.ts';

const checking = suite('checking registers against their neighbours');

const tenOClock = 1_800_000_000_000;
const aMilestone = (importMwh: number, minute = 0, exportMwh = 0): Milestone => ({
  sequence: minute,
  at: epochMs(tenOClock + minute * 60_000),
  timeSource: 'meter',
  importMwh: milliWattHours(importMwh),
  exportMwh: milliWattHours(exportMwh),
  generationMwh: milliWattHours(0),
});
const none = { before: undefined, after: undefined };

checking('believes the first reading of a meter', () => {
  assert.is(checkRegisters(aMilestone(987_654_321), none), undefined);
});

checking('lets a register stand still, but not fall by one mWh', () => {
  const before = aMilestone(1000);
  assert.is(checkRegisters(aMilestone(1000, 1), { ...none, before }), undefined);
  assert.is(checkRegisters(aMilestone(999, 1), { ...none, before }), 'falling-register');
});

checking('wants a late reading between its neighbours', () => {
  const around = { before: aMilestone(1000, 0), after: aMilestone(2000, 10) };
  assert.is(checkRegisters(aMilestone(1500, 5), around), undefined);
  assert.is(checkRegisters(aMilestone(2001, 5), around), 'falling-register');
  assert.is(checkRegisters(aMilestone(999, 5), around), 'falling-register');
});

checking('lets 100 kW and one kWh pass, and one mWh more no longer', () => {
  const before = aMilestone(0);
  const most = 1_000_000 + 100_000_000 / 60;
  assert.is(checkRegisters(aMilestone(Math.floor(most), 1), { ...none, before }), undefined);
  assert.is(checkRegisters(aMilestone(Math.ceil(most), 1), { ...none, before }), 'impossible-jump');
});

checking('looks at every register', () => {
  const before = aMilestone(0, 0, 500);
  assert.is(checkRegisters(aMilestone(0, 1, 499), { ...none, before }), 'falling-register');
  assert.is(checkRegisters(aMilestone(0, 1, 90_000_000), { ...none, before }), 'impossible-jump');
});

checking('allows a day of doubt where a time is only that of the receipt', () => {
  const before: Milestone = { ...aMilestone(0), timeSource: 'receipt' };
  assert.is(checkRegisters(aMilestone(2_000_000_000), { ...none, before }), undefined);
  assert.is(checkRegisters(aMilestone(3_000_000_000), { ...none, before }), 'impossible-jump');
});

checking.run();
