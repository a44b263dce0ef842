import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { aBroker, aByteClient, aSink, type ByteClient, corner, hex, until } from './given.ts';
import {
  answerSaid,
  type ConnectSaid,
  connectSaid,
  disconnectSaid,
  pingSaid,
  publishSaid,
  subscribeSaid,
  unsubscribeSaid,
} from './said.ts';

const remembering = suite('MQTT 3.1.1: sessions that outlive a connection');

const command = `jirani/v1/meters/${corner}/cmd/relay`;
const commands = `jirani/v1/meters/${corner}/cmd/#`;
const remembered = { clean: false };
const fresh = '20020000';
const present = '20020100';

/** The corner meter comes, and finds itself remembered or not. */
async function comes(port: number, answer: string, differs: ConnectSaid = remembered) {
  const client = await aByteClient(port);
  client.say(connectSaid(corner, differs));
  assert.is(await client.hears(), answer);
  return client;
}
async function goes(client: ByteClient): Promise<void> {
  client.say(disconnectSaid);
  await client.isClosed();
}
async function subscribes(client: ByteClient, qos: number): Promise<void> {
  client.say(subscribeSaid(1, [commands, qos]));
  assert.is(await client.hears(), `900300010${qos}`);
}
/** A PUBLISH that was heard at QoS 1 or 2. */
function understood(said: string, topic = command) {
  const bytes = hex(said);
  const at = 4 + topic.length;
  const [first = 0] = bytes;
  return {
    dup: (first & 8) !== 0,
    qos: (first >> 1) & 3,
    id: bytes.readUInt16BE(at),
    word: bytes.subarray(at + 2).toString(),
  };
}
async function isQuiet(client: ByteClient): Promise<void> {
  client.say(pingSaid);
  assert.is(await client.hears(), 'd000');
}
const aHub = async (differs = {}) => {
  const broker = await aBroker(aSink(), differs);
  const order = (word: unknown) => broker.announce(`meters/${corner}/cmd/relay`, word);
  return Object.assign(broker, { order });
};

remembering('says whether it was remembered, even without filters [3.2.2-2, -3]', async () => {
  await using hub = await aHub();
  await goes(await comes(hub.port, fresh));
  await goes(await comes(hub.port, present));
  await goes(await comes(hub.port, fresh, { clean: true }));
  using last = await comes(hub.port, fresh);
  await isQuiet(last);
});

remembering('keeps subscriptions, and what came meanwhile, in order [3.1.2-4, -5]', async () => {
  await using hub = await aHub();
  const meter = await comes(hub.port, fresh);
  await subscribes(meter, 1);
  await goes(meter);
  for (let n = 0; n < 20; n++) hub.order(n);
  await new Promise((resolve) => setTimeout(resolve, 20));
  using again = await comes(hub.port, present);
  for (let n = 0; n < 20; n++) {
    const { dup, qos, id, word } = understood(await again.hears());
    assert.equal([dup, qos, word], [false, 1, String(n)]);
    again.say(answerSaid(0x40, id));
  }
  hub.order('live');
  assert.is(understood(await again.hears()).word, '"live"');
});

remembering('sends what was not acknowledged again, marked DUP [4.4.0-1, 3.3.1-1]', async () => {
  await using hub = await aHub();
  const meter = await comes(hub.port, fresh);
  await subscribes(meter, 1);
  for (const word of ['a', 'b', 'c']) hub.order(word);
  const first = [0, 1, 2].map(async () => understood(await meter.hears()));
  const sent = [];
  for (const one of first) sent.push(await one);
  meter.say(answerSaid(0x40, sent[1]?.id ?? 0));
  await isQuiet(meter);
  meter.socket.destroy();
  await until(() => hub.online().size === 0);
  hub.order('d');
  using again = await comes(hub.port, present);
  const heard = [];
  for (let n = 0; n < 3; n++) heard.push(understood(await again.hears()));
  assert.equal(
    heard.map(({ dup, word }) => [dup, word]),
    [
      [true, '"a"'],
      [true, '"c"'],
      [false, '"d"'],
    ],
  );
  assert.equal([heard[0]?.id, heard[1]?.id], [sent[0]?.id, sent[2]?.id]);
});

const card = 'jirani/v1/households/h1/card/sun';

remembering('goes on with a QoS 2 handshake where it was cut [4.3.3]', async () => {
  await using hub = await aHub();
  const listener = { clientId: 'listener', clean: false };
  const flows = await aByteClient(hub.port);
  flows.say(connectSaid('flows', listener), subscribeSaid(1, [card, 2]));
  assert.is(await flows.hears(), fresh);
  assert.is(await flows.hears(), '9003000102');
  using author = await aByteClient(hub.port);
  author.say(connectSaid('flows', { clientId: 'author' }));
  await author.hears();
  for (const [index, word] of ['received', 'unseen'].entries()) {
    author.say(publishSaid(card, word, { qos: 2, id: index + 1 }));
  }
  const first = understood(await flows.hears(), card);
  assert.is(first.word, 'received');
  const second = understood(await flows.hears(), card);
  flows.say(answerSaid(0x50, first.id));
  assert.is(await flows.hears(), answerSaid(0x62, first.id).toString('hex'));
  flows.socket.destroy();
  using again = await aByteClient(hub.port);
  again.say(connectSaid('flows', listener));
  assert.is(await again.hears(), present);
  assert.is(await again.hears(), answerSaid(0x62, first.id).toString('hex'));
  const repeated = understood(await again.hears(), card);
  assert.equal([repeated.dup, repeated.id, repeated.word], [true, second.id, 'unseen']);
});

