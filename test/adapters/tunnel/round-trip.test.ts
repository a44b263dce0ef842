/** What `tunnel test` tells of each way in which a tunnel can be wrong. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { walkRoundTrip } from '../../../gateway/adapters/tunnel/round-trip.ts';
import { staticBackend } from '../../../gateway/adapters/tunnel/static.ts';
import type { Visit } from '../../../gateway/adapters/tunnel/visit.ts';
import { visit as visitReally } from '../../../gateway/adapters/tunnel/visit.ts';
import { startTunnelServer } from '../../../gateway/simulators/tunnel/server.ts';
import { type GivenOptions, givenTunnel, keptMs, ourUrl, through } from './given-tunnel.ts';

const walking = suite('walking the way of a callback');

const stepNames = [
  'the callback listener answers on this machine',
  'M-Pesa would take the address',
  'a probe comes back through it',
  'a callback reaches the counter',
  'nothing else can be reached',
  'no page stands before it',
];

/** Loopback for the listener itself, the tunnel server for the rest, unless `way.change` answers. */
async function aHub(options: GivenOptions = {}) {
  await using opening = new AsyncDisposableStack();
  const server = opening.use(await startTunnelServer({ keptMs }));
  const way: { change?: Visit } = {};
  const visit: Visit = (url, ...rest) => {
    if (url.startsWith('http://127.0.0.1')) return visitReally(url, ...rest);
    return (way.change ?? through(server))(url, ...rest);
  };
  const hub = opening.use(await givenTunnel({ ...options, server, visit }));
  const open = opening.move();
  return { ...hub, way, visit, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

const walk = (hub: Awaited<ReturnType<typeof aHub>>, { url = ourUrl, secure = false } = {}) =>
  walkRoundTrip({
    ...{ url, secure, visit: hub.visit, callbackPort: hub.listener.port, timeoutMs: 1_500 },
    ...{ probe: hub.probe, health: hub.tunnel.health() },
    unknownCallbacks: () => hub.listener.counts().unknown,
  });
const resultsOf = (trip: Awaited<ReturnType<typeof walk>>) => trip.steps.map((step) => step.result);
const detailOf = (trip: Awaited<ReturnType<typeof walk>>, step: number) =>
  trip.steps[step]?.detail ?? '';

walking('all is well: every step is, by its name', async () => {
  await using hub = await aHub();
  await hub.becomes('up');
  const trip = await walk(hub);
  assert.equal(
    trip.steps.map(({ step }) => step),
    stepNames,
  );
  assert.equal(
    [trip.result, trip.mode, ...resultsOf(trip)],
    ['ok', 'localtunnel', ...Array(6).fill('ok')],
  );
});

walking('7: a page before browsers is a warning, and callbacks pass', async () => {
  await using hub = await aHub();
  await hub.becomes('up');
  hub.server.faults.interstitial = true;
  const trip = await walk(hub);
  assert.is(trip.result, 'ok');
  assert.equal(resultsOf(trip).slice(2), ['ok', 'ok', 'ok', 'warning']);
  assert.match(detailOf(trip, 5), /A browser is shown something else \(HTTP 401\)/);
});

walking('6: a stranger at our address is our trouble, not an outage', async () => {
  await using hub = await aHub();
  await hub.becomes('up');
  hub.server.faults.stranger = 'f'.repeat(64);
  const trip = await walk(hub);
  assert.equal(
    [trip.result, ...resultsOf(trip).slice(2)],
    ['failed', 'failed', ...Array(3).fill('left-out')],
  );
  assert.match(detailOf(trip, 2), /Somebody else answers/);
});

walking('a server that is away is away, and nobody’s fault here', async () => {
  await using hub = await aHub();
  await hub.becomes('up');
  await hub.server.stop();
  const trip = await walk(hub);
  assert.equal([trip.result, ...resultsOf(trip).slice(0, 3)], ['away', 'ok', 'ok', 'away']);
  assert.match(detailOf(trip, 2), /no answer \(ECONNREFUSED\)/);
});

walking('an address that M-Pesa refuses is not even tried', async () => {
  await using hub = await aHub({ backend: staticBackend('https://x.example') });
  const filtered = await walk(hub, { url: 'https://nosql.example' });
  assert.equal(resultsOf(filtered), ['ok', 'failed', ...Array(4).fill('left-out')]);
  assert.match(detailOf(filtered, 1), /“sql”/);
  assert.match(detailOf(await walk(hub, { secure: true }), 1), /production needs https/);
});

walking('a tunnel that leads elsewhere, or to more than the counter, is found out', async () => {
  await using hub = await aHub();
  await hub.becomes('up');
  const inside = through(hub.server);
  hub.way.change = async () => ({ status: 404, text: '' });
  assert.match(detailOf(await walk(hub), 2), /does not lead to the callback listener/);
  hub.way.change = async (url, ...rest) =>
    url.endsWith('/api/status') ? { status: 200, text: '{}' } : inside(url, ...rest);
  const open = await walk(hub);
  assert.equal([open.result, ...resultsOf(open).slice(3)], ['failed', 'ok', 'failed', 'ok']);
  assert.match(detailOf(open, 4), /\/api\/status answers HTTP 200/);
  hub.way.change = async (url, signal, options) =>
    options?.method === 'POST' ? { status: 404, text: '' } : inside(url, signal, options);
  assert.match(detailOf(await walk(hub), 3), /the hub heard of nothing/);
});

walking('without any address it says what to do', async () => {
  await using hub = await aHub();
  const trip = await walkRoundTrip({
    ...{ url: undefined, secure: false, callbackPort: hub.listener.port, timeoutMs: 1_500 },
    ...{ probe: hub.probe, unknownCallbacks: () => 0, visit: visitReally },
    health: { mode: 'none', state: 'up', detail: '', generation: 0 },
  });
  assert.is(trip.result, 'failed');
  assert.match(detailOf(trip, 1), /docs\/tunnel.md/);
});

walking.run();
