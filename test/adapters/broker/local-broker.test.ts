import { connect as connectTo } from 'node:net';
import mqtt from 'mqtt';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { aBroker, aReading, aSink, connected, corner, readingTopic, until } from './given.ts';

const speaking = suite('speaking to the local broker');

const hasEnded = (client: mqtt.MqttClient): Promise<void> =>
  new Promise((resolve) => client.once('close', () => resolve()));

async function refusedWith(port: number, options: mqtt.IClientOptions): Promise<unknown> {
  const at = { host: '127.0.0.1', port, reconnectPeriod: 0 };
  const outcome = await mqtt.connectAsync({ ...at, ...options }).catch((error) => error);
  return outcome instanceof Error ? (outcome as Error & { code?: number }).code : 'let in';
}

speaking('gives up whole when its port is taken', async () => {
  await using first = await aBroker(aSink());
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const before = timers();
  const error = await aBroker(aSink(), { port: first.port }).then(
    () => undefined,
    (problem: NodeJS.ErrnoException) => problem,
  );
  assert.is(error?.code, 'EADDRINUSE');
  assert.is(timers(), before, 'no heartbeat keeps the process alive');
});

speaking('acknowledges a reading when it is settled, and not before', async () => {
  const sink = aSink();
  await using broker = await aBroker(sink);
  await using meter = await connected(broker.port, corner);
  let acknowledged = 0;
  const publishing = meter.publishAsync(readingTopic(corner), aReading(1), { qos: 1 });
  publishing.then(() => acknowledged++).catch(() => {});
  await until(() => sink.taken.length === 1);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.is(acknowledged, 0);
  assert.is(sink.taken[0]?.payload, aReading(1).toString());
  assert.is(sink.taken[0]?.meter, corner);
  sink.commit();
  await publishing;
});

speaking('acknowledges a quarantined payload too, else it would come back for ever', async () => {
  const sink = aSink();
  await using broker = await aBroker(sink);
  await using meter = await connected(broker.port, corner);
  const publishing = meter.publishAsync(readingTopic(corner), '{', { qos: 1 });
  await until(() => sink.taken.length === 1);
  sink.commit({ kept: false, reason: 'malformed' });
  await publishing;
});

speaking('does not let in who is unknown, has a wrong password or another name', async () => {
  await using broker = await aBroker(aSink());
  const password = `secret of ${corner}`;
  const tries: [mqtt.IClientOptions, number][] = [
    [{ clientId: corner, username: corner, password: 'guess' }, 4],
    [{ clientId: corner, username: corner }, 4],
    [{ clientId: corner }, 4],
    [{ clientId: 'meter-kiosk', username: corner, password }, 5],
    [{ clientId: 'me/+', username: 'me/+', password: 'secret of me/+' }, 5],
  ];
  for (const [options, code] of tries) assert.is(await refusedWith(broker.port, options), code);
  assert.is(broker.refused()['bad-credentials'], 3);
  assert.is(broker.refused()['foreign-client-id'], 2);
  assert.is(broker.online().size, 0);
});

speaking('does not let flows push a meter out by taking its name', async () => {
  await using broker = await aBroker(aSink());
  await using meter = await connected(broker.port, corner);
  const asMeter = { clientId: corner, username: 'flows', password: 'secret of flows' };
  assert.is(await refusedWith(broker.port, asMeter), 5);
  assert.ok(meter.connected);
});

speaking('lets a last will speak only where its owner may', async () => {
  await using broker = await aBroker(aSink());
  const who = { clientId: corner, username: corner, password: `secret of ${corner}` };
  const willAt = (topic: string, retain = false) => ({
    ...who,
    will: { topic, payload: Buffer.from('offline'), qos: 1 as const, retain },
  });
  const wills = [
    willAt('jirani/v1/meters/meter-kiosk/status'),
    willAt(readingTopic(corner)),
    willAt(`jirani/v1/meters/${corner}/ack/1`, true),
  ];
  for (const will of wills) assert.is(await refusedWith(broker.port, will), 5);
  assert.is(broker.refused()['foreign-will'], 3);
});

speaking(
  'closes on a foreign topic, a reading at QoS 0, a retained one, and counts each',
  async () => {
    const sink = aSink();
    await using broker = await aBroker(sink);
    const wrongs: [string, mqtt.IClientPublishOptions][] = [
      [readingTopic('meter-kiosk'), { qos: 1 }],
      ['jirani/v1/trades/t1/state', { qos: 1 }],
      [readingTopic(corner), { qos: 0 }],
      [readingTopic(corner), { qos: 2 }],
      [readingTopic(corner), { qos: 1, retain: true }],
      [`jirani/v1/meters/${corner}/ack/1`, { qos: 1, retain: true }],
    ];
    for (const [topic, options] of wrongs) {
      await using meter = await connected(broker.port, corner);
      const ended = hasEnded(meter);
      meter.publish(topic, aReading(1), options);
      await ended;
    }
    const counts = broker.refused();
    assert.is(counts['foreign-topic'], 2);
    assert.is(counts['wrong-qos'], 2);
    assert.is(counts['retained-reading'], 1);
    assert.is(counts['retained-elsewhere'], 1);
    assert.equal(sink.taken, []);
  },
);

