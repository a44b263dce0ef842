import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { aBroker, aReading, aSink, corner, kiosk, readingTopic, until } from './given.ts';
import { pingSaid, publishSaid } from './said.ts';
import { inside, listening } from './visitors.ts';

const limiting = suite('limits of the local broker');

const readings = (meter: string, count: number): Buffer[] =>
  Array.from({ length: count }, (_, n) =>
    publishSaid(readingTopic(meter), aReading(n), { qos: 1, id: n + 1 }),
  );
const sequences = (all: { payload: string }[]): number[] =>
  all.map(({ payload }) => JSON.parse(payload).s);
const firstNumbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n);
const aWhile = () => new Promise((resolve) => setTimeout(resolve, 30));

limiting(
  'a meter with too many readings under way is not read until half are settled',
  async () => {
    const sink = aSink();
    await using broker = await aBroker(sink, { pendingPerMeterMax: 10 });
    using meter = await inside(broker.port, corner);
    meter.say(...readings(corner, 25), pingSaid);
    await until(() => sink.taken.length === 10);
    await aWhile();
    assert.is(sink.taken.length, 10);
    sink.commit(undefined, 4);
    await aWhile();
    assert.is(sink.taken.length, 6, 'more than half are still under way');
    sink.commit(undefined, 1);
    await until(() => sink.taken.length === 10);
    while (sink.all.length < 25) sink.commit();
    sink.commit();
    assert.equal(sequences(sink.all), firstNumbers(25));
    for (let id = 1; id <= 25; id++) {
      const ack = `4002${id.toString(16).padStart(4, '0')}`;
      assert.is(await meter.hears(), ack);
    }
    assert.is(await meter.hears(), 'd000');
  },
);

limiting('coming again on another connection does not let a meter have more', async () => {
  const sink = aSink();
  await using broker = await aBroker(sink, { pendingPerMeterMax: 10 });
  for (let round = 0; round < 4; round++) {
    const meter = await inside(broker.port, corner);
    meter.say(...readings(corner, 10));
    await aWhile();
  }
  // Each connection may overdraw by the one reading after which it is looked at.
  assert.ok(sink.taken.length <= 10 + 3, `${sink.taken.length}`);
});

limiting('what a full sink turns away is kept and offered again, in order, once', async () => {
  const sink = aSink(7);
  await using broker = await aBroker(sink);
  using meter = await inside(broker.port, corner);
  for (const packet of readings(corner, 60)) meter.say(packet);
  for (let commits = 0; sink.all.length < 60; commits++) {
    assert.ok(commits < 1000);
    await until(() => sink.taken.length === 7 || sink.all.length === 60);
    sink.commit();
  }
  sink.commit();
  assert.equal(sequences(sink.all), firstNumbers(60));
});

limiting('a full sink that stays full is not asked again and again', async () => {
  const sink = aSink(1);
  let offers = 0;
  const { enter } = sink;
  const counting: typeof sink = {
    ...sink,
    enter: (...args) => {
      const { offer } = enter(...args);
      return { offer: (...what) => ++offers > 0 && offer(...what) };
    },
  };
  await using broker = await aBroker(counting);
  using meter = await inside(broker.port, corner);
  meter.say(...readings(corner, 50));
  await until(() => offers === 2);
  await aWhile();
  assert.is(offers, 2);
});

limiting('a flooding meter does not keep its neighbour from the next commit', async () => {
  const sink = aSink(64);
  await using broker = await aBroker(sink, { pendingPerMeterMax: 48 });
  using flood = await inside(broker.port, corner);
  using neighbour = await inside(broker.port, kiosk);
  const wave = Buffer.concat(readings(corner, 2000));
  flood.say(wave, wave, wave);
  await until(() => sink.taken.length === 48);
  neighbour.say(publishSaid(readingTopic(kiosk), aReading(1), { qos: 1, id: 77 }));
  await until(() => sink.taken.some(({ meter }) => meter === kiosk));
  sink.commit();
  assert.is(await neighbour.hears(), '4002004d');
});

limiting('many flooding meters share a sink that is too small, none is forgotten', async () => {
  const sink = aSink(16);
  await using broker = await aBroker(sink);
  const names = firstNumbers(8).map((n) => `meter-${n}`);
  for (const name of names) (await inside(broker.port, name)).say(...readings(name, 100));
  await aWhile();
  for (let commits = 0; sink.all.length < 800; commits++) {
    assert.ok(commits < 5000);
    await until(() => sink.taken.length === 16 || sink.all.length === 800);
    sink.commit();
  }
  const early = new Set(sink.all.slice(0, 400).map(({ meter }) => meter));
  assert.is(early.size, 8, 'all had a turn before half of the flood was over');
  for (const name of names) {
    assert.equal(sequences(sink.all.filter(({ meter }) => meter === name)), firstNumbers(100));
  }
});

limiting('all PUBACKs of a commit are one write per socket', async () => {
  const sink = aSink();
  await using broker = await aBroker(sink);
  using meter = await inside(broker.port, corner);
  const chunks: Buffer[] = [];
  meter.socket.on('data', (chunk) => chunks.push(chunk));
  meter.say(...readings(corner, 300));
  await until(() => sink.taken.length === 300);
  sink.commit();
  await until(() => chunks.length > 0);
  assert.is(chunks[0]?.length, 1200);
});

limiting(
  'who does not read its PUBACKs is cut off, and its readings settle all the same',
  async () => {
    const sink = aSink();
    await using broker = await aBroker(sink, { pendingPerMeterMax: 60_000 });
    using deaf = await inside(broker.port, corner);
    deaf.socket.pause();
    // Written as fast as the hub reads, until the ways in between are full of PUBACKs.
    const wave = Buffer.concat(readings(corner, 20_000));
    const timer = setInterval(() => sink.commit(), 1);
    while (broker.refused()['acks-unread'] === 0 && deaf.socket.writable) {
      await new Promise<void>((resolve) => {
        deaf.socket.write(wave, () => resolve());
      });
    }
    clearInterval(timer);
    sink.commit();
    assert.is(broker.refused()['acks-unread'], 1);
    await until(() => broker.online().size === 0);
  },
);

limiting('who asks for answers and does not read them is cut off', async () => {
  await using broker = await aBroker(aSink());
  using deaf = await inside(broker.port, 'flows');
  deaf.socket.pause();
  const pings = Buffer.alloc(1_000_000, pingSaid);
  while (broker.refused()['acks-unread'] === 0 && deaf.socket.writable) {
    await new Promise<void>((resolve) => {
      deaf.socket.write(pings, () => resolve());
    });
  }
  assert.is(broker.refused()['acks-unread'], 1);
});

limiting('a listener that stops reading is cut off, and others hear on', async () => {
  await using broker = await aBroker(aSink());
  const everything = 'jirani/v1/trades/#';
  using deaf = await listening(broker.port, 'deaf', everything);
  using board = await listening(broker.port, 'board', everything);
  deaf.socket.pause();
  const state = 'x'.repeat(16_000);
  let announced = 0;
  while (broker.refused()['reads-too-slowly'] === 0 && announced < 5_000) {
    for (let n = 0; n < 10; n++, announced++) broker.announce('trades/t1/state', state);
    for (let n = 0; n < 10; n++) assert.ok((await board.hears()).length > 32_000);
  }
  assert.is(broker.refused()['reads-too-slowly'], 1);
  assert.is(broker.refused()['announcement-dropped'], 0);
});

limiting.run();
