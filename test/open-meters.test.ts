/** How the hub listens to its meters beside readings. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readConfig } from '../gateway/config.ts';
import type { MeterId } from '../gateway/core/ids.ts';
import { openClock } from '../gateway/open-clock.ts';
import { openMeters } from '../gateway/open-meters.ts';
import { orderCommand } from '../gateway/steps/order-command.ts';
import { given } from './support/given.ts';

const listening = suite('listening to meters');

function aHub(trust: 'trusted' | 'provisional' = 'trusted') {
  const hub = given();
  const read = readConfig({});
  if (!read.ok) throw new Error(read.error.join());
  const said: { topic: string; body: unknown; retain: boolean | undefined }[] = [];
  const seen = { looks: 0, due: 0, flows: 0 };
  const clock = openClock(read.value, hub.log, {
    ...{ now: () => hub.clock.now(), elapsedMs: () => 0, speed: 1, trust: () => trust },
  });
  const online = new Set<MeterId>();
  const broker = {
    announce: (topic: string, body: unknown, options?: { retain?: boolean }) =>
      void said.push({ topic, body, retain: options?.retain }),
    online: () => online,
  };
  const readings = {
    lookAtKeys: () => {
      seen.looks += 1;
    },
  };
  const meters = openMeters({
    ...{ config: read.value, books: hub.books, clock, log: hub.log },
    flows: {
      hear: () => {
        seen.flows += 1;
      },
    },
    ways: () => ({ broker, readings }) as never,
  });
  const meter = hub.books.households.registrations()[0]?.meter as MeterId;
  const say = (topic: string, body: unknown) =>
    meters.hear(`meters/${meter}/${topic}`, Buffer.from(JSON.stringify(body)));
  return {
    ...{ hub, meters, meter, said, seen, say, online, clock },
    info: (byte: number) => {
      const key = Buffer.alloc(32, byte).toString('base64');
      say('info', { v: 1, alg: 'ed25519', key });
    },
    of: (topic: string) => said.filter((one) => one.topic === topic),
    [Symbol.dispose]: () => {
      meters[Symbol.dispose]();
      hub[Symbol.dispose]();
    },
  };
}

listening(
  'readings are judged anew as soon as a key counts, and an alert stands while one waits',
  () => {
    using a = aHub();
    a.meters.start(() => {});
    const alerts = () => a.of('alerts/meter-keys').map(({ body }) => (body as { on: boolean }).on);
    a.info(1);
    assert.equal([a.seen.looks, alerts()], [1, [false]]);
    a.info(1);
    assert.equal([a.seen.looks, alerts()], [1, [false]]);
    a.info(2);
    a.info(2);
    assert.equal(alerts(), [false, true]);
    const [alert] = a.of('alerts/meter-keys').slice(-1);
    assert.equal([alert?.body, alert?.retain], [{ v: 1, on: true, meters: [a.meter] }, true]);
    a.info(1);
    assert.equal(alerts(), [false, true, false]);
    assert.is(a.seen.flows, 5, 'flows hear it too');
  },
);

listening('who comes hears the time, not retained, and only a time that is trusted', () => {
  using a = aHub();
  a.info(1);
  a.info(1);
  const t = Math.floor(a.hub.clock.now() / 1_000);
  assert.equal(a.of('time'), [{ topic: 'time', body: { v: 1, t, tq: 2 }, retain: undefined }]);
  using doubtful = aHub('provisional');
  doubtful.info(1);
  assert.equal(doubtful.of('time'), []);
});

listening('what waited for a meter is due when it comes, and its answer is heard', () => {
  using a = aHub();
  a.meters.start(() => {
    a.seen.due += 1;
  });
  const needs = { books: a.hub.books, clock: a.clock, ids: a.hub.ids };
  const ordered = orderCommand(needs, a.meter, { name: 'identify', args: { for_s: 9 } }, 60);
  if (!ordered.ok) throw new Error(ordered.error);
  const { id } = ordered.value;
  a.hub.books.deeds.hasten('tell-command', id, ordered.value.expiresAt);
  a.info(1);
  const due = a.hub.books.deeds.due(a.hub.clock.now(), 9, ['tell-command']);
  assert.equal([due.length, a.seen.due], [1, 1]);
  assert.not.ok(a.meters.line.isThere(a.meter));
  a.online.add(a.meter);
  assert.ok(a.meters.line.isThere(a.meter));
  a.meters.line.tell(ordered.value);
  assert.is(a.of(`meters/${a.meter}/cmd/identify`)[0]?.retain, undefined);
  a.say(`ack/${id}`, { v: 1, id, outcome: 'done' });
  assert.is(a.hub.books.meters.command(id)?.outcome, 'done');
});

listening('a word that cannot be kept harms nobody', () => {
  using a = aHub();
  a.hub.books[Symbol.dispose]();
  a.info(1);
  assert.match(a.hub.warnings.join(), /trouble with a meter/);
});

listening.run();
