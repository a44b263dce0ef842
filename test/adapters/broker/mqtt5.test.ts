// needs: mosquitto
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  aBroker,
  aByteClient,
  aReading,
  aSink,
  aWillingSink,
  type ByteClient,
  connected,
  corner,
  hex,
  readingTopic,
  until,
} from './given.ts';
import {
  answerSaid,
  type ConnectSaid,
  connectSaid,
  packet,
  pingSaid,
  publishSaid,
  text,
} from './said.ts';

const modern = suite('speaking MQTT 5');
const run = promisify(execFile);

const sun = 'jirani/v1/households/h1/card/sun';
const everything = 'jirani/v1/households/#';
const asHex = (bytes: Buffer): string => bytes.toString('hex');

async function inside5(port: number, user: string, differs: ConnectSaid = {}) {
  const client = await aByteClient(port);
  client.say(connectSaid(user, { level: 5, ...differs }));
  const answer = hex(await client.hears());
  assert.is(answer[0], 0x20);
  assert.is(answer[3], 0, `${user} was not let in`);
  return Object.assign(client, { isPresent: answer[2] === 1 });
}
const subscribeSaid5 = (id: number, ...asked: [string, number][]): Buffer =>
  packet(0x82, [0, id], [0], ...asked.flatMap(([filter, options]) => [text(filter), [options]]));
const publishSaid5 = (topic: string, payload: string | Buffer, how = {}): Buffer =>
  publishSaid(topic, payload, { ...how, level: 5 });
const reading = (s: number): Buffer =>
  publishSaid5(readingTopic(corner), aReading(s), { qos: 1, id: s });

async function subscribed(client: ByteClient, options: number, filter = everything): Promise<void> {
  client.say(subscribeSaid5(1, [filter, options]));
  assert.is(await client.hears(), `9004000100${(options & 3).toString().padStart(2, '0')}`);
}
async function isQuiet(client: ByteClient): Promise<void> {
  client.say(pingSaid);
  assert.is(await client.hears(), 'd000');
}

modern('CONNACK says what the broker can do; refusals have their reason', async () => {
  await using broker = await aBroker(aSink());
  using client = await aByteClient(broker.port);
  client.say(connectSaid('flows', { level: 5 }));
  assert.is(
    await client.hears(),
    '2012 0000 0f 2103e8 2700004000 220010 2900 2a00'.replaceAll(' ', ''),
  );
  const refused: [ConnectSaid, string][] = [
    [{ password: 'guess' }, '2003008600'],
    [{ clientId: 'meter-kiosk' }, '2003008700'],
    [{ properties: [4, 0x15, 0, 1, 97] }, '2003008c00'],
  ];
  for (const [differs, answer] of refused) {
    using other = await aByteClient(broker.port);
    other.say(connectSaid(corner, { level: 5, ...differs }));
    assert.is(await other.isClosed(), answer);
  }
  using nameless = await aByteClient(broker.port);
  nameless.say(connectSaid(corner, { level: 5, clientId: '', clean: false }));
  assert.match(await nameless.hears(), `12000c${Buffer.from(corner).toString('hex')}`);
});

modern('readings are stored before they are acknowledged, with properties or without', async () => {
  const sink = aSink();
  await using broker = await aBroker(sink);
  using meter = await inside5(broker.port, corner);
  const expiring = [0x02, 0, 0, 0, 60];
  const named = [0x23, 0, 3];
  meter.say(
    ...[
      reading(1),
      publishSaid5(readingTopic(corner), aReading(2), { qos: 1, id: 2, properties: expiring }),
    ],
    publishSaid5(readingTopic(corner), aReading(3), { qos: 1, id: 3, properties: named }),
    publishSaid5('', aReading(4), { qos: 1, id: 4, properties: named }),
  );
  await until(() => sink.taken.length === 4);
  assert.equal(
    sink.all.map(({ payload }) => payload),
    [1, 2, 3, 4].map((s) => aReading(s).toString()),
  );
  sink.commit();
  for (const id of [1, 2, 3, 4]) assert.is(await meter.hears(), `4002000${id}`);
});

