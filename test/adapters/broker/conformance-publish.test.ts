import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { aBroker, aSink, type ByteClient, corner, hex, readingTopic, until } from './given.ts';
import {
  answerSaid,
  disconnectSaid,
  packet,
  pingSaid,
  publishSaid,
  subscribeSaid,
  text,
  unsubscribeSaid,
} from './said.ts';
import { inside, listening } from './visitors.ts';

const speaking = suite('MQTT 3.1.1: publishing and subscribing');

const sun = 'jirani/v1/households/h1/card/sun';
const rain = 'jirani/v1/households/h1/card/rain';
const cards = 'jirani/v1/households/+/card/+';
const everything = 'jirani/v1/households/#';

const asHex = (bytes: Buffer): string => bytes.toString('hex');
/** The packet identifier of a PUBLISH that was heard, and the packet with identifier 1 instead. */
function identified(heard: string, topic: string): { id: number; same: string } {
  const bytes = hex(heard);
  const at = 4 + topic.length;
  const id = bytes.readUInt16BE(at);
  bytes.writeUInt16BE(1, at);
  return { id, same: asHex(bytes) };
}
/** Nothing else was said to it. */
async function isQuiet(client: ByteClient): Promise<void> {
  client.say(pingSaid);
  assert.is(await client.hears(), 'd000');
}

speaking('QoS 0, 1 and 2 arrive once each, with their handshakes [4.3]', async () => {
  await using broker = await aBroker(aSink());
  using board = await listening(broker.port, 'board', everything, 2);
  using flows = await inside(broker.port, 'flows');
  flows.say(publishSaid(sun, 'zero'));
  assert.is(await board.hears(), asHex(publishSaid(sun, 'zero')));
  flows.say(publishSaid(sun, 'one', { qos: 1, id: 11 }));
  assert.is(await flows.hears(), '4002000b');
  const one = identified(await board.hears(), sun);
  assert.is(one.same, asHex(publishSaid(sun, 'one', { qos: 1 })));
  board.say(answerSaid(0x40, one.id));
  flows.say(publishSaid(sun, 'two', { qos: 2, id: 12 }));
  assert.is(await flows.hears(), '5002000c');
  flows.say(publishSaid(sun, 'two', { qos: 2, id: 12, dup: true }));
  assert.is(await flows.hears(), '5002000c');
  flows.say(answerSaid(0x62, 12));
  assert.is(await flows.hears(), '7002000c');
  const two = identified(await board.hears(), sun);
  assert.is(two.same, asHex(publishSaid(sun, 'two', { qos: 2 })));
  board.say(answerSaid(0x50, two.id));
  assert.is(await board.hears(), asHex(answerSaid(0x62, two.id)));
  board.say(answerSaid(0x70, two.id));
  await isQuiet(board);
});

speaking(
  'a released packet identifier is a new message, an unknown PUBREL is answered',
  async () => {
    await using broker = await aBroker(aSink());
    using board = await listening(broker.port, 'board', everything, 0);
    using flows = await inside(broker.port, 'flows');
    for (const word of ['first', 'second']) {
      flows.say(publishSaid(sun, word, { qos: 2, id: 5 }));
      assert.is(await flows.hears(), '50020005');
      flows.say(answerSaid(0x62, 5));
      assert.is(await flows.hears(), '70020005');
      assert.is(await board.hears(), asHex(publishSaid(sun, word)));
    }
    flows.say(answerSaid(0x62, 99));
    assert.is(await flows.hears(), '70020063');
  },
);

speaking('a message comes at the lower of its QoS and the granted one [3.8.4-6]', async () => {
  await using broker = await aBroker(aSink());
  using board = await listening(broker.port, 'board', everything, 1);
  using flows = await inside(broker.port, 'flows');
  flows.say(publishSaid(sun, 'x', { qos: 2, id: 1 }));
  assert.is(await flows.hears(), '50020001');
  assert.is(identified(await board.hears(), sun).same, asHex(publishSaid(sun, 'x', { qos: 1 })));
});

speaking('overlapping filters: once, at the highest QoS [3.3.5-1]', async () => {
  await using broker = await aBroker(aSink());
  using board = await listening(broker.port, 'board', everything, 0);
  board.say(subscribeSaid(2, [cards, 1], [sun, 0]));
  assert.is(await board.hears(), '900400020100');
  using flows = await inside(broker.port, 'flows');
  flows.say(publishSaid(sun, 'x', { qos: 1 }));
  assert.is(identified(await board.hears(), sun).same, asHex(publishSaid(sun, 'x', { qos: 1 })));
  await isQuiet(board);
});

speaking('the DUP of the sender is not handed on [3.3.1-3]', async () => {
  await using broker = await aBroker(aSink());
  using board = await listening(broker.port, 'board', everything, 1);
  using flows = await inside(broker.port, 'flows');
  flows.say(publishSaid(sun, 'x', { qos: 1, dup: true }));
  assert.is(identified(await board.hears(), sun).same, asHex(publishSaid(sun, 'x', { qos: 1 })));
});

