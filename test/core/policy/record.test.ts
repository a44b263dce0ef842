import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hasEarned, pairedDaysLeast } from '../../../gateway/core/policy/record.ts';
import { bell } from '../../../gateway/simulators/neighbourhood/chance.ts';

const record = suite('the record of a second opinion');

const days = (count: number, better: (day: number) => number) =>
  Array.from({ length: count }, (_, day) => ({
    ...{ day, ruleCents: 10_000 + 900 * day },
    opinionCents: 10_000 + 900 * day + better(day),
  }));

record('earns a say after thirty days that were better', () => {
  assert.is(pairedDaysLeast, 30);
  assert.ok(hasEarned(days(30, (day) => 40 + 50 * bell(1, day))));
  assert.not.ok(hasEarned(days(29, () => 50)), 'not a day earlier');
});

record('earns nothing by being the same, worse, or lucky once', () => {
  assert.not.ok(hasEarned(days(30, () => 0)));
  assert.not.ok(hasEarned(days(30, () => -1)));
  assert.not.ok(hasEarned(days(30, (day) => (day === 3 ? 9_000 : 0))));
  assert.not.ok(hasEarned([]));
});

record('seldom earns a say by chance', () => {
  const lucky = Array.from({ length: 400 }, (_, at) => at).filter((at) =>
    hasEarned(days(30, (day) => 100 * bell(2, at, day))),
  );
  assert.ok(lucky.length < 25, `${lucky.length} of 400`);
});

record.run();
