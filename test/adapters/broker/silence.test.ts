import { setImmediate as turn } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Connection } from '../../../gateway/adapters/broker/connection.ts';
import { aReading, aSink, corner, readingTopic, revoked } from './given.ts';
import { aHouse } from './in-memory.ts';
import { type ConnectSaid, connectSaid, pingSaid, publishSaid } from './said.ts';

const silence = suite('how long a client may be silent');

/** A hub whose clock goes on when it is told to, without sockets. */
async function aQuietHub() {
  let nowMs = 0;
  const sink = aSink();
  const house = await aHouse(sink, false, () => nowMs);
  house.rounds.stop();
  const connections: { said: string; destroyed: boolean; connection: Connection }[] = [];
  return {
    sink,
    house,
    passes(ms: number) {
      nowMs += ms;
      house.rounds.walk();
    },
    refused: (reason: 'keepalive-expired' | 'connect-timeout' | 'revoked') =>
      house.refusals.counts()[reason],
    stranger() {
      const known = { said: '', destroyed: false };
      const wire = {
        write: (bytes: Uint8Array) => {
          known.said += Buffer.from(bytes).toString('hex');
          return true;
        },
        destroy: () => {
          known.destroyed = true;
        },
        ...{ end: () => {}, pause: () => {}, resume: () => {} },
      };
      const one = Object.assign(known, { connection: new Connection(house, wire, undefined) });
      connections.push(one);
      return one;
    },
    async meter(differs: ConnectSaid) {
      const one = this.stranger();
      one.connection.front.arrived(connectSaid(corner, differs));
      await turn();
      await turn();
      assert.is(one.said, '20020000');
      return one.connection.front;
    },
  };
}
const reading = (s: number): Buffer =>
  publishSaid(readingTopic(corner), aReading(s), { qos: 1, id: s });

silence('one and a half times its keepalive, and not longer [3.1.2-24]', async () => {
  const hub = await aQuietHub();
  const meter = await hub.meter({ keepAliveS: 10 });
  hub.passes(14_999);
  assert.ok(meter.isOpen);
  hub.passes(1);
  assert.not.ok(meter.isOpen);
  assert.is(hub.refused('keepalive-expired'), 1);
  assert.is(hub.house.online().size, 0);
});

silence('for ever when its keepalive is 0', async () => {
  const hub = await aQuietHub();
  const meter = await hub.meter({ keepAliveS: 0 });
  hub.passes(10 ** 9);
  assert.ok(meter.isOpen);
});

silence('readings and pings break it, half a packet does not', async () => {
  const hub = await aQuietHub();
  const meter = await hub.meter({ keepAliveS: 10 });
  hub.passes(14_000);
  meter.arrived(reading(1));
  hub.passes(14_000);
  meter.arrived(pingSaid);
  hub.passes(14_000);
  assert.ok(meter.isOpen);
  meter.arrived(reading(2).subarray(0, 20));
  hub.passes(1_000);
  assert.not.ok(meter.isOpen);
});

silence('it is no silence while the hub itself does not listen', async () => {
  const hub = await aQuietHub();
  const meter = await hub.meter({ keepAliveS: 10 });
  for (let s = 1; s <= 10; s++) meter.arrived(reading(s));
  assert.ok(meter.isWaiting, 'so many readings are under way');
  hub.passes(60_000);
  assert.ok(meter.isOpen);
  hub.sink.commit();
  hub.passes(14_999);
  assert.ok(meter.isOpen);
  hub.passes(1);
  assert.not.ok(meter.isOpen);
});

silence('a stranger has a second to say who it is, however busily it begins', async () => {
  const hub = await aQuietHub();
  const { connection, ...stranger } = hub.stranger();
  const hello = connectSaid(corner);
  for (let at = 0; at < 9; at++) {
    connection.front.arrived(hello.subarray(at, at + 1));
    hub.passes(100);
  }
  assert.ok(connection.front.isOpen);
  hub.passes(100);
  assert.not.ok(connection.front.isOpen);
  assert.is(hub.refused('connect-timeout'), 1);
  assert.is(stranger.said, '');
});

silence('who was told to go and stays is cut off two seconds later', async () => {
  const hub = await aQuietHub();
  const stranger = hub.stranger();
  stranger.connection.front.arrived(pingSaid);
  hub.passes(1_999);
  assert.not.ok(stranger.destroyed);
  hub.passes(1);
  assert.ok(stranger.destroyed);
  assert.is(hub.house.rounds.watching, 0);
});

silence('a meter that is revoked does not stay for being connected already', async () => {
  const hub = await aQuietHub();
  const meter = await hub.meter({});
  hub.passes(500);
  assert.ok(meter.isOpen);
  revoked.add(corner);
  try {
    hub.passes(500);
    hub.passes(500);
    assert.not.ok(meter.isOpen);
    assert.is(hub.refused('revoked'), 1);
    assert.is(hub.house.online().has(corner), false);
  } finally {
    revoked.delete(corner);
  }
});

silence.run();