speaking(
  'SUBACK has one code per filter, in order, 0x80 for what is not allowed [3.9.3]',
  async () => {
    await using broker = await aBroker(aSink());
    using flows = await inside(broker.port, 'flows');
    flows.say(subscribeSaid(9, [sun, 2], ['$SYS/#', 1], [rain, 0], [sun, 1], ['#', 0]));
    assert.is(await flows.hears(), '9007000901800001' + '80');
    flows.say(publishSaid(sun, 'x', { qos: 2, id: 3 }));
    const heard = [await flows.hears(), await flows.hears()].sort();
    assert.is(heard[1], '50020003');
    assert.is(hex(heard[0] ?? '')[0], 0x32, 'the last QoS that was asked counts');
  },
);

speaking('UNSUBSCRIBE is answered, and ends the messages, whatever it names [3.10.4]', async () => {
  await using broker = await aBroker(aSink());
  using board = await listening(broker.port, 'board', sun, 1);
  board.say(unsubscribeSaid(3, sun, rain, sun));
  assert.is(await board.hears(), 'b0020003');
  using flows = await inside(broker.port, 'flows');
  flows.say(publishSaid(sun, 'x', { qos: 1 }));
  assert.is(await flows.hears(), '40020001');
  await isQuiet(board);
});

speaking('SUBSCRIBE, PUBLISH and UNSUBSCRIBE said in one breath work in their order', async () => {
  await using broker = await aBroker(aSink());
  using flows = await inside(broker.port, 'flows');
  flows.say(
    ...[subscribeSaid(1, [sun, 0]), publishSaid(sun, 'a', { qos: 1, id: 2 })],
    ...[unsubscribeSaid(3, sun), publishSaid(sun, 'b', { qos: 1, id: 4 })],
    ...[subscribeSaid(5, [sun, 0]), pingSaid],
  );
  const heard: string[] = [];
  while (heard.length < 7) heard.push(await flows.hears());
  const published = asHex(publishSaid(sun, 'a'));
  assert.ok(heard.indexOf(published) > heard.indexOf('9003000100'));
  assert.equal(
    heard.filter((said) => said !== published),
    ['9003000100', '40020002', 'b0020003', '40020004', '9003000500', 'd000'],
  );
});

speaking('what was published before DISCONNECT is still handed on', async () => {
  await using broker = await aBroker(aSink());
  using board = await listening(broker.port, 'board', everything, 1);
  for (const qos of [0, 1, 2]) {
    const flows = await inside(broker.port, 'flows');
    flows.say(publishSaid(sun, `at ${qos}`, { qos, id: 1 }), disconnectSaid);
    assert.match(await board.hears(), Buffer.from(`at ${qos}`).toString('hex'));
    await flows.isClosed();
  }
});

speaking(
  'a retained message comes to who subscribes later, until it is erased [3.3.1]',
  async () => {
    await using broker = await aBroker(aSink());
    using board = await listening(broker.port, 'board', everything, 1);
    using flows = await inside(broker.port, 'flows');
    flows.say(publishSaid(sun, 'old', { qos: 1, retain: true }));
    await flows.hears();
    flows.say(publishSaid(sun, 'new', { qos: 1, retain: true }));
    await flows.hears();
    for (const word of ['old', 'new']) {
      const live = identified(await board.hears(), sun).same;
      assert.is(live, asHex(publishSaid(sun, word, { qos: 1 })), 'not marked retained while live');
    }
    using late = await listening(broker.port, 'late', cards, 1);
    const kept = asHex(publishSaid(sun, 'new', { qos: 1, retain: true }));
    assert.is(identified(await late.hears(), sun).same, kept);
    late.say(subscribeSaid(2, [cards, 0]));
    assert.is(await late.hears(), '9003000200');
    assert.is(await late.hears(), asHex(publishSaid(sun, 'new', { retain: true })), 'again');
    flows.say(publishSaid(sun, '', { retain: true }));
    assert.is(await late.hears(), asHex(publishSaid(sun, '')));
    using last = await listening(broker.port, 'last', cards, 1);
    await isQuiet(last);
  },
);