modern('a full sink keeps readings of every form waiting, in order', async () => {
  const sink = aSink(1);
  await using broker = await aBroker(sink);
  using meter = await inside5(broker.port, corner);
  const named = { qos: 1, properties: [0x23, 0, 1] };
  meter.say(reading(1), publishSaid5(readingTopic(corner), aReading(2), { ...named, id: 2 }));
  meter.say(publishSaid5('', aReading(3), { ...named, id: 3 }), reading(4));
  for (let s = 1; s <= 4; s++) {
    await until(() => sink.taken.length === 1);
    sink.commit();
  }
  assert.equal(
    sink.all.map(({ payload }) => JSON.parse(payload).s),
    [1, 2, 3, 4],
  );
});

modern('subscriptions, messages at every QoS, and unsubscribing', async () => {
  await using broker = await aBroker(aSink());
  using board = await inside5(broker.port, 'flows', { clientId: 'board' });
  board.say(subscribeSaid5(1, [everything, 2], ['jirani/v1/meters/#', 1]));
  assert.is(await board.hears(), '900500010002' + '87');
  using flows = await inside5(broker.port, 'flows');
  flows.say(publishSaid5(sun, 'zero'));
  assert.is(await board.hears(), asHex(publishSaid5(sun, 'zero')));
  flows.say(publishSaid5(sun, 'two', { qos: 2, id: 9 }));
  assert.is(await flows.hears(), '50020009');
  flows.say('6203000900');
  assert.is(await flows.hears(), '70020009');
  const heard = hex(await board.hears());
  assert.is(heard[0], 0x34);
  const id = heard.readUInt16BE(4 + sun.length);
  board.say(packet(0x50, [id >> 8, id & 255, 0, 0]));
  assert.is(await board.hears(), asHex(answerSaid(0x62, id)));
  board.say(answerSaid(0x70, id));
  board.say(packet(0xa2, [0, 7], [0], text(everything), text(sun)));
  assert.is(await board.hears(), 'b005000700' + '0011');
});

modern('old and new clients hear each other', async () => {
  await using broker = await aBroker(aSink());
  await using old = await connected(broker.port, 'flows', { clientId: 'old' });
  await using fresh = await connected(broker.port, 'flows', {
    ...{ clientId: 'new', protocolVersion: 5 },
  });
  const heard: string[] = [];
  for (const [name, client] of Object.entries({ old, fresh })) {
    client.on('message', (_topic, payload) => heard.push(`${name} ${payload}`));
    await client.subscribeAsync(everything, { qos: 2 });
  }
  await old.publishAsync(sun, 'from old', { qos: 2 });
  await fresh.publishAsync(sun, 'from new', { qos: 1, properties: { userProperties: { a: 'b' } } });
  await until(() => heard.length === 4);
  assert.equal(heard.sort(), ['fresh from new', 'fresh from old', 'old from new', 'old from old']);
});

modern('no local, retain as published, and when retained words are wanted [3.8.3.1]', async () => {
  await using broker = await aBroker(aSink());
  using flows = await inside5(broker.port, 'flows');
  flows.say(publishSaid5(sun, 'kept', { qos: 1, id: 1, retain: true }));
  await flows.hears();
  await subscribed(flows, 0x20 | 4 | 1);
  flows.say(publishSaid5(sun, 'own', { qos: 1, id: 2 }));
  assert.is(await flows.hears(), '40020002');
  await isQuiet(flows);
  using keeper = await inside5(broker.port, 'flows', { clientId: 'keeper' });
  await subscribed(keeper, 0x10 | 8);
  assert.is(await keeper.hears(), asHex(publishSaid5(sun, 'kept', { retain: true })));
  await subscribed(keeper, 0x10 | 8);
  flows.say(publishSaid5(sun, 'kept anew', { retain: true }));
  assert.is(await keeper.hears(), asHex(publishSaid5(sun, 'kept anew', { retain: true })));
});

modern('a session lasts as long as was asked, and no longer [3.1.2.11.2]', async () => {
  await using broker = await aBroker(aSink());
  const remembered = { clean: false, properties: [5, 0x11, 0, 0, 0, 1] };
  const first = await inside5(broker.port, 'flows', remembered);
  await subscribed(first, 1);
  first.socket.destroy();
  await new Promise((resolve) => setTimeout(resolve, 50));
  const again = await inside5(broker.port, 'flows', remembered);
  assert.ok(again.isPresent);
  again.say('e000');
  await again.isClosed();
  await new Promise((resolve) => setTimeout(resolve, 1_700));
  using late = await inside5(broker.port, 'flows', remembered);
  assert.not.ok(late.isPresent);
  using unremembered = await inside5(broker.port, 'flows', { clientId: 'other', clean: false });
  unremembered.say('e000');
  await unremembered.isClosed();
  using other = await inside5(broker.port, 'flows', { clientId: 'other', clean: false });
  assert.not.ok(other.isPresent);
});

