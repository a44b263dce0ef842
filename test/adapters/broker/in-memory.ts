/** Connections of the broker without sockets, and if wished without aedes and without time. */
import { Aedes } from 'aedes';
import { House } from '../../../gateway/adapters/broker/house.ts';
import { intake } from '../../../gateway/adapters/broker/intake.ts';
import { Memory } from '../../../gateway/adapters/broker/memory.ts';
import { Passage } from '../../../gateway/adapters/broker/passage.ts';
import { Refusals } from '../../../gateway/adapters/broker/refusals.ts';
import type { Session } from '../../../gateway/adapters/broker/session.ts';
import { Sessions } from '../../../gateway/adapters/broker/sessions.ts';
import type { ReadingSink } from '../../../gateway/ports/readings.ts';
import { credentials } from './given.ts';

/** Says yes to everything: aedes with its work left out. */
function nodding(): { handle(passage: Passage): void; close(done: () => void): void } {
  const nod = (passage: Passage, chunk: Buffer) => {
    const type = (chunk[0] ?? 0) >> 4;
    const answer = answers.get(type);
    if (answer !== undefined) passage.write(answer);
    if (type === 1) setImmediate(() => passage.ready());
    if (type === 3) passage.published(0);
    if (type === 14) passage.destroy();
  };
  return {
    handle: (passage) => passage.on('data', (chunk) => nod(passage, chunk)),
    close: (done) => done(),
  };
}
const answers = new Map([
  [1, Buffer.from([0x20, 2, 0, 0])],
  [3, Buffer.from([0x40, 2, 3, 132])],
  [6, Buffer.from([0x70, 2, 3, 133])],
  [8, Buffer.from([0x90, 4, 0, 3, 1, 0])],
  [10, Buffer.from([0xb0, 2, 0, 4])],
]);

/** `isTrue`: with the true aedes behind it. */
export async function aHouse(sink: ReadingSink, isTrue: boolean, now: () => number) {
  const silent = { info: () => {}, warn: () => {}, error: () => {} };
  const refusals = new Refusals(silent);
  const sessions = new Sessions({ owedMax: 8, unreleasedMax: 8, sessionsMax: 8 }, refusals);
  const arriving = new Map<string, Session>();
  const persistence = new Memory(sessions, arriving, 64);
  const aedes = isTrue
    ? await Aedes.createBroker({ ...intake({ sessions, refusals }), persistence })
    : (nodding() as unknown as Aedes);
  if (isTrue) {
    aedes.on('clientReady', ({ conn }) => conn instanceof Passage && conn.ready());
    aedes.on('publish', ({ qos }, client) => {
      if (client?.conn instanceof Passage) client.conn.published(qos);
    });
  }
  const house = new House({
    ...{ aedes, sessions, arriving, refusals, sink, credentials },
    ...{
      packetBytesMax: 16_384,
      receiveMax: 100,
      pendingPerMeterMax: 10,
      connectTimeoutMs: 1000,
      now,
    },
  });
  return house;
}
