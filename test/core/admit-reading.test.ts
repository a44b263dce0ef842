import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  admitReading,
  emptyMemory,
  type Likeness,
  type MeterMemory,
  type ReadingLine,
} from '../../gateway/core/admit-reading.ts';
import type { MeterId } from '../../gateway/core/ids.ts';
import { slotMs } from '../../gateway/core/slot.ts';
import { epochMs, milliWattHours } from '../../gateway/core/units.ts';

const admitting = suite('admitting a reading');

const start = 2_000_000 * slotMs;
/** A meter that measures once a minute and uses 1000 mWh between. */
const aLine = (sequence: number, differs: Partial<ReadingLine> = {}): ReadingLine => ({
  meter: 'meter-corner' as MeterId,
  sequence,
  boot: 1,
  unixSeconds: start / 1000 + sequence * 60,
  timeQuality: 2,
  uptimeSeconds: sequence * 60,
  importMwh: milliWattHours(sequence * 1000),
  exportMwh: milliWattHours(0),
  generationMwh: undefined,
  powerMw: 60_000,
  voltageMv: 230_000,
  flags: 0,
  ...differs,
});
const receipt = epochMs(start + 24 * 3_600_000);
const admit = (memory: MeterMemory, line: ReadingLine, likeness: Likeness = 'forgotten') =>
  admitReading(memory, line, receipt, likeness);
const remember = (lines: readonly ReadingLine[]): MeterMemory =>
  lines.reduce((memory, line) => {
    const admission = admit(memory, line);
    return 'memory' in admission ? admission.memory : memory;
  }, emptyMemory);

admitting('writes a boundary when two live readings stand around it', () => {
  const admission = admit(remember([aLine(14)]), aLine(16));
  assert.is(admission.kind, 'kept');
  if (admission.kind !== 'kept') return;
  assert.equal(
    admission.boundaries.map((b) => [b.slot, b.importMwh]),
    [[2_000_001, 15_000]],
  );
});

admitting('writes none over a gap of more than an hour, until a late reading bridges it', () => {
  const memory = remember([aLine(1), aLine(65)]);
  const live = admit(remember([aLine(1)]), aLine(65));
  assert.equal(live.kind === 'kept' && live.boundaries, []);
  const late = admit(memory, aLine(31));
  assert.equal(
    late.kind === 'kept' && late.boundaries.map((b) => b.importMwh),
    [15_000, 30_000, 45_000, 60_000],
  );
});

admitting('ignores the same bytes and sets other bytes aside', () => {
  const memory = remember([aLine(1), aLine(2)]);
  assert.is(admit(memory, aLine(2), 'same').kind, 'duplicate');
  const other = admit(memory, aLine(2), 'other');
  assert.is(other.kind === 'quarantined' && other.reason, 'replayed-with-other-content');
});

admitting('notices forgotten numbers that come back with registers of another time', () => {
  const memory = remember([aLine(1), aLine(2), aLine(3)]);
  assert.is(admit(memory, aLine(2)).kind, 'duplicate');
  const restarted = admit(memory, aLine(2, { importMwh: milliWattHours(3001) }));
  assert.is(restarted.kind === 'quarantined' && restarted.reason, 'replayed-with-other-content');
});

admitting('does not let one wild reading spoil those after it', () => {
  const memory = remember([aLine(1), aLine(2, { importMwh: milliWattHours(9e12) })]);
  assert.is(admit(memory, aLine(3)).kind, 'kept');
  assert.is(admit(memory, aLine(2, { importMwh: milliWattHours(9e12) }), 'same').kind, 'duplicate');
});

admitting('keeps a reading without a clock between its neighbours', () => {
  const memory = remember([aLine(1), aLine(9)]);
  const late = admit(memory, aLine(5, { timeQuality: 0, unixSeconds: 0, boot: 77 }));
  assert.is(late.kind === 'kept' && late.reading.at, start + 9 * 60_000);
  assert.is(late.kind === 'kept' && late.memory.clock?.boot, 1);
});

admitting('lets a register that the meter leaves out stay where it was', () => {
  const memory = remember([aLine(1, { generationMwh: milliWattHours(500) })]);
  const next = admit(memory, aLine(2));
  assert.is(next.kind === 'kept' && next.reading.generationMwh, 500);
});

admitting('goes on from the newest time when a meter’s clock was set back', () => {
  const early = { unixSeconds: start / 1000 - 600 };
  const memory = remember([aLine(20), aLine(21, early)]);
  const next = admit(memory, aLine(31));
  assert.equal(next.kind === 'kept' && next.boundaries.map((b) => b.importMwh), [30_000]);
});

admitting.run();
