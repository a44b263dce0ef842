import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { countedOn, wrapMwh, wrapRiseMaxMwh } from '../../gateway/core/rollover.ts';
import { milliWattHours } from '../../gateway/core/units.ts';

const wrapping = suite('a register of 32 bits that begins again');

const registers = (imported: number, exported = 0, generated = 0) => ({
  importMwh: milliWattHours(imported),
  exportMwh: milliWattHours(exported),
  generationMwh: milliWattHours(generated),
});

wrapping('is counted on', () => {
  const before = registers(wrapMwh - 100, 7);
  assert.equal(countedOn(registers(50, 7), before), registers(wrapMwh + 50, 7));
  const later = registers(3 * wrapMwh - 1, 7);
  assert.equal(countedOn(registers(0, 7), later), registers(3 * wrapMwh, 7));
  assert.equal(
    countedOn(registers(wrapMwh - 1), registers(wrapMwh * 2 - 5)),
    registers(2 * wrapMwh - 1),
    'still below the next wrap',
  );
});

wrapping('is counted on after a long silence too, once it has wrapped', () => {
  const before = registers(wrapMwh + 100);
  assert.equal(countedOn(registers(300_000_000), before), registers(wrapMwh + 300_000_000));
});

wrapping('stays as it is told while it only grows, also beyond 32 bits', () => {
  assert.equal(countedOn(registers(5), undefined), registers(5));
  assert.equal(countedOn(registers(9 * wrapMwh), registers(2 * wrapMwh)), registers(9 * wrapMwh));
});

wrapping('is not guessed where the meter was reset', () => {
  const before = registers(wrapMwh - wrapRiseMaxMwh, 7);
  assert.equal(countedOn(registers(0, 7), before), registers(wrapMwh, 7), 'just within');
  assert.equal(countedOn(registers(1, 7), before), registers(1, 7), 'just beyond');
  assert.equal(countedOn(registers(0, 0), registers(wrapMwh - 5, 7)), registers(0, 0));
});

wrapping.run();