speaking('ends a connection whose packet is too large, before and after its CONNECT', async () => {
  const sink = aSink();
  await using broker = await aBroker(sink);
  await using meter = await connected(broker.port, corner);
  const ended = hasEnded(meter);
  meter.publish(readingTopic(corner), aReading(1, { note: 'x'.repeat(17 * 1024) }), { qos: 1 });
  await ended;
  const stranger = connectTo(broker.port, '127.0.0.1');
  stranger.on('error', () => {});
  const gone = new Promise((resolve) => stranger.once('close', resolve));
  stranger.write(Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f]));
  await gone;
  assert.is(broker.refused()['packet-too-large'], 2);
  assert.equal(sink.taken, []);
});

speaking('answers a filter that asks too much with a refusal, and goes on', async () => {
  await using broker = await aBroker(aSink());
  await using flows = await connected(broker.port, 'flows');
  for (const filter of ['#', 'jirani/v1/#', 'jirani/v1/meters/#', 'jirani/v1/+/1/open', '$SYS/#']) {
    const refused = await flows.subscribeAsync(filter, { qos: 1 }).catch(() => 'refused');
    assert.is(refused, 'refused', filter);
  }
  await flows.subscribeAsync('jirani/v1/proposals/+/open', { qos: 1 });
  assert.is(broker.refused()['foreign-filter'], 5);
});

speaking('announces to flows, now and to those who come later', async () => {
  await using broker = await aBroker(aSink());
  await using flows = await connected(broker.port, 'flows');
  const heard: string[] = [];
  flows.on('message', (topic, payload) => heard.push(`${topic} ${payload}`));
  await flows.subscribeAsync('jirani/v1/trades/#', { qos: 1 });
  broker.announce('trades/t1/state', { state: 'paid' }, { retain: true });
  await until(() => heard.length === 1);
  assert.equal(heard, ['jirani/v1/trades/t1/state {"state":"paid"}']);
  await using later = await connected(broker.port, 'flows', { clientId: 'board' });
  later.on('message', (topic) => heard.push(topic));
  await later.subscribeAsync('jirani/v1/trades/#', { qos: 1 });
  await until(() => heard.length === 2);
});

speaking('forgets the oldest retained words instead of growing', async () => {
  await using broker = await aBroker(aSink());
  for (let n = 0; n < 4100; n++) broker.announce(`trades/t${n}/state`, n, { retain: true });
  broker.announce('market/rate', 1, { retain: true });
  await using flows = await connected(broker.port, 'flows');
  const heard: number[] = [];
  flows.on('message', (_topic, payload) => heard.push(Number(payload)));
  await flows.subscribeAsync('jirani/v1/trades/#', { qos: 1 });
  await until(() => heard.length >= 4095);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.is(heard.length, 4095);
  assert.not.ok(heard.includes(0));
  assert.ok(heard.includes(4099));
});

speaking('knows which meters are there, and tells flows nothing of it', async () => {
  await using broker = await aBroker(aSink());
  const meter = await connected(broker.port, corner);
  assert.equal([...broker.online()], [corner]);
  await using again = await connected(broker.port, corner);
  await until(() => !meter.connected);
  assert.equal([...broker.online()], [corner], 'the newer connection counts');
  await again.endAsync();
  await until(() => broker.online().size === 0);
});

speaking('turns away more connections than it may hold', async () => {
  await using broker = await aBroker(aSink(), { connectionsMax: 1 });
  await using _meter = await connected(broker.port, corner);
  const other = connectTo(broker.port, '127.0.0.1');
  other.on('error', () => {});
  await new Promise((resolve) => other.once('close', resolve));
  assert.is(broker.refused()['too-many-connections'], 1);
});

speaking('closes although somebody connected and said nothing', async () => {
  const broker = await aBroker(aSink());
  const silent = connectTo(broker.port, '127.0.0.1');
  silent.on('error', () => {});
  const gone = new Promise((resolve) => silent.once('close', resolve));
  await new Promise((resolve) => silent.once('connect', resolve));
  const began = performance.now();
  await broker[Symbol.asyncDispose]();
  await gone;
  assert.ok(performance.now() - began < 5000, 'without waiting for a time-out');
});

speaking.run();
