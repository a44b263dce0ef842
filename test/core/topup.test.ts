import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  mayRing,
  nextAskMs,
  type PhoneHistory,
  topupFor,
  topupMostCents,
} from '../../gateway/core/topup.ts';
import { cents, type EpochMs, epochMs } from '../../gateway/core/units.ts';
import { aRule, clocksShow } from './neighbours.ts';

const asking = suite('how much to ask a phone for');

const asked = (missing: number, block: number): number => topupFor(cents(missing), cents(block));

asking('asks for what is missing, rounded up to whole shillings', () => {
  assert.equal(
    [0, 1, 99, 100, 101, 3000, 3001].map((missing) => asked(missing, 0)),
    [0, 100, 100, 100, 200, 3000, 3100],
  );
});

asking('asks for the block of the household where less is missing', () => {
  assert.equal(
    [0, 1, 4999, 5000, 5001].map((missing) => asked(missing, 5000)),
    [5000, 5000, 5000, 5000, 5100],
  );
  assert.is(asked(10, 150), 200);
});

asking('always brings enough, and less than a shilling too much', () => {
  fc.assert(
    fc.property(fc.nat(topupMostCents), fc.nat(100_000), (missing, block) => {
      const amount = asked(missing, block);
      const wanted = Math.max(missing, block);
      assert.ok(amount % 100 === 0 && amount >= wanted && amount < wanted + 100);
    }),
  );
});

const ringing = suite('ringing a phone');

const rested: PhoneHistory = {
  promptOpen: false,
  promptsToday: 0,
  lastPromptAt: undefined,
  unansweredAt: undefined,
};
const monday = (time: string): EpochMs => clocksShow(`2026-11-23T${time}`);
const noon = monday('12:00');
const why = (phone: Partial<PhoneHistory>, now = noon, rule = {}) =>
  mayRing(aRule(rule), { ...rested, ...phone }, now);

ringing('is allowed for a phone that has rested', () => {
  assert.is(why({}), undefined);
});

ringing('waits while the phone is ringing already', () => {
  assert.is(why({ promptOpen: true }), 'prompt-open');
});

ringing('stops after the prompts of a day', () => {
  assert.equal(
    [3, 4, 5].map((promptsToday) => why({ promptsToday })),
    [undefined, 'enough-for-today', 'enough-for-today'],
  );
  assert.is(why({}, noon, { promptsDaily: 0 }), 'enough-for-today');
});

ringing('keeps two minutes between prompts, because M-Pesa would refuse the second', () => {
  const after = (ms: number) => why({ lastPromptAt: epochMs(noon - ms) });
  assert.equal([0, 119_999, 120_000].map(after), ['too-soon', 'too-soon', undefined]);
});

ringing('leaves a household alone until the next day after a prompt that it did not answer', () => {
  const since = (moment: EpochMs, now: EpochMs) => why({ unansweredAt: moment }, now);
  assert.is(since(monday('08:00'), monday('20:59')), 'refused-today');
  assert.is(since(monday('00:00'), monday('12:00')), 'refused-today');
  assert.is(since(monday('20:59'), clocksShow('2026-11-24T06:30')), undefined);
  assert.is(since(clocksShow('2026-11-22T23:59'), monday('06:30')), undefined);
});

ringing('is silent from 21:00 to 06:30, over midnight', () => {
  const quiet = (time: string) => why({}, monday(time)) === 'quiet-hours';
  const times = ['20:59:59', '21:00', '23:59', '00:00', '06:29:59', '06:30', '12:00'];
  assert.equal(times.map(quiet), [false, true, true, true, true, false, false]);
});

ringing('is silent in quiet hours within one day, too', () => {
  const rule = { quietFromMs: 13 * 3_600_000, quietUntilMs: 15 * 3_600_000 };
  const quiet = (time: string) => why({}, monday(time), rule) === 'quiet-hours';
  const times = ['12:59', '13:00', '14:59', '15:00', '23:00', '03:00'];
  assert.equal(times.map(quiet), [false, true, true, false, false, false]);
});

ringing('knows households without quiet hours', () => {
  const rule = { quietFromMs: 0, quietUntilMs: 0 };
  for (const time of ['00:00', '03:00', '21:30']) assert.is(why({}, monday(time), rule), undefined);
  const alsoNone = { quietFromMs: 3_600_000, quietUntilMs: 3_600_000 };
  assert.is(why({}, monday('01:00'), alsoNone), undefined);
});

ringing('needs every reason to be gone', () => {
  const tired = { promptOpen: true, promptsToday: 4, lastPromptAt: noon, unansweredAt: noon };
  assert.is(why(tired), 'prompt-open');
  assert.is(why({ ...tired, promptOpen: false }), 'enough-for-today');
  assert.is(why({ ...tired, promptOpen: false, promptsToday: 0 }), 'refused-today');
  assert.is(why({ lastPromptAt: noon }), 'too-soon');
});

const polling = suite('asking M-Pesa what became of a push');

/** Seconds after the push at which M-Pesa is asked, until a person must look. */
function askedAtSeconds(): number[] {
  const times: number[] = [];
  let at = 0;
  for (let asked = 0; asked < 1000; asked++) {
    const waitMs = nextAskMs(asked);
    if (waitMs === undefined) return times;
    at += waitMs / 1000;
    times.push(at);
  }
  throw new Error('it asks for ever');
}

polling('asks often at first, then every five minutes for an hour, then hourly for a day', () => {
  const first = [5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300];
  const everyFiveMinutes = Array.from({ length: 11 }, (_, n) => 600 + 300 * n);
  const hourly = Array.from({ length: 23 }, (_, n) => 3600 * (n + 2));
  assert.equal(askedAtSeconds(), [...first, ...everyFiveMinutes, ...hourly]);
});

polling('calls a person after a day, and does not begin again', () => {
  const questions = askedAtSeconds().length;
  assert.is(askedAtSeconds().at(-1), 24 * 3600);
  assert.is(nextAskMs(questions - 1), 3_600_000);
  for (const more of [0, 1, 10, 1000]) assert.is(nextAskMs(questions + more), undefined);
});

polling('leaves five seconds between two questions at least', () => {
  askedAtSeconds().forEach((_, asked) => {
    assert.ok((nextAskMs(asked) ?? 0) >= 5000);
  });
});

asking.run();
ringing.run();
polling.run();
