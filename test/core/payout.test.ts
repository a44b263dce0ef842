import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { TradeId } from '../../gateway/core/ids.ts';
import {
  coveredTrades,
  type Earned,
  freeOf,
  isTariff,
  payoutDue,
  payoutMostCents,
  withdrawable,
} from '../../gateway/core/payout.ts';
import { cents, type EpochMs } from '../../gateway/core/units.ts';
import { clocksShow } from './neighbours.ts';

const paying = suite('paying a seller');

const now = clocksShow('2026-11-23T12:00');
const daily = { leastCents: cents(5000), daily: true, fromMinute: 0, mostCents: payoutMostCents };
const atOnce = { ...daily, leastCents: cents(1000), daily: false };
const due = (earned: number, rule = daily, lastAt?: EpochMs, today = 0) =>
  payoutDue(cents(earned), rule, { lastAt, todayCents: cents(today) }, now);

paying('waits until fifty shillings are earned', () => {
  assert.equal(
    [0, 4999, 5000, 5001].map((earned) => due(earned)),
    [undefined, undefined, 5000, 5000],
  );
});

paying('waits for ten shillings at least, because M-Pesa pays out no less', () => {
  assert.equal(
    [999, 1000].map((earned) => due(earned, atOnce)),
    [undefined, 1000],
  );
  const generous = { ...atOnce, leastCents: cents(0) };
  assert.equal(
    [0, 999, 1000].map((earned) => due(earned, generous)),
    [undefined, undefined, 1000],
  );
});

paying('pays whole shillings and leaves the cents', () => {
  assert.equal(
    [5099, 5100, 12_345].map((earned) => due(earned)),
    [5000, 5100, 12_300],
  );
});

paying('does not round up to a threshold that has odd cents', () => {
  const odd = { ...atOnce, leastCents: cents(5050) };
  assert.equal(
    [5050, 5099, 5100].map((earned) => due(earned, odd)),
    [undefined, undefined, 5100],
  );
});

paying('pays 250,000 shillings at once at most, and the rest later', () => {
  assert.equal(
    [25_000_000, 25_000_100, 90_000_000].map((earned) => due(earned)),
    [25_000_000, 25_000_000, 25_000_000],
  );
});

paying('pays once a day: the next day begins at midnight in Kenya', () => {
  assert.is(due(9000, daily, clocksShow('2026-11-23T00:00')), undefined);
  assert.is(due(9000, daily, clocksShow('2026-11-23T11:59')), undefined);
  assert.is(due(9000, daily, clocksShow('2026-11-22T23:59')), 9000);
});

paying('S64: pays from the time of day that the keeper has set', () => {
  const from = (fromMinute: number) => due(9000, { ...daily, fromMinute });
  assert.equal([from(0), from(12 * 60)], [9000, 9000], 'it is noon');
  assert.equal([from(12 * 60 + 1), from(18 * 60)], [undefined, undefined]);
});

paying('splits what is more than M-Pesa carries for one phone over days', () => {
  assert.is(due(40_000_000, atOnce, undefined, 0), 25_000_000);
  assert.is(due(15_000_000, atOnce, undefined, 25_000_000), undefined);
  assert.is(due(15_000_000, atOnce, undefined, 20_000_000), 5_000_000);
  assert.is(
    due(15_000_000, atOnce, undefined, 24_999_900),
    undefined,
    'one shilling is too little',
  );
});

paying('never starts what the cap of a day could not carry', () => {
  assert.is(due(9000, { ...daily, mostCents: cents(7050) }), 7000);
});

paying('pays again the same day where the keeper allows it', () => {
  assert.is(due(9000, atOnce, clocksShow('2026-11-23T11:59')), 9000);
});

const withdrawing = suite('asking money back from a wallet');
const free = cents(50_000);
const asked = (amount: number, most = payoutMostCents) => {
  const answer = withdrawable(amount, free, most);
  return answer.ok ? answer.value : answer.error.kind;
};

