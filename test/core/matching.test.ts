import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { shareUniformly } from '../../gateway/core/matching.ts';

const sharing = suite('sharing what is there among those who want more');

const sum = (amounts: readonly number[]): number => amounts.reduce((all, one) => all + one, 0);

sharing('gives the small wish in full and cuts the large ones to the same size', () => {
  assert.equal(shareUniformly([2, 7, 7], 10, 0), [2, 4, 4]);
});

sharing('hands the odd lot to the first in turn who wants more', () => {
  assert.equal(shareUniformly([2, 7, 7], 9, 0), [2, 4, 3]);
  assert.equal(shareUniformly([2, 7, 7], 9, 1), [2, 4, 3]);
  assert.equal(shareUniformly([2, 7, 7], 9, 2), [2, 3, 4]);
});

sharing('gives everybody all of it when there is enough, and no more', () => {
  assert.equal(shareUniformly([2, 7, 7], 16, 1), [2, 7, 7]);
  assert.equal(shareUniformly([2, 7, 7], 1000, 1), [2, 7, 7]);
});

sharing('is at ease with nothing to share and nobody to share with', () => {
  assert.equal(shareUniformly([2, 7, 7], 0, 2), [0, 0, 0]);
  assert.equal(shareUniformly([0, 0], 0, 1), [0, 0]);
  assert.equal(shareUniformly([], 0, 0), []);
  assert.equal(shareUniformly([], 5, 0), []);
});

sharing('lets the odd lot go round the neighbourhood, slot after slot', () => {
  const turns = [0, 1, 2, 3].map((turn) => shareUniformly([1, 1, 1], 1, turn % 3));
  assert.equal(turns, [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
    [1, 0, 0],
  ]);
});

/** Every way in which `count` neighbours may want 0 to `most`. */
function everyWish(count: number, most: number): number[][] {
  if (count === 0) return [[]];
  const shorter = everyWish(count - 1, most);
  return Array.from({ length: most + 1 }, (_, want) => shorter.map((s) => [...s, want])).flat();
}

type Case = { readonly wants: number[]; readonly total: number; readonly first: number };

/** Up to four neighbours with every wish, every amount to share, every turn. */
function everySmallCase(most: number): Case[] {
  const cases: Case[] = [];
  for (const count of [1, 2, 3, 4])
    for (const wants of everyWish(count, most))
      for (let total = 0; total <= sum(wants); total++)
        for (let first = 0; first < count; first++) cases.push({ wants, total, first });
  return cases;
}

/** What is wrong with a sharing, in words; nothing when it is right. */
function faultOf({ wants, total }: Case, shares: readonly number[]): string | undefined {
  if (shares.length !== wants.length) return 'somebody was forgotten';
  if (sum(shares) !== Math.min(total, sum(wants))) return 'not all was shared, or too much';
  if (shares.some((share, at) => share < 0 || share > (wants[at] ?? 0)))
    return 'somebody got less than nothing or more than the wish';
  for (const [at, want] of wants.entries())
    for (const [other, same] of wants.entries())
      if (want === same && Math.abs((shares[at] ?? 0) - (shares[other] ?? 0)) > 1)
        return 'equal wishes were treated differently';
  return undefined;
}

/** The lies that pay: a wish that is not the true one brings more of what is truly wanted. */
function payingLies({ wants, total, first }: Case, most: number): number[] {
  const honest = shareUniformly(wants, total, first);
  return wants.flatMap((want, at) =>
    Array.from({ length: most + 1 }, (_, lie) => lie).filter((lie) => {
      const told = wants.with(at, lie);
      const useful = Math.min(want, shareUniformly(told, total, first)[at] ?? 0);
      return useful > (honest[at] ?? 0);
    }),
  );
}

sharing('is right in every small case: nothing lost, nobody over the wish, equals alike', () => {
  const cases = everySmallCase(4);
  assert.ok(cases.length > 20_000);
  for (const one of cases) {
    const fault = faultOf(one, shareUniformly(one.wants, one.total, one.first));
    assert.is(fault, undefined, `${fault}: ${JSON.stringify(one)}`);
  }
});

sharing('rewards no lie in any small case, neither a larger wish nor a smaller one', () => {
  const cases = everySmallCase(3);
  assert.ok(cases.length > 5_000);
  for (const one of cases) assert.equal(payingLies(one, 5), [], JSON.stringify(one));
});

const neighbourhood = fc
  .array(fc.oneof(fc.nat(5), fc.nat(20_000)), { minLength: 1, maxLength: 200 })
  .chain((wants) =>
    fc.record({
      wants: fc.constant(wants),
      total: fc.nat(sum(wants)),
      first: fc.nat(wants.length - 1),
    }),
  );

sharing('is right among two hundred neighbours', () => {
  fc.assert(
    fc.property(neighbourhood, (one) => {
      assert.is(faultOf(one, shareUniformly(one.wants, one.total, one.first)), undefined);
    }),
    { numRuns: 1_000 },
  );
});

sharing('rewards no lie among two hundred neighbours', () => {
  fc.assert(
    fc.property(neighbourhood, fc.nat(), fc.nat(40_000), (one, who, lie) => {
      const at = who % one.wants.length;
      const { wants, total, first } = one;
      const honest = shareUniformly(wants, total, first)[at] ?? 0;
      const lied = shareUniformly(wants.with(at, lie), total, first)[at] ?? 0;
      assert.ok(Math.min(lied, wants[at] ?? 0) <= honest);
    }),
    { numRuns: 1_000 },
  );
});

/** The rule as it is written: try every limit, then hand out the rest one by one. */
function sharedTheSlowWay({ wants, total, first }: Case): number[] {
  const upTo = (limit: number) => wants.map((want) => Math.min(want, limit));
  let limit = 0;
  while (limit < Math.max(...wants) && sum(upTo(limit + 1)) <= total) limit += 1;
  const shares = upTo(limit);
  const turn = wants.map((_, step) => (first + step) % wants.length);
  const next = turn.filter((at) => (wants[at] ?? 0) > limit).slice(0, total - sum(shares));
  return shares.map((share, at) => (next.includes(at) ? share + 1 : share));
}

sharing('agrees with the rule worked out the slow way', () => {
  for (const one of everySmallCase(3))
    assert.equal(shareUniformly(one.wants, one.total, one.first), sharedTheSlowWay(one));
});

sharing.run();
