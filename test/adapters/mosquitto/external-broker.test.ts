// needs: mosquitto
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { MeterId } from '../../../gateway/core/ids.ts';
import {
  aHub,
  aMosquitto,
  arrived,
  aSink,
  aVisitor,
  aWire,
  committing,
  corner,
  introduced,
  kiosk,
  pubacks,
  publish,
  readingTopic,
  until,
} from './given.ts';

const visiting = suite('readings by way of an existing broker');

visiting('one write acknowledges all that one commit holds, and nothing before', async () => {
  await using house = await aMosquitto();
  await using wire = await aWire(house.port);
  const sink = aSink();
  await using hub = await arrived(sink, wire.url);
  const said = await publish(house.port, corner, 1, 500);
  await until('all were offered', () => sink.taken.length === 500);
  assert.equal(
    sink.taken.map(({ payload }) => payload),
    said,
  );
  assert.is(sink.taken[0]?.meter, corner);
  assert.is(sink.counts.entered, 1, 'one way in per meter and connection');
  assert.equal(pubacks(wire.written), []);
  sink.settle();
  await until('a PUBACK', () => pubacks(wire.written).length > 0);
  assert.equal(pubacks(wire.written), [500]);
  assert.is(hub.health().detail, '');
});

visiting('what was not on disk when the wire was cut comes again', async () => {
  await using house = await aMosquitto();
  await using wire = await aWire(house.port);
  const sink = aSink();
  await using hub = await arrived(sink, wire.url);
  const first = await publish(house.port, corner, 1, 3);
  await until('the first were offered', () => sink.taken.length === 3);
  wire.cut();
  await until('the cut is felt', () => hub.health().state === 'away');
  assert.is(hub.online().size, 0);
  const second = await publish(house.port, corner, 4, 5);
  await until('all came (again)', () => sink.taken.length === 3 + 5);
  assert.equal(
    sink.taken.map(({ payload }) => payload),
    [...first, ...first, ...second],
  );
  // Only the tickets of the living connection count: 5 PUBACKs, not 8.
  sink.settle();
  await until('a PUBACK', () => pubacks(wire.written).length > 0);
  assert.equal(pubacks(wire.written), [5]);

  wire.cut();
  await until('the hub is back', () => hub.health().state === 'ok');
  const third = await publish(house.port, corner, 6, 6);
  await until('the newest came', () => sink.taken.length > 0);
  assert.equal(
    sink.taken.map(({ payload }) => payload),
    third,
    'what is on disk does not come again',
  );
});

visiting('what came while the hub was away waits for it', async () => {
  await using house = await aMosquitto();
  await introduced(house.url);
  const said = await publish(house.port, corner, 1, 300);
  const sink = aSink();
  {
    using commits = committing(sink);
    await using hub = await arrived(sink, house.url);
    await until('all are stored', () => sink.stored.length === 300);
    assert.equal([sink.stored, hub.refused()['session-lost']], [said, 0]);
    void commits;
  }
  await using later = await arrived(sink, house.url);
  const more = await publish(house.port, kiosk, 1, 1);
  await until('the newest came', () => sink.taken.length === 1);
  assert.equal([sink.taken[0]?.payload, later.health().mode], [more[0], 'external']);
});

/** Readings that reach the disk of a hub that was away while 20,000 were acknowledged. */
async function storedOfMany(rewrite?: (text: string) => string): Promise<[number, number]> {
  await using house = await aMosquitto(rewrite ? { rewrite } : {});
  await introduced(house.url);
  const said = await publish(house.port, corner, 1, 20_000);
  const sink = aSink();
  using commits = committing(sink);
  await using hub = await arrived(sink, house.url);
  // Mosquitto delivers in order, so nothing comes after this one.
  const [last = ''] = await publish(house.port, kiosk, 1, 1);
  await until('the last came', () => sink.stored.includes(last));
  void [commits, hub];
  return [said.length, new Set(sink.stored).size - 1];
}

visiting('20,000 wait without loss, of which the usual Mosquitto drops most', async () => {
  assert.equal(await storedOfMany(), [20_000, 20_000]);
  const usual = (text: string) =>
    text.replace(/^max_queued_messages 0$/m, 'max_queued_messages 1000');
  const [acknowledged, stored] = await storedOfMany(usual);
  assert.is(acknowledged, 20_000);
  assert.ok(stored <= 1_100, `${stored} were stored`);
});

