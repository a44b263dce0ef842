import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { simulatedClock } from '../../gateway/simulators/clock/scaled-clock.ts';
import { makeNeighbourhood } from '../../gateway/simulators/neighbourhood/model.ts';
import { startWorld } from '../../gateway/simulators/world.ts';

const neighbourhood = makeNeighbourhood({
  seed: 1,
  households: 6,
  originMs: Date.parse('2026-03-10T00:00:00+03:00'),
});
const clock = simulatedClock({
  originMachineNs: process.hrtime.bigint(),
  originNeighbourhoodMs: neighbourhood.startMs,
  speed: 60,
});
const mpesa = {
  port: 0,
  seed: 1,
  consumerKey: 'key',
  consumerSecret: 'secret',
  shortcode: '174379',
  passkey: 'passkey',
  initiatorName: 'hub',
  initiatorPassword: 'initiator',
};

const world = suite('running the world around a hub');

world('starts in one process and counts no reading before the meters run', async () => {
  const around = await startWorld({ neighbourhood, clock, mpesa });
  const counted = await fetch(`${around.controlUrl}/control/meters`);
  assert.equal(await counted.json(), { acknowledged: 0, pending: 0, dropped: 0 });
  assert.is((await fetch(`${around.controlUrl}/control/nothing`)).status, 404);
  await around[Symbol.asyncDispose]();
});

world('lets an outage begin and end from outside', async () => {
  const around = await startWorld({ neighbourhood, clock, mpesa });
  const order = (name: string, deed: string) =>
    fetch(`${around.controlUrl}/control/${name}/${deed}`, { method: 'POST' });
  const reachable = (url: string) =>
    fetch(url).then(
      () => true,
      () => false,
    );
  for (const name of ['weather', 'gemini', 'mpesa'] as const) {
    const { url } = around[name];
    assert.is(await reachable(url), true);
    assert.is((await order(name, 'stop')).status, 200);
    assert.is((await order(name, 'stop')).status, 200);
    assert.is(await reachable(url), false);
    assert.is((await order(name, 'resume')).status, 200);
    assert.is(await reachable(url), true);
  }
  await around[Symbol.asyncDispose]();
});

world('keeps the meters dialling until there is a hub, and ends with them', async () => {
  const around = await startWorld({ neighbourhood, clock, mpesa });
  const ids = neighbourhood.households.flatMap(({ meters }) => meters.map(({ id }) => id));
  around.startMeters({
    url: 'mqtt://127.0.0.1:9',
    passwords: Object.fromEntries(ids.map((id) => [id, 'secret'])),
    boot: 1,
  });
  assert.throws(() => around.startMeters({ url: 'mqtt://127.0.0.1:9', passwords: {}, boot: 2 }));
  await around[Symbol.asyncDispose]();
  assert.is(await fetch(around.weather.url).catch(() => 'away'), 'away');
});

world.run();
