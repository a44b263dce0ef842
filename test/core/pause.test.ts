import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  blamesCredential,
  isFunded,
  nextDay,
  type Pause,
  pauseAfter,
  type SendingFacts,
  whyHeld,
} from '../../gateway/core/pause.ts';
import { cents } from '../../gateway/core/units.ts';
import { clocksShow, corner } from './neighbours.ts';

const pausing = suite('why payouts wait');
const now = clocksShow('2026-11-23T12:00');

pausing(
  'what M-Pesa holds against the hub stops everybody, what it holds against a phone one',
  () => {
    const after = (verdict: string) => {
      const pause = pauseAfter(verdict, corner, 'why', now);
      return pause && [pause.cause, pause.household, pause.until];
    };
    assert.equal(after('stop'), ['credential', undefined, undefined]);
    assert.equal(after('pause'), ['float', undefined, undefined]);
    assert.equal(after('park'), ['receiver', corner, undefined]);
    assert.equal(after('next-day'), ['receiver-limit', corner, clocksShow('2026-11-24T00:00')]);
    for (const verdict of ['done', 'failed', 'known', 'ask', 'unknown'])
      assert.is(after(verdict), undefined, verdict);
  },
);

pausing('the next day begins at midnight in Kenya', () => {
  assert.is(nextDay(clocksShow('2026-11-23T00:00')), clocksShow('2026-11-24T00:00'));
  assert.is(nextDay(clocksShow('2026-11-23T23:59')), clocksShow('2026-11-24T00:00'));
});

pausing('knows the codes that blame the hub’s own name', () => {
  for (const code of ['2001', '8006', '18', '20', '21', '22', '11', '2006', '2028'])
    assert.is(blamesCredential(code), true, code);
  for (const code of ['0', '1', '17', '26', '2040', 'SFC_IC0003', 'R000002', '', undefined])
    assert.is(blamesCredential(code), false, code);
});

pausing('goes on when the balance pays what waits', () => {
  assert.equal([isFunded(6_000, cents(6_000)), isFunded(5_999, cents(6_000))], [true, false]);
  assert.equal([isFunded(0, cents(0)), isFunded(-5, cents(0))], [false, false]);
});

const free: SendingFacts = {
  ...{ pauses: [], isRepeat: false, amountCents: cents(6_000) },
  ...{ sentTodayCents: cents(0), dayMostCents: cents(10_000) },
  ...{ isProved: true, othersUnderWay: 0 },
};
const held = (differs: Partial<SendingFacts>) => whyHeld({ ...free, ...differs }, now);
const pause: Pause = {
  ...{ cause: 'float', household: undefined, why: 'no money' },
  ...{ since: now, until: undefined },
};

pausing('nothing holds a payout when nothing is wrong', () => {
  assert.is(held({}), undefined);
});

pausing('a pause holds it until the pause ends', () => {
  const until = clocksShow('2026-11-24T00:00');
  assert.equal(held({ pauses: [pause] }), {
    ...{ kind: 'paused', why: 'paused: no money', until: undefined },
  });
  assert.is(held({ pauses: [{ ...pause, until }] })?.until, until);
});

pausing('the cap of a day holds it until midnight, to the cent', () => {
  assert.is(held({ sentTodayCents: cents(4_000) }), undefined);
  const over = held({ sentTodayCents: cents(4_001) });
  assert.equal([over?.kind, over?.until], ['day-cap', clocksShow('2026-11-24T00:00')]);
  assert.is(held({ sentTodayCents: cents(4_001), dayMostCents: undefined }), undefined);
  assert.is(held({ sentTodayCents: cents(9_999), isRepeat: true }), undefined, 'it costs no more');
});

pausing('S62: the first payout of a day goes alone, until M-Pesa has taken the hub’s name', () => {
  assert.is(held({ isProved: false }), undefined);
  assert.is(held({ isProved: false, othersUnderWay: 1 })?.kind, 'first-alone');
  assert.is(held({ isProved: true, othersUnderWay: 9 }), undefined);
});

pausing.run();