visiting('no two readings on their way have the same packet identifier', async () => {
  await using house = await aMosquitto();
  await introduced(house.url);
  // One publisher has no more than 65,535 identifiers either.
  for (const first of [1, 35_001]) await publish(house.port, corner, first, first + 34_999);
  const sink = aSink();
  await using hub = await arrived(sink, house.url, { pendingMax: Number.POSITIVE_INFINITY });
  await until('Mosquitto has sent much', () => sink.taken.length >= 20_000);
  await sleep(100);
  assert.is(new Set(sink.taken.map(({ ticket }) => ticket)).size, sink.taken.length);
  using commits = committing(sink);
  await until('all are stored', () => sink.stored.length === 70_000);
  assert.is(new Set(sink.stored).size, 70_000);
  void [commits, hub];
});

visiting('retained readings and those of QoS 0 are refused, and do not come back', async () => {
  await using house = await aMosquitto();
  const sink = aSink();
  await using meter = await aVisitor(house.port, corner);
  await meter.publishAsync(readingTopic(corner), 'old', { qos: 1, retain: true });
  await using hub = await arrived(sink, house.url);
  await until('the retained one was counted', () => hub.refused()['retained-reading'] === 1);
  await meter.publishAsync(readingTopic(corner), 'hasty', { qos: 0 });
  await meter.publishAsync(readingTopic(corner), 'good', { qos: 1 });
  await until('a reading came', () => sink.taken.length > 0);
  assert.equal(
    sink.taken.map(({ payload }) => payload),
    ['good'],
  );
  assert.is(hub.refused()['wrong-qos'], 1);
});

visiting('a meter that is not registered is counted and not kept', async () => {
  await using house = await aMosquitto();
  const sink = aSink();
  const registered = new Set<MeterId>([kiosk]);
  const isRegistered = (meter: MeterId) => registered.has(meter);
  await using hub = await arrived(sink, house.url, { isRegistered });
  await publish(house.port, corner, 1, 2);
  await until('both were counted', () => hub.refused()['unknown-meter'] === 2);
  await publish(house.port, kiosk, 1, 1);
  await until('the other one came', () => sink.taken.length === 1);
  sink.settle();
  registered.delete(kiosk);
  await publish(house.port, kiosk, 2, 2);
  await until('it is unknown after the next commit', () => hub.refused()['unknown-meter'] === 3);
  assert.is(sink.taken.length, 0);
});

visiting('a disk that takes little at once gets every reading, in order, once', async () => {
  await using house = await aMosquitto();
  const sink = aSink(100);
  using commits = committing(sink);
  await using hub = await arrived(sink, house.url, { pendingMax: 150 });
  const said = await publish(house.port, corner, 1, 5_000);
  await until('all are stored', () => sink.stored.length === 5_000);
  assert.equal(sink.stored, said);
  assert.ok(sink.counts.refused > 0, 'the sink was full at times');
  void [commits, hub];
});

visiting('knows who is there, forgets it when the wire is cut, and learns it anew', async () => {
  await using house = await aMosquitto();
  await using wire = await aWire(house.port);
  await using hub = await arrived(aSink(), wire.url);
  const status = `jirani/v1/meters/${corner}/status`;
  const will = { topic: status, payload: Buffer.from('offline'), qos: 1, retain: true } as const;
  await using meter = await aVisitor(house.port, corner, { will });
  await meter.publishAsync(status, 'online', { qos: 1, retain: true });
  await until('it is online', () => hub.online().has(corner));
  wire.cut();
  await until('nobody is', () => hub.online().size === 0);
  await until('it is again', () => hub.online().has(corner));
  meter.stream.destroy();
  await until('its last will was heard', () => !hub.online().has(corner));
});

