import { setImmediate as breathe } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { minuteMs } from '../gateway/core/slot.ts';
import { epochMs } from '../gateway/core/units.ts';
import { openOutbox } from '../gateway/outbox.ts';
import { beginStory } from '../gateway/story.ts';
import { aPaidTrade, aTrade, type GivenHub, given } from './support/given.ts';
import { corner, kiosk, phoneOf, tailor } from './support/neighbourhood.ts';
import { aTopup } from './support/topups.ts';

const working = suite('doing what the books say must be done');
const energy = { [corner]: 90_000 };

function outbox(hub: GivenHub) {
  const troubles: string[] = [];
  const opened = openOutbox(hub, (what, error) => void troubles.push(`${what}: ${String(error)}`));
  return Object.assign(opened, { troubles });
}
const wanted = (hub: GivenHub, household = kiosk) =>
  aTopup(hub, { household, trades: [aTrade(hub, { buyer: household }).id] });

working('does each deed once, although it is looked at many times', async () => {
  using hub = given({ energy });
  wanted(hub);
  const box = outbox(hub);
  for (let n = 0; n < 5; n++) box.work();
  await breathe();
  box.work();
  await box.stop();
  assert.is(hub.money.rung.length, 1);
});

working('a deed under way for minutes is not begun a second time', async () => {
  using hub = given({ energy });
  wanted(hub);
  const answered = Promise.withResolvers<void>();
  hub.money.whileRinging = () => answered.promise;
  const box = outbox(hub);
  box.work();
  await breathe();
  hub.clock.advance(10 * minuteMs);
  box.work();
  await breathe();
  assert.equal([hub.money.rung.length, hub.told], [1, []]);
  answered.resolve();
  await box.stop();
  assert.is(hub.books.topups.openOn(phoneOf(kiosk))?.state, 'pending');
});

working('a deed that a full disk cannot put off waits for the next look', async () => {
  using hub = given({ energy });
  wanted(hub);
  let rung = 0;
  hub.money.whileRinging = () => {
    rung += 1;
    throw new Error('a bug');
  };
  const { deeds } = hub.books;
  const fullDisk = {
    ...hub,
    books: {
      ...hub.books,
      deeds: {
        ...deeds,
        later: () => {
          throw new Error('the disk is full');
        },
      },
    },
  };
  const troubles: string[] = [];
  const box = openOutbox(fullDisk, (what) => void troubles.push(what));
  box.work();
  for (let turn = 0; turn < 20; turn++) await breathe();
  assert.is(rung, 1);
  assert.equal(troubles, ['deed ring-phone', 'putting off ring-phone']);
  await box.stop();
});

working('a deed that fails waits, ever longer, and disturbs nobody', async () => {
  using hub = given({ energy });
  wanted(hub);
  wanted(hub, tailor);
  hub.money.whileRinging = ({ phone }) => {
    if (phone === phoneOf(kiosk)) throw new Error('a bug');
  };
  const box = outbox(hub);
  box.work();
  await breathe();
  assert.equal(box.troubles, ['deed ring-phone: Error: a bug']);
  assert.is(hub.books.topups.openOn(phoneOf(tailor))?.state, 'pending');
  assert.equal(hub.books.deeds.due(hub.clock.now(), 9), [], 'not at once');
  hub.clock.advance(300);
  assert.is(hub.books.deeds.due(hub.clock.now(), 9)[0]?.tries, 1);
  await box.stop();
});

working(
  'comes back to unfinished tokens: steadily at first, at least once a minute for ever',
  async () => {
    using hub = given({ energy, wallets: { [kiosk]: 9_000 } });
    const { intent } = aPaidTrade(hub);
    hub.chain.takesIn = false;
    const box = outbox(hub);
    const gaps: number[] = [];
    for (let n = 0; n < 40; n++) {
      box.work();
      await breathe();
      const before = hub.clock.now();
      while (hub.books.deeds.due(hub.clock.now(), 9).length === 0) hub.clock.advance(100);
      gaps.push(hub.clock.now() - before);
    }
    assert.equal(new Set(gaps.slice(0, 20)), new Set([300]));
    assert.is(Math.max(...gaps), minuteMs);
    hub.chain.takesIn = true;
    box.work();
    await box.stop();
    assert.is(hub.books.tokens.find(intent.id)?.state, 'done');
  },
);