remembering('knows a QoS 2 message that is sent again over a new connection', async () => {
  await using hub = await aHub();
  using board = await aByteClient(hub.port);
  board.say(connectSaid('flows', { clientId: 'board' }), subscribeSaid(1, [card, 0]));
  assert.is(await board.hears(), fresh);
  await board.hears();
  const author = { clientId: 'author', clean: false };
  const flows = await aByteClient(hub.port);
  flows.say(connectSaid('flows', author), publishSaid(card, 'once', { qos: 2, id: 7 }));
  await flows.hears();
  assert.is(await flows.hears(), '50020007');
  flows.socket.destroy();
  using again = await aByteClient(hub.port);
  again.say(connectSaid('flows', author), publishSaid(card, 'once', { qos: 2, id: 7, dup: true }));
  assert.is(await again.hears(), present);
  assert.is(await again.hears(), '50020007');
  again.say(answerSaid(0x62, 7));
  assert.is(await again.hears(), '70020007');
  assert.is(await board.hears(), publishSaid(card, 'once').toString('hex'));
  await isQuiet(board);
});

remembering('owes an absent client only so much, drops the oldest and counts it', async () => {
  await using hub = await aHub({ owedMax: 3 });
  const meter = await comes(hub.port, fresh);
  await subscribes(meter, 1);
  await goes(meter);
  for (let n = 0; n < 5; n++) hub.order(n);
  await until(() => hub.refused()['message-dropped'] === 2);
  using again = await comes(hub.port, present);
  for (const n of [2, 3, 4]) assert.is(understood(await again.hears()).word, String(n));
  await isQuiet(again);
});

remembering('remembers only so many clients, and forgets who is longest away', async () => {
  await using hub = await aHub({ sessionsMax: 2 });
  const visit = async (clientId: string) => {
    const client = await aByteClient(hub.port);
    client.say(connectSaid('flows', { clientId, clean: false }));
    const answer = await client.hears();
    await goes(client);
    return answer;
  };
  assert.is(await visit('a'), fresh);
  assert.is(await visit('b'), fresh);
  assert.is(await visit('a'), present);
  assert.is(await visit('c'), fresh);
  assert.is(await visit('a'), present);
  assert.is(await visit('b'), fresh);
  assert.is(hub.refused()['session-dropped'], 2);
});

remembering('never forgets who is here', async () => {
  await using hub = await aHub({ sessionsMax: 1 });
  const meter = await comes(hub.port, fresh);
  using flows = await aByteClient(hub.port);
  flows.say(connectSaid('flows', remembered));
  assert.is(await flows.hears(), fresh);
  await goes(meter);
  using again = await comes(hub.port, present);
  await isQuiet(again);
  assert.is(hub.refused()['session-dropped'], 0);
});

remembering('forgets what was unsubscribed, and what a clean session ended [3.1.2-6]', async () => {
  await using hub = await aHub();
  const meter = await comes(hub.port, fresh);
  await subscribes(meter, 1);
  meter.say(unsubscribeSaid(2, commands));
  assert.is(await meter.hears(), 'b0020002');
  await goes(meter);
  hub.order('unheard');
  const again = await comes(hub.port, present);
  await isQuiet(again);
  await subscribes(again, 1);
  await goes(again);
  hub.order('ended');
  await goes(await comes(hub.port, fresh, { clean: true }));
  using last = await comes(hub.port, fresh);
  hub.order('unheard');
  await isQuiet(last);
});

remembering('does not owe what was refused, nor what comes at QoS 0', async () => {
  await using hub = await aHub();
  const meter = await comes(hub.port, fresh);
  meter.say(subscribeSaid(1, ['jirani/v1/trades/#', 1], [commands, 0]));
  assert.is(await meter.hears(), '900400018000');
  await goes(meter);
  hub.announce('trades/t1/state', 'paid');
  hub.order('lost');
  await new Promise((resolve) => setTimeout(resolve, 20));
  using again = await comes(hub.port, present);
  await isQuiet(again);
  hub.order('heard');
  assert.is(await again.hears(), publishSaid(command, '"heard"').toString('hex'));
});

remembering('flows cannot read what a meter is owed by taking its name', async () => {
  await using hub = await aHub();
  const meter = await comes(hub.port, fresh);
  await subscribes(meter, 1);
  await goes(meter);
  hub.order('secret');
  using flows = await aByteClient(hub.port);
  flows.say(connectSaid('flows', { clientId: corner, clean: false }));
  assert.is(await flows.hears(), fresh);
  await isQuiet(flows);
});

remembering.run();
