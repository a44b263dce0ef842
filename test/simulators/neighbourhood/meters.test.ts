import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { Aedes } from 'aedes';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { simulatedClock } from '../../../gateway/simulators/clock/scaled-clock.ts';
import {
  type MetersOptions,
  startMeters,
} from '../../../gateway/simulators/neighbourhood/meters.ts';
import { makeNeighbourhood } from '../../../gateway/simulators/neighbourhood/model.ts';

const originMs = Date.parse('2026-03-10T00:00:00+03:00');
const neighbourhood = makeNeighbourhood({ seed: 1, households: 6, originMs });
const passwords = Object.fromEntries(
  neighbourhood.households.flatMap(({ meters }) => meters.map(({ id }) => [id, `secret of ${id}`])),
);

type Heard = { meter: string; sequence: number; payload: string };

/** A broker that acknowledges only while `acknowledging` is true, and can be away. */
async function aBroker() {
  const aedes = await Aedes.createBroker();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    aedes.handle(socket);
  });
  const broker = { acknowledging: true, heard: [] as Heard[], offers: [] as Heard[], refused: 0 };
  aedes.authenticate = (client, username, password, done) => {
    const known = username === client.id && passwords[client.id] === password?.toString();
    if (!known) broker.refused += 1;
    done(null, known);
  };
  aedes.authorizePublish = (client, packet, done) => {
    if (!packet.topic.endsWith('/reading')) return done(null);
    const payload = packet.payload.toString();
    const offer = { meter: client?.id ?? '', sequence: JSON.parse(payload).s, payload };
    broker.offers.push(offer);
    if (!broker.acknowledging) return;
    broker.heard.push(offer);
    done(null);
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const goAway = async () => {
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return {
    broker,
    url: `mqtt://127.0.0.1:${port}`,
    goAway,
    async comeBack() {
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
    },
    async close() {
      if (server.listening) await goAway();
      await new Promise<void>((resolve) => aedes.close(() => resolve()));
    },
  };
}

function aClock(speed = 600) {
  return simulatedClock({
    originMachineNs: process.hrtime.bigint(),
    originNeighbourhoodMs: neighbourhood.startMs,
    speed,
  });
}

const start = (url: string, more: Partial<MetersOptions> = {}) =>
  startMeters({ url, neighbourhood, passwords, clock: aClock(), boot: 7, ...more });

async function until(what: () => boolean): Promise<void> {
  for (let round = 0; round < 400; round += 1) {
    if (what()) return;
    await pause(20);
  }
  throw new Error('it did not happen within 8 s');
}

const telling = suite('telling the hub what the meters show');

telling(
  'counts as acknowledged what the hub has answered, from the sequence number it is given',
  async () => {
    const hub = await aBroker();
    const meters = start(hub.url, { firstSequence: { 'm-h01-grid': 230 } });
    await until(() => meters.acknowledged() >= 24);
    await meters.stop();
    const first = hub.broker.heard.find(({ meter }) => meter === 'm-h01-grid');
    assert.is(first?.sequence, 230);
    assert.is(JSON.parse(first?.payload ?? '{}').b, 7);
    assert.is(hub.broker.heard.find(({ meter }) => meter === 'm-h02-pv')?.sequence, 1);
    assert.ok(meters.acknowledged() <= hub.broker.heard.length);
    assert.ok(meters.acknowledgedBy('m-h01-grid') > 0);
    await hub.close();
  },
);

telling('loses nothing when the hub falls silent, goes away and comes back', async () => {
  const hub = await aBroker();
  const meters = start(hub.url);
  await until(() => meters.acknowledged() >= 16);
  hub.broker.acknowledging = false;
  const silentFrom = hub.broker.offers.length;
  await until(() => hub.broker.offers.length >= silentFrom + 8 && meters.pending() > 24);
  const before = meters.acknowledged();
  await pause(100);
  assert.is(meters.acknowledged(), before);
  const unanswered = hub.broker.offers.slice(silentFrom);
  await hub.goAway();
  await pause(300);
  hub.broker.acknowledging = true;
  const answeredFrom = hub.broker.offers.length;
  await hub.comeBack();
  await until(() => meters.pending() === 0 && meters.acknowledged() > before + 50);
  await meters.stop();

  for (const { meter, sequence, payload } of unanswered) {
    const again = hub.broker.offers
      .slice(answeredFrom)
      .find((offer) => offer.meter === meter && offer.sequence === sequence);
    assert.is(again?.payload, payload, `${meter} repeats reading ${sequence} byte for byte`);
  }
  for (const meter of Object.keys(passwords)) {
    const kept = new Set(
      hub.broker.heard.filter((offer) => offer.meter === meter).map(({ sequence }) => sequence),
    );
    assert.is(kept.size, Math.max(...kept), `${meter} left no gap`);
  }
  assert.is(meters.dropped(), 0);
  await hub.close();
});

telling('dials anew when the hub keeps the line open but never answers', async () => {
  const hub = await aBroker();
  hub.broker.acknowledging = false;
  const meters = start(hub.url, { acknowledgeMs: 300 });
  await until(() => hub.broker.offers.length >= 8);
  hub.broker.acknowledging = true;
  await until(() => Object.keys(passwords).every((meter) => meters.acknowledgedBy(meter) >= 2));
  await meters.stop();
  const firsts = hub.broker.heard.filter(({ sequence }) => sequence === 1);
  assert.is(new Set(firsts.map(({ meter }) => meter)).size, 8);
  await hub.close();
});

telling(
  'keeps dialling while the hub is not there or refuses, and can be stopped all the same',
  async () => {
    const hub = await aBroker();
    await hub.goAway();
    const wrong = Object.fromEntries(Object.keys(passwords).map((id) => [id, 'wrong']));
    const meters = start(hub.url, { passwords: wrong });
    await pause(300);
    await hub.comeBack();
    await until(() => hub.broker.refused >= 16);
    assert.is(meters.acknowledged(), 0);
    assert.ok(meters.pending() >= 8);
    await meters.stop();
    await hub.close();
  },
);

telling('reads every ten seconds of a day that passes at its own pace', async () => {
  const hub = await aBroker();
  const meters = start(hub.url, { clock: aClock(1) });
  await pause(500);
  assert.ok(meters.acknowledged() + meters.pending() < 8, 'not all have read within half a second');
  await meters.stop();
  await hub.close();
});

telling.run();