working('has six transfers under way at most, and takes up the rest as they end', async () => {
  using hub = given({ energy, wallets: { [kiosk]: 90_000 } });
  for (let n = 0; n < 20; n++) aPaidTrade(hub);
  const gate = Promise.withResolvers<void>();
  let [under, most] = [0, 0];
  const { sign } = hub.chain;
  hub.chain.sign = async (move) => {
    under += 1;
    most = Math.max(most, under);
    await gate.promise;
    under -= 1;
    return sign(move);
  };
  const box = outbox(hub);
  box.work();
  await breathe();
  assert.is(under, 6);
  gate.resolve();
  for (let n = 0; n < 9; n++) await breathe();
  await box.stop();
  assert.is(most, 6);
  assert.is(hub.books.trades.inStates(['settled']).length, 20);
});

working(
  'without a clock to trust M-Pesa waits, and does not stand in the way of tokens',
  async () => {
    using hub = given({ energy, wallets: { [kiosk]: 9_000 } });
    for (let n = 0; n < 40; n++) hub.books.deeds.hasten('pay-out', `payout ${n}`, epochMs(n));
    wanted(hub, tailor);
    const { intent } = aPaidTrade(hub);
    let trust: 'trusted' | 'provisional' = 'provisional';
    const box = outbox({ ...hub, clock: { ...hub.clock, trust: () => trust } });
    const look = async () => {
      box.work();
      await breathe();
      hub.clock.advance(minuteMs);
    };
    await look();
    await look();
    assert.is(hub.books.tokens.find(intent.id)?.state, 'done');
    assert.equal([hub.money.rung, hub.money.paidOut], [[], []]);
    trust = 'trusted';
    for (let n = 0; n < 3; n++) await look();
    assert.is(hub.money.rung.length, 1);
    await box.stop();
  },
);

working('once stopped takes up nothing, and waits for what is under way', async () => {
  using hub = given({ energy });
  wanted(hub);
  const answered = Promise.withResolvers<void>();
  hub.money.whileRinging = () => answered.promise;
  const box = outbox(hub);
  box.work();
  wanted(hub, tailor);
  let over = false;
  const stopping = box.stop().then(() => {
    over = true;
  });
  await breathe();
  assert.is(over, false);
  answered.resolve();
  await stopping;
  box.work();
  assert.is(hub.money.rung.length, 1);
});

const telling = suite('telling what happened');

telling(
  'a step that fails is told as trouble, and the next step happens all the same',
  async () => {
    const troubles: string[] = [];
    const followed: string[] = [];
    const story = beginStory(
      () => ({
        'funds.missing': [
          () => {
            throw new Error('first');
          },
          async () => {
            throw new Error('second');
          },
          () => void followed.push('third'),
        ],
      }),
      (what, error) => void troubles.push(`${what}: ${(error as Error).message}`),
    );
    const end = story.subscribe(({ name }) => void followed.push(name));
    story.tell({ name: 'funds.missing', buyer: kiosk });
    await story.settled();
    assert.equal(troubles, ['after funds.missing: first', 'after funds.missing: second']);
    assert.equal(followed, ['funds.missing', 'third']);
    end();
    story.stop();
    story.tell({ name: 'funds.missing', buyer: kiosk });
    assert.is(followed.length, 2, 'after the end nothing is followed');
  },
);

telling('what a step tells comes after everything that its own event leads to', () => {
  const order: string[] = [];
  const story = beginStory(
    (tell) => ({
      'funds.missing': [
        () => tell({ name: 'funds.checked', buyer: kiosk }),
        () => void order.push('second step'),
      ],
      'funds.checked': [() => void order.push('what the first step told')],
    }),
    (_what, error) => {
      throw error;
    },
  );
  story.tell({ name: 'funds.missing', buyer: kiosk });
  assert.equal(order, ['second step', 'what the first step told']);
});

working.run();
telling.run();