const wrongs: Record<string, Buffer[]> = {
  'QoS 3 [3.3.1-4]': [packet(0x36, text(sun), [0, 1])],
  'DUP at QoS 0 [3.3.1-2]': [packet(0x38, text(sun))],
  'identifier 0 [2.3.1-1]': [
    publishSaid(sun, 'x', { qos: 1, id: 0 }),
    publishSaid(sun, 'x', { qos: 2, id: 0 }),
    subscribeSaid(0, [sun, 0]),
    unsubscribeSaid(0, sun),
    ...[0x40, 0x50, 0x62, 0x70].map((first) => answerSaid(first, 0)),
  ],
  'wildcards in a topic name [3.3.2-2]': [publishSaid(cards, 'x'), publishSaid('a/#', 'x')],
  'an empty topic [4.7.3-1]': [
    publishSaid('', 'x'),
    subscribeSaid(1, ['', 0]),
    unsubscribeSaid(1, ''),
  ],
  'no UTF-8, or U+0000, in a topic [1.5.3, 4.7.3-2]': [
    packet(0x30, text(hex('6aff'))),
    packet(0x30, text(hex('6a00'))),
    packet(0x82, [0, 1], text(hex('eda080')), [0]),
    packet(0xa2, [0, 1], text(hex('c0')), []),
  ],
  'reserved flags [2.2.2-2, 3.6.1-1, 3.8.1-1, 3.10.1-1]': [
    ...[0x80, 0x83, 0x8a].map((first) => packet(first, [0, 1], text(sun), [0])),
    ...[0xa0, 0xa3].map((first) => packet(first, [0, 1], text(sun))),
    ...[0x60, 0x66, 0x41, 0x52, 0x71].map((first) => answerSaid(first, 1)),
    ...[hex('c100'), hex('e100')],
  ],
  'SUBSCRIBE and UNSUBSCRIBE without filters [3.8.3-3, 3.10.3-2]': [
    packet(0x82, [0, 1]),
    packet(0xa2, [0, 1]),
  ],
  'reserved bits of a requested QoS [3.8.3-4]': [
    subscribeSaid(1, [sun, 3]),
    subscribeSaid(1, [sun, 4]),
  ],
  'wildcards inside a level [4.7.1-2, -3]': [
    ...['a/b#', 'a/#/b', 'a+', '+a/b', 'a/b+/c', '##'].map((filter) =>
      subscribeSaid(1, [filter, 0]),
    ),
  ],
  'what only a server says': ['20020000', '90030001 00', 'b0020001', 'd000'].map(hex),
  'packet types that do not exist': [hex('0000'), hex('f000')],
  'bodies that are too short or too long': [
    ...[hex('3001 00'), hex('3000'), hex('4001 00'), hex('4003 000100'), hex('c001 00')],
    ...[hex('e001 00'), hex('8202 0001'), hex('8205 0001 0005 61'), hex('3203 0001 61')],
  ],
  'a length of five bytes [2.2.3]': [hex('30 ffffffff 01')],
};

for (const [what, packets] of Object.entries(wrongs)) {
  speaking(`ends the connection on ${what}`, async () => {
    await using broker = await aBroker(aSink());
    for (const wrong of packets) {
      using client = await inside(broker.port, 'flows');
      client.say(wrong);
      assert.is(await client.isClosed(), '', asHex(wrong));
    }
    const { 'protocol-error': errors, 'packet-too-large': large } = broker.refused();
    assert.is(errors + large, packets.length);
  });
}

speaking('readings with a wrong identifier or QoS are refused like everything else', async () => {
  const sink = aSink();
  await using broker = await aBroker(sink);
  const topic = readingTopic(corner);
  const readings = [
    publishSaid(topic, '{}', { qos: 1, id: 0 }),
    publishSaid(topic, '{}', { qos: 0 }),
    publishSaid(topic, '{}', { qos: 2 }),
    publishSaid(topic, '{}', { qos: 1, retain: true }),
    packet(0x32, text(topic), [1]),
  ];
  for (const reading of readings) {
    using meter = await inside(broker.port, corner);
    meter.say(reading);
    assert.is(await meter.isClosed(), '', asHex(reading));
  }
  assert.is(sink.all.length, 0);
});

speaking('only so many QoS 2 messages may be left unreleased, over reconnects too', async () => {
  await using broker = await aBroker(aSink(), { unreleasedMax: 8 });
  const forgetful = { clean: false, clientId: 'forgetful' };
  using flows = await inside(broker.port, 'flows', forgetful);
  for (let id = 1; id <= 6; id++) flows.say(publishSaid(sun, 'x', { qos: 2, id }));
  for (let id = 1; id <= 6; id++) assert.is(await flows.hears(), `5002000${id}`);
  using again = await inside(broker.port, 'flows', forgetful);
  for (let id = 5; id <= 9; id++) again.say(publishSaid(sun, 'x', { qos: 2, id, dup: true }));
  await again.isClosed();
  await until(() => broker.refused()['too-many-unreleased'] === 1);
});

speaking('only so many filters may be asked for', async () => {
  await using broker = await aBroker(aSink());
  using flows = await inside(broker.port, 'flows');
  const filter = (n: number): [string, number] => [`jirani/v1/households/h${n}/#`, 1];
  flows.say(subscribeSaid(1, ...Array.from({ length: 64 }, (_, n) => filter(n))));
  assert.is(hex(await flows.hears()).length, 2 + 2 + 64);
  flows.say(subscribeSaid(2, filter(63)));
  assert.is(await flows.hears(), '9003000201');
  flows.say(subscribeSaid(3, filter(64)));
  await flows.isClosed();
  assert.is(broker.refused()['too-many-filters'], 1);
});

speaking.run();
