/** A rate is a claim: it is made only when every acknowledged reading is on the disk, once. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compare, rateOf } from '../../bench/audit.ts';
import { inTable } from '../../bench/report.ts';
import { atLeast, atMost } from '../../bench/results.ts';
import { median, percentile, spreadOf } from '../../bench/spread.ts';

const rates = suite('rates of a bench');

/** The corner house is meter 1 and the kiosk is meter 2. */
const acks = Uint32Array.of(1, 1_000_000, 1, 1_000_001, 2, 1_000_000);

rates('are given when what is stored is what was acknowledged', () => {
  const audit = compare(acks, [
    [2, 1_000_000],
    [1, 1_000_001],
    [1, 1_000_000],
  ]);
  assert.equal(audit, { acked: 3, stored: 3, missing: 0, surplus: 0 });
  assert.equal(rateOf(audit, 1234), { perSecond: 1234 });
});

rates('are refused when one acknowledged reading is not on the disk', () => {
  const audit = compare(acks, [
    [1, 1_000_000],
    [1, 1_000_001],
  ]);
  assert.equal(audit.missing, 1);
  assert.equal(rateOf(audit, 1234), {
    refused: '1 of 3 acknowledged readings are not on the disk',
  });
});

rates('are refused when another reading stands in the place of the missing one', () => {
  const audit = compare(acks, [
    [1, 1_000_000],
    [1, 1_000_001],
    [2, 1_000_001],
  ]);
  assert.equal(audit.stored, audit.acked);
  assert.ok('refused' in rateOf(audit, 1234));
});

rates('are refused when a reading is stored twice, or was never acknowledged', () => {
  const stored: [number, number][] = [
    [1, 1_000_000],
    [1, 1_000_001],
    [2, 1_000_000],
  ];
  const twice = compare(acks, [...stored, [2, 1_000_000]]);
  assert.equal(rateOf(twice, 1234), {
    refused: '4 rows are on the disk for 3 acknowledged readings',
  });
  assert.ok('refused' in rateOf(compare(acks, [...stored, [2, 1_000_007]]), 1234));
});

rates('are refused when a double PUBACK hides a row that nobody sent', () => {
  const audit = compare(Uint32Array.of(1, 1_000_000, 1, 1_000_000), [
    [1, 1_000_000],
    [1, 1_000_007],
  ]);
  assert.equal(audit, { acked: 2, stored: 2, missing: 0, surplus: 1 });
  assert.ok('refused' in rateOf(audit, 1234));
});

rates('are refused when nothing was acknowledged', () => {
  assert.ok('refused' in rateOf(compare(new Uint32Array(), []), 1234));
  assert.ok('refused' in rateOf(compare(acks, []), undefined));
});

rates('stand in the table of the report, or the reason why they do not', () => {
  const line = { scenario: '500 meters', competitor: 'a neighbour', puback: 'no PUBACK' } as const;
  const one = { median: 50_000, least: 40_000, most: 60_000 };
  assert.match(
    inTable([{ ...line, figures: { rowsPerSecond: one } }]),
    /50,000 \(40,000 to 60,000\)/,
  );
  const refused = inTable([
    {
      ...line,
      figures: { p50Ms: one },
      refused: '1 of 3 acknowledged readings are not on the disk',
    },
  ]);
  assert.match(refused, /1 of 3 acknowledged readings are not on the disk/);
});

rates('are medians between the least and the most', () => {
  assert.equal(spreadOf([3, 1, 2]), { median: 2, least: 1, most: 3 });
  assert.is(median([1, 2, 3, 10]), 2.5);
  assert.is(percentile([5, 1, 3], 1), 5);
  assert.throws(() => median([]), /no figure/);
});

rates('hold a bar exactly at the bar', () => {
  assert.ok(atLeast('rate', 1.5, 'times', 1.5).ok);
  assert.not(atLeast('rate', 1.499, 'times', 1.5).ok);
  assert.ok(atMost('wait', 5, 'ms', 5).ok);
  assert.not(atMost('wait', 5.001, 'ms', 5).ok);
});

rates.run();