visiting('hears answers and flows, and the rest is foreign', async () => {
  await using house = await aMosquitto();
  const heard: string[] = [];
  const hear = (topic: string, payload: Uint8Array) =>
    void heard.push(`${topic} ${Buffer.from(payload)}`);
  await using hub = await arrived(aSink(), house.url, { hear });
  await using flows = await aVisitor(house.port, 'jirani.flows');
  await using meter = await aVisitor(house.port, corner);
  await meter.publishAsync(`jirani/v1/meters/${corner}/ack/7`, 'done', { qos: 1 });
  await flows.publishAsync('jirani/v1/proposals/p1/decision', '{}', { qos: 1 });
  await flows.publishAsync('jirani/v1/flows/gates', '[]', { qos: 1, retain: true });
  await until('all three were heard', () => heard.length === 3);
  assert.equal(heard.sort(), [
    'flows/gates []',
    `meters/${corner}/ack/7 done`,
    'proposals/p1/decision {}',
  ]);
  assert.is(hub.refused()['foreign-topic'], 0);
});

visiting('announces what happened, also what happened while the broker was away', async () => {
  await using house = await aMosquitto();
  await using hub = await arrived(aSink(), house.url);
  await house.end('SIGTERM');
  await until('the broker is away', () => /reached .ECONNREFUSED/.test(hub.health().detail));
  hub.announce('market/rate', { centsPerKwh: 1_500 }, { retain: true });
  hub.announce('advice/a1', { sellWh: 100 });
  hub.announce('market/rate', { centsPerKwh: 1_600 }, { retain: true });
  await house.begin();
  await until('the hub is back', () => hub.health().state === 'ok');
  await using flows = await aVisitor(house.port, 'jirani.flows');
  const heard: string[] = [];
  flows.on('message', (topic, payload) => void heard.push(`${topic} ${payload}`));
  await flows.subscribeAsync('jirani/v1/market/#', { qos: 1 });
  await until('the rate was heard', () => heard.length > 0);
  assert.equal(heard, ['jirani/v1/market/rate {"centsPerKwh":1600}']);
});

visiting('says why it is away', async () => {
  await using house = await aMosquitto();
  await using stranger = aHub(aSink(), house.url, { password: 'wrong' });
  await until('the refusal', () => /user/.test(stranger.health().detail));
  assert.is(stranger.health().state, 'away');
  assert.throws(() => aHub(aSink(), 'https://127.0.0.1'), /no address of a broker/);
});

const pings = (written: readonly Buffer[]) => written.filter((chunk) => chunk[0] === 0xc0).length;

visiting('notices a broker that fell silent, and comes back when it speaks again', async () => {
  await using house = await aMosquitto();
  await using hub = await arrived(aSink(), house.url, { keepaliveMs: 200 });
  house.signal('SIGSTOP');
  await until('the silence', () => /silent/.test(hub.health().detail));
  house.signal('SIGCONT');
  await until('the hub is back', () => hub.health().state === 'ok');
});

visiting('stays in while its disk is busy and it does not listen', async () => {
  await using house = await aMosquitto();
  await using wire = await aWire(house.port);
  const sink = aSink(1);
  await using hub = await arrived(sink, wire.url, { keepaliveMs: 400 });
  await publish(house.port, corner, 1, 5);
  await until('the sink is full', () => sink.counts.refused > 0);
  const before = pings(wire.written);
  await until('it has pinged for long', () => pings(wire.written) > before + 5);
  assert.is(hub.health().state, 'ok');
  // Some of the five may still be in the wire: it was not read meanwhile.
  using commits = committing(sink);
  await until('all are stored', () => sink.stored.length === 5);
  assert.equal([new Set(sink.stored).size, sink.counts.entered], [5, 1]);
  void commits;
});

/** Somebody else listens on the broker's port, and says this. */
async function detailWith(answer: Uint8Array): Promise<string> {
  const server = createServer((socket) => void socket.on('error', () => {}).write(answer));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  await using hub = aHub(aSink(), `mqtt://127.0.0.1:${port}`);
  await until('the hub hung up', () => !/not reached yet/.test(hub.health().detail));
  server.close();
  return hub.health().detail;
}

visiting('does not listen to what is no broker, nor to a packet without end', async () => {
  assert.match(await detailWith(Buffer.from('HTTP/1.1 400 Bad Request\r\n')), /not speak MQTT/);
  const welcome = Buffer.from([0x20, 2, 0, 0]);
  const endless = Buffer.concat([
    Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f]),
    Buffer.alloc(300_000),
  ]);
  assert.match(await detailWith(Buffer.concat([welcome, endless])), /too large/);
});

visiting.run();