withdrawing('S53: takes KES 10 to 250,000 in whole shillings, and never more than is free', () => {
  assert.equal([asked(1000), asked(50_000)], [1000, 50_000]);
  assert.equal([asked(900), asked(0), asked(-1000)], ['too-little', 'too-little', 'too-little']);
  assert.equal(
    [asked(1050), asked(1000.5), asked(Number.NaN), asked(Number.POSITIVE_INFINITY)],
    Array(4).fill('not-whole-shillings'),
  );
  assert.is(asked(50_100), 'not-enough');
  assert.equal([asked(25_000_100), asked(50_000, cents(40_000))], ['too-much', 'too-much']);
});

withdrawing('leaves what open trades still need', () => {
  assert.equal([freeOf(cents(500), cents(200)), freeOf(cents(200), cents(500))], [300, 0]);
});

const tariffs = suite('M-Pesa’s tariff');
const step = (least: number, most: number) => ({
  ...{ leastCents: cents(least), mostCents: cents(most) },
  feeCents: cents(0),
});

tariffs('names every amount once', () => {
  assert.is(isTariff([step(100, 10_000), step(10_001, 25_000_000)]), true);
  assert.is(isTariff([step(10_001, 25_000_000), step(1_000, 10_000)]), true, 'in any order');
  assert.is(isTariff([]), false);
  assert.is(isTariff([step(100, 10_000), step(10_002, 25_000_000)]), false, 'a gap');
  assert.is(isTariff([step(100, 10_000), step(10_000, 25_000_000)]), false, 'twice');
  assert.is(isTariff([step(1_001, 25_000_000)]), false, 'begins too high');
  assert.is(isTariff([step(100, 24_999_999)]), false, 'ends too low');
  assert.is(isTariff([step(10_000, 100)]), false, 'upside down');
});

const closing = suite('closing trades that payouts have covered');

const earned = (...amounts: number[]): Earned[] =>
  amounts.map((amount, number) => ({
    trade: `trade-${number}` as TradeId,
    amountCents: cents(amount),
    closed: false,
  }));
const covered = (amounts: readonly number[], paidOut: number): string[] =>
  coveredTrades(earned(...amounts), cents(paidOut)).map((trade) => trade.replace('trade-', ''));

closing('closes the oldest first', () => {
  const amounts = [1500, 1500, 3000];
  assert.equal(covered(amounts, 0), []);
  assert.equal(covered(amounts, 1500), ['0']);
  assert.equal(covered(amounts, 3000), ['0', '1']);
  assert.equal(covered(amounts, 6000), ['0', '1', '2']);
});

closing('closes a trade for which less than a shilling is missing', () => {
  assert.equal(covered([1550], 1500), ['0']);
  assert.equal(covered([1599], 1500), ['0']);
  assert.equal(covered([1600], 1500), []);
  assert.equal(covered([1550, 1550], 3000), ['0']);
  assert.equal(covered([1550, 1549], 3000), ['0', '1']);
});

closing('lets no small trade overtake a large one that is not covered', () => {
  assert.equal(covered([9000, 100], 1000), []);
});

closing('does not name a trade that is closed already, but counts it', () => {
  const [first, second, third] = earned(1500, 1500, 1500);
  const list = [{ ...first, closed: true } as Earned, second as Earned, third as Earned];
  assert.equal(coveredTrades(list, cents(3000)), ['trade-1']);
});

closing('closes nothing for a seller without trades', () => {
  assert.equal(coveredTrades([], cents(5000)), []);
});

closing('closes all but the last shilling after whole-shilling payouts of all earnings', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 100, max: 50_000 }), { maxLength: 30 }), (amounts) => {
      const sum = amounts.reduce((total, amount) => total + amount, 0);
      const paidOut = sum - (sum % 100);
      assert.is(covered(amounts, paidOut).length, amounts.length);
    }),
  );
});

closing('never closes more than was paid out, but for less than a shilling', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(50_000)), fc.nat(500_000), (amounts, paidOut) => {
      const closed = covered(amounts, paidOut);
      assert.equal(closed, [...amounts.keys()].slice(0, closed.length).map(String));
      const sum = amounts.slice(0, closed.length).reduce((total, amount) => total + amount, 0);
      assert.ok(closed.length === 0 || sum < paidOut + 100);
    }),
  );
});

paying.run();
withdrawing.run();
tariffs.run();
closing.run();
