import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  admitReading,
  emptyMemory,
  type MeterMemory,
  type ReadingLine,
} from '../../gateway/core/admit-reading.ts';
import type { MeterId } from '../../gateway/core/ids.ts';
import { isPlain, type LastReading } from '../../gateway/core/plain-reading.ts';
import { jumpSlackMwh } from '../../gateway/core/register-check.ts';
import { slotMs } from '../../gateway/core/slot.ts';
import { epochMs, milliWattHours } from '../../gateway/core/units.ts';

const plain = suite('the plain case of a reading');

const startS = (2_000_000 * slotMs) / 1000;
const receipt = epochMs(startS * 1000 + 24 * 3_600_000);

/** One step of a meter: mostly the next reading, sometimes anything else. */
const aStep = fc.record({
  sequenceBy: fc.oneof({ weight: 30, arbitrary: fc.constant(1) }, fc.integer({ min: -3, max: 5 })),
  secondsBy: fc.oneof(
    { weight: 30, arbitrary: fc.integer({ min: 1, max: 400 }) },
    fc.integer({ min: -60, max: 4000 }),
    fc.constant(900),
  ),
  boot: fc.oneof({ weight: 60, arbitrary: fc.constant(1) }, fc.constant(2)),
  timeQuality: fc.oneof(
    { weight: 60, arbitrary: fc.constant(2 as const) },
    fc.constant(0 as const),
  ),
  hasUptime: fc.oneof({ weight: 60, arbitrary: fc.constant(true) }, fc.constant(false)),
  importBy: fc.oneof(
    { weight: 60, arbitrary: fc.integer({ min: 0, max: 1000 }) },
    fc.constantFrom(-1, jumpSlackMwh - 1, jumpSlackMwh + 50_000_000),
  ),
  exportBy: fc.integer({ min: 0, max: 50 }),
});

type Step = typeof aStep extends fc.Arbitrary<infer Value> ? Value : never;

function lineAfter(line: ReadingLine, step: Step): ReadingLine {
  const unixSeconds = line.unixSeconds + step.secondsBy;
  return {
    ...line,
    sequence: Math.max(0, line.sequence + step.sequenceBy),
    boot: step.boot,
    unixSeconds,
    timeQuality: step.timeQuality,
    uptimeSeconds: step.hasUptime ? Math.max(0, unixSeconds - startS) : undefined,
    importMwh: milliWattHours(Math.max(0, line.importMwh + step.importBy)),
    exportMwh: milliWattHours(line.exportMwh + step.exportBy),
  };
}

const firstLine: ReadingLine = {
  meter: 'meter-corner' as MeterId,
  ...{ sequence: 100, boot: 1, unixSeconds: startS + 1, timeQuality: 2, uptimeSeconds: 1 },
  importMwh: milliWattHours(1_000_000),
  exportMwh: milliWattHours(0),
  generationMwh: milliWattHours(0),
  ...{ powerMw: 0, voltageMv: 230_000, flags: 0 },
};

/** The last reading when it is the newest by sequence and by time, and nothing was seen beyond it. */
function lastOf(memory: MeterMemory, boot: number): LastReading | undefined {
  const top = memory.seen.at(-1);
  const last = top?.last;
  if (last === undefined || last.sequence !== top?.to) return undefined;
  if (memory.newest?.sequence !== last.sequence) return undefined;
  return { ...last, boot, byMeter: last.timeSource === 'meter' };
}

type Life = { readonly memory: MeterMemory; readonly boot: number };

/** What both ways make of the line; true when it was plain. They must agree. */
function judge({ memory, boot }: Life, line: ReadingLine): { life: Life; wasPlain: boolean } {
  const last = lastOf(memory, boot);
  const next = { ...line, generationMwh: line.generationMwh ?? milliWattHours(0) };
  const wasPlain = last !== undefined && isPlain(last, next, receipt);
  const admission = admitReading(memory, line, receipt, 'forgotten');
  if (wasPlain) {
    assert.is(admission.kind, 'kept');
    if (admission.kind !== 'kept') throw new Error('never');
    const { reading, boundaries, memory: after } = admission;
    assert.equal([reading.at, reading.timeSource], [line.unixSeconds * 1000, 'meter']);
    assert.equal(boundaries, []);
    assert.equal(
      [after.newest?.sequence, after.seen.length, after.seen.at(-1)?.last?.sequence],
      [line.sequence, memory.seen.length, line.sequence],
    );
  }
  const life = {
    memory: 'memory' in admission ? admission.memory : memory,
    boot: admission.kind === 'kept' ? admission.reading.boot : boot,
  };
  return { life, wasPlain };
}

plain('is what the full rules would do, whatever a meter does before', () => {
  let plainOnes = 0;
  const lives = fc.property(fc.array(aStep, { minLength: 1, maxLength: 30 }), (steps) => {
    let life: Life = { memory: emptyMemory, boot: 1 };
    let line = firstLine;
    for (const step of steps) {
      const judged = judge(life, line);
      if (judged.wasPlain) plainOnes += 1;
      life = judged.life;
      line = lineAfter(line, step);
    }
  });
  fc.assert(lives, { numRuns: 2_000, seed: 11 });
  assert.ok(plainOnes > 2_000, `only ${plainOnes} were plain`);
});

plain('is never one with the hub to ask about a slot', () => {
  const last = { sequence: 1, boot: 1, at: 2_000_000 * slotMs, byMeter: true };
  const registers = { importMwh: 5, exportMwh: 0, generationMwh: 0 };
  const next = { sequence: 2, boot: 1, timeQuality: 2, ...registers };
  const at = (ms: number) => ({ ...next, unixSeconds: ms / 1000 });
  assert.is(isPlain({ ...last, ...registers }, at(last.at + 10_000), receipt), false, 'on it');
  const within = { ...last, at: last.at + 1000, ...registers };
  assert.is(isPlain(within, at(last.at + slotMs - 1000), receipt), true);
  assert.is(isPlain(within, at(last.at + slotMs), receipt), false, 'the next one');
});

plain.run();
