import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type Milestone,
  markSeen,
  neighboursOf,
  rangeOf,
  type SeenRange,
} from '../../gateway/core/seen-ranges.ts';
import { epochMs, milliWattHours } from '../../gateway/core/units.ts';

const seeing = suite('remembering which readings were seen');

const kept = (sequence: number): Milestone => ({
  sequence,
  at: epochMs(1_800_000_000_000 + sequence * 1000),
  timeSource: 'meter',
  importMwh: milliWattHours(sequence),
  exportMwh: milliWattHours(0),
  generationMwh: milliWattHours(0),
});

const after = (sequences: readonly number[], rangesMax?: number): readonly SeenRange[] =>
  sequences.reduce<readonly SeenRange[]>(
    (ranges, s) => (rangeOf(ranges, s) ? ranges : markSeen(ranges, s, kept(s), rangesMax)),
    [],
  );
const spans = (ranges: readonly SeenRange[]) => ranges.map(({ from, to }) => [from, to]);

seeing('keeps one range while a meter counts up', () => {
  assert.equal(spans(after([5, 6, 7, 8])), [[5, 8]]);
});

seeing('lets live readings overtake a backlog and closes the gap as it drains', () => {
  assert.equal(spans(after([1, 2, 9, 10, 3])), [
    [1, 3],
    [9, 10],
  ]);
  assert.equal(spans(after([1, 2, 9, 10, 3, 4, 5, 6, 8, 7])), [[1, 10]]);
});

seeing('knows the neighbours of whatever arrives late', () => {
  const { before, after: next } = neighboursOf(after([1, 2, 9, 10]), 5);
  assert.is(before?.sequence, 2);
  assert.is(next?.sequence, 9);
});

seeing('takes a quarantined reading for seen, but not for a neighbour', () => {
  const ranges = markSeen(after([1, 2]), 3, undefined);
  assert.ok(rangeOf(ranges, 3));
  assert.is(neighboursOf(ranges, 4).before?.sequence, 2);
  const alone = markSeen(after([1, 2]), 7, undefined);
  assert.is(neighboursOf(alone, 9).before?.sequence, 2);
  assert.is(neighboursOf(alone, 4).after, undefined);
});

seeing('closes the oldest gap of a meter that loses too many pieces', () => {
  assert.equal(spans(after([1, 3, 5, 7], 3)), [
    [1, 3],
    [5, 5],
    [7, 7],
  ]);
});

seeing('agrees with a plain set, whatever the order of arrival', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(40), { maxLength: 60 }), fc.nat(40), (arrived, probe) => {
      const ranges = after(arrived);
      const set = [...new Set(arrived)].sort((a, b) => a - b);
      assert.is(rangeOf(ranges, probe) !== undefined, set.includes(probe));
      for (const [index, range] of ranges.entries()) {
        assert.is(range.first?.sequence, range.from);
        assert.is(range.last?.sequence, range.to);
        const next = ranges[index + 1];
        if (next) assert.ok(range.to + 1 < next.from);
      }
      if (set.includes(probe)) return;
      const { before, after: next } = neighboursOf(ranges, probe);
      assert.is(
        before?.sequence,
        set.findLast((s) => s < probe),
      );
      assert.is(
        next?.sequence,
        set.find((s) => s > probe),
      );
    }),
  );
});

seeing.run();
