import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  aBroker,
  aByteClient,
  aReading,
  aSink,
  corner,
  hex,
  readingTopic,
  until,
} from './given.ts';
import {
  type ConnectSaid,
  connectSaid,
  disconnectSaid,
  packet,
  pingSaid,
  publishSaid,
  subscribeSaid,
  text,
} from './said.ts';
import { inside, listening } from './visitors.ts';

const connecting = suite('MQTT 3.1.1: coming, staying and going');

const accepted = '20020000';
const card = 'jirani/v1/households/h1/card/sun';

/** What a client hears that says these bytes at once and then waits. */
async function answerTo(port: number, ...packets: (Buffer | string)[]): Promise<string> {
  using client = await aByteClient(port);
  client.say(...packets);
  return await client.isClosed();
}

connecting('a CONNECT is answered by CONNACK, a PINGREQ by PINGRESP', async () => {
  await using broker = await aBroker(aSink());
  using client = await aByteClient(broker.port);
  client.say(connectSaid('flows'));
  assert.is(await client.hears(), accepted);
  client.say(pingSaid);
  assert.is(await client.hears(), 'd000');
});

connecting('everything may come one byte at a time', async () => {
  const sink = aSink();
  await using broker = await aBroker(sink);
  using client = await aByteClient(broker.port);
  const all = [connectSaid(corner), publishSaid(readingTopic(corner), aReading(7), { qos: 1 })];
  for (const byte of Buffer.concat([...all, pingSaid])) {
    client.say(Buffer.from([byte]));
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.is(await client.hears(), accepted);
  assert.is(await client.hears(), 'd000');
  assert.equal(sink.all, [{ meter: corner, payload: aReading(7).toString() }]);
});

connecting(
  'the first packet must be CONNECT [MQTT-3.1.0-1], and the only one [3.1.0-2]',
  async () => {
    await using broker = await aBroker(aSink());
    assert.is(await answerTo(broker.port, pingSaid), '');
    assert.is(await answerTo(broker.port, publishSaid(card, 'x')), '');
    assert.is(await answerTo(broker.port, connectSaid('flows'), connectSaid('flows')), accepted);
    assert.is(broker.refused()['protocol-error'], 3);
  },
);

connecting(
  'another protocol is closed on, another level is told so [3.1.2-1, 3.1.2-2]',
  async () => {
    await using broker = await aBroker(aSink());
    assert.is(await answerTo(broker.port, connectSaid('flows', { name: 'HTTP' })), '');
    assert.is(await answerTo(broker.port, connectSaid('flows', { level: 6 })), '20020001');
    assert.is(await answerTo(broker.port, connectSaid('flows', { level: 0x84 })), '20020001');
    assert.is(broker.refused()['unsupported-protocol'], 2);
  },
);

connecting('MQTT 3.1 is understood too', async () => {
  await using broker = await aBroker(aSink());
  using client = await inside(broker.port, 'flows', { name: 'MQIsdp', level: 3 });
  client.say(pingSaid);
  assert.is(await client.hears(), 'd000');
});

connecting('flags of CONNECT must make sense [3.1.2-3, -13, -14, -15, -22]', async () => {
  await using broker = await aBroker(aSink());
  const wrongs = [0xc3, 0xca, 0xe2, 0x62, 0xc2 | 4 | 0x18];
  for (const flags of wrongs) {
    assert.is(await answerTo(broker.port, connectSaid('flows', { flags })), '', `flags ${flags}`);
  }
  assert.is(broker.refused()['protocol-error'], wrongs.length);
});

connecting(
  'a name that is no UTF-8, or with U+0000, ends the connection [1.5.3-1, -2]',
  async () => {
    await using broker = await aBroker(aSink());
    for (const clientId of ['ff', 'c3', 'eda080', '610062']) {
      const body = [text('MQTT'), [4, 2, 0, 60], text(hex(clientId))];
      assert.is(await answerTo(broker.port, packet(0x10, ...body)), '', clientId);
    }
  },
);

connecting('CONNECT with too little or too much in it is malformed', async () => {
  await using broker = await aBroker(aSink());
  const whole = connectSaid('flows');
  assert.is(await answerTo(broker.port, packet(0x10, whole.subarray(2), [0])), '');
  assert.is(await answerTo(broker.port, packet(0x10, whole.subarray(2, -1))), '');
});

connecting('who has no name gets one, unless it should be remembered [3.1.3-7, -8]', async () => {
  await using broker = await aBroker(aSink());
  using meter = await inside(broker.port, corner, { clientId: '' });
  using _flows = await inside(broker.port, 'flows', { clientId: '' });
  using _others = await inside(broker.port, 'flows', { clientId: '' });
  assert.ok(meter.isOpen());
  const nameless = connectSaid('flows', { clientId: '', clean: false });
  assert.is(await answerTo(broker.port, nameless), '20020002');
});

connecting('a wrong password is code 4, a foreign name or will code 5 [3.2.2-5]', async () => {
  await using broker = await aBroker(aSink());
  const answers: [ConnectSaid, string][] = [
    [{ password: 'guess' }, '20020004'],
    [{ clientId: 'meter-kiosk' }, '20020005'],
    [{ will: { topic: readingTopic(corner), payload: 'x', qos: 1 } }, '20020005'],
  ];
  for (const [differs, answer] of answers) {
    assert.is(await answerTo(broker.port, connectSaid(corner, differs)), answer);
  }
});

connecting('what follows a refused CONNECT is not listened to [3.1.4-5]', async () => {
  const sink = aSink();
  await using broker = await aBroker(sink);
  const reading = publishSaid(readingTopic(corner), aReading(1), { qos: 1 });
  const answer = await answerTo(broker.port, connectSaid(corner, { password: 'guess' }), reading);
  assert.is(answer, '20020004');
  assert.is(sink.entries(), 0);
});

connecting('what follows an accepted CONNECT at once is not lost', async () => {
  const sink = aSink();
  await using broker = await aBroker(sink);
  using client = await aByteClient(broker.port);
  const readings = Array.from({ length: 100 }, (_, s) =>
    publishSaid(readingTopic(corner), aReading(s), { qos: 1, id: s + 1 }),
  );
  client.say(connectSaid(corner), ...readings);
  assert.is(await client.hears(), accepted);
  await until(() => sink.taken.length === 100);
  sink.commit();
  for (let id = 1; id <= 100; id++) {
    assert.is(await client.hears(), `4002${id.toString(16).padStart(4, '0')}`);
  }
});

connecting('the same client on another connection ends the older one [3.1.4-2]', async () => {
  await using broker = await aBroker(aSink());
  using older = await inside(broker.port, corner);
  using newer = await inside(broker.port, corner);
  await older.isClosed();
  newer.say(pingSaid);
  assert.is(await newer.hears(), 'd000');
  assert.equal([...broker.online()], [corner]);
});

const lastWill = { topic: card, payload: 'gone', qos: 1, retain: true };

const listener = (port: number) => listening(port, 'listener', 'jirani/v1/households/#');

connecting('a will is published when its client goes without a word [3.1.2-8, -17]', async () => {
  await using broker = await aBroker(aSink());
  using board = await listener(broker.port);
  const testator = await inside(broker.port, 'flows', { clientId: 'testator', will: lastWill });
  testator.socket.destroy();
  assert.match(await board.hears(), Buffer.from('gone').toString('hex'));
  using late = await inside(broker.port, 'flows', { clientId: 'late' });
  late.say(subscribeSaid(2, [card, 0]));
  await late.hears();
  assert.is(await late.hears(), publishSaid(card, 'gone', { retain: true }).toString('hex'));
});

connecting('a will is dropped after DISCONNECT, published after a protocol error', async () => {
  await using broker = await aBroker(aSink());
  using board = await listener(broker.port);
  using polite = await inside(broker.port, 'flows', { clientId: 'polite', will: lastWill });
  polite.say(disconnectSaid);
  await polite.isClosed();
  board.say(pingSaid);
  assert.is(await board.hears(), 'd000');
  using rude = await inside(broker.port, 'flows', { clientId: 'rude', will: lastWill });
  rude.say('f000');
  await rude.isClosed();
  assert.match(await board.hears(), Buffer.from('gone').toString('hex'));
});

connecting('a silent client is seen off after 1.5 times its keepalive, with its will', async () => {
  await using broker = await aBroker(aSink());
  using board = await listener(broker.port);
  const silence = { clientId: 'silent', keepAliveS: 1, will: { ...lastWill, retain: false } };
  const began = performance.now();
  using silent = await inside(broker.port, 'flows', silence);
  await silent.isClosed();
  assert.ok(performance.now() - began >= 1500);
  assert.match(await board.hears(), Buffer.from('gone').toString('hex'));
  assert.is(broker.refused()['keepalive-expired'], 1);
});

connecting('nothing after DISCONNECT is listened to [3.14.4-2]', async () => {
  const sink = aSink();
  await using broker = await aBroker(sink);
  using meter = await inside(broker.port, corner);
  meter.say(disconnectSaid, publishSaid(readingTopic(corner), aReading(1), { qos: 1 }));
  await meter.isClosed();
  assert.is(sink.all.length, 0);
});

connecting.run();