modern('no more is sent than the window of the client allows [3.1.2.11.3]', async () => {
  await using broker = await aBroker(aSink());
  using board = await inside5(broker.port, 'flows', { properties: [3, 0x21, 0, 2] });
  await subscribed(board, 1, 'jirani/v1/trades/#');
  for (let n = 0; n < 5; n++) broker.announce('trades/t1/state', n);
  const words: string[] = [];
  const ids: number[] = [];
  const next = async () => {
    const heard = hex(await board.hears());
    ids.push(heard.readUInt16BE(4 + 'jirani/v1/trades/t1/state'.length));
    words.push(heard.subarray(-1).toString());
  };
  await next();
  await next();
  await isQuiet(board);
  for (let n = 0; n < 3; n++) {
    board.say(answerSaid(0x40, ids[n] ?? 0));
    await next();
  }
  assert.equal(words, ['0', '1', '2', '3', '4']);
});

modern('who is sent away hears why, and a will may be left on purpose', async () => {
  const sink = aSink();
  await using broker = await aBroker(sink);
  const topic = readingTopic(corner);
  const wrongs: [Buffer, string][] = [
    [publishSaid5(topic, '{}', { qos: 0 }), '9b'],
    [publishSaid5(topic, '{}', { qos: 1, retain: true }), '9a'],
    [publishSaid5('jirani/v1/trades/t', '{}', { qos: 1 }), '87'],
    [publishSaid5('', '{}', { qos: 1, properties: [0x23, 0, 1] }), '82'],
    [publishSaid5(topic, '{}', { qos: 1, properties: [0x23, 0, 17] }), '82'],
    [hex('f000'), '82'],
    [hex('30ffff7f'), '95'],
    [subscribeSaid5(1, [`jirani/v1/meters/${corner}/cmd/#`, 0x31]), '82'],
  ];
  for (const [wrong, why] of wrongs) {
    using meter = await inside5(broker.port, corner);
    meter.say(wrong);
    assert.is(await meter.isClosed(), `e002${why}00`, asHex(wrong));
  }
  using older = await inside5(broker.port, corner);
  using _newer = await inside5(broker.port, corner);
  assert.is(await older.isClosed(), 'e0028e00');
  using board = await inside5(broker.port, 'flows', { clientId: 'board' });
  await subscribed(board, 0);
  const will = { topic: sun, payload: 'gone' };
  using leaving = await inside5(broker.port, 'flows', { clientId: 'leaving', will });
  leaving.say('e00104');
  assert.is(await board.hears(), asHex(publishSaid5(sun, 'gone')));
  assert.equal(sink.all, []);
});

modern('what was published before a goodbye with a will is handed on too', async () => {
  await using broker = await aBroker(aSink());
  using board = await inside5(broker.port, 'flows', { clientId: 'board' });
  await subscribed(board, 0);
  const will = { topic: sun, payload: 'gone' };
  using leaving = await inside5(broker.port, 'flows', { clientId: 'leaving', will });
  leaving.say(publishSaid5(sun, 'last'), 'e00104');
  assert.is(await board.hears(), asHex(publishSaid5(sun, 'last')));
  assert.is(await board.hears(), asHex(publishSaid5(sun, 'gone')));
});

modern('mosquitto and mqtt.js publish readings and get their PUBACK after the commit', async () => {
  using sink = aWillingSink();
  await using broker = await aBroker(sink);
  await run('mosquitto_pub', [
    ...['-V', '5', '-h', '127.0.0.1', '-p', String(broker.port), '-i', corner, '-u', corner],
    ...['-P', `secret of ${corner}`, '-q', '1', '-t', readingTopic(corner)],
    ...['-m', aReading(1).toString(), '-D', 'publish', 'user-property', 'firmware', '1'],
  ]);
  await using meter = await connected(broker.port, corner, { protocolVersion: 5 });
  await Promise.all(
    [2, 3, 4].map((s) => meter.publishAsync(readingTopic(corner), aReading(s), { qos: 1 })),
  );
  assert.equal(
    sink.all.map(({ payload }) => JSON.parse(payload).s),
    [1, 2, 3, 4],
  );
});

modern.run();
