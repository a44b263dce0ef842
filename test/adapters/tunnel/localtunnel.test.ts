/** The trial tunnel against a tunnel server that fails in every way that was seen. Times are hundredths. */
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startTunnelServer } from '../../../gateway/simulators/tunnel/server.ts';
import { hello, json, known } from '../web/callback-neighbours.ts';
import { givenTunnel, hundredths, keptMs, ourName, ourUrl, waitFor } from './given-tunnel.ts';

const tunnelling = suite('a tunnel over a localtunnel server');

const host = `${ourName}.tunnel.test`;
const callback = `/api/payment/callback/${known}`;

tunnelling('1: a callback comes through it to the counter, with the hub’s own Host', async () => {
  await using hub = await givenTunnel();
  await hub.becomes('up');
  assert.is(hub.tunnel.url(), ourUrl);
  const post = { method: 'POST', body: hello, headers: json };
  const answer = await hub.server.visit(host, callback, post);
  assert.equal([answer.status, hub.desk.kept], [200, [hello]]);
  const many = await Promise.all(
    Array.from({ length: 9 }, () => hub.server.visit(host, callback, post)),
  );
  assert.ok(
    many.every(({ status }) => status === 200),
    'nine at once over three sockets',
  );
});

for (const [awayMs, whatIs] of [
  [5, 'a moment (0.5 s)'],
  [70, 'a while (7 s)'],
  [2_600, 'longer than an opening waits, with pauses grown (60 s and more)'],
] as const)
  tunnelling(`2: the server is away for ${whatIs}: the same address again, once`, async () => {
    await using server = await startTunnelServer({ keptMs });
    {
      await using hub = await givenTunnel({ server });
      await hub.becomes('up');
      const { generation } = hub.tunnel.health();
      await server.stop();
      await sleep(awayMs);
      await server.resume();
      await waitFor('it is opened anew', () => hub.tunnel.health().generation > generation);
      await hub.becomes('up');
      assert.equal(server.registered(), [ourName]);
      assert.is(hub.tunnel.url(), ourUrl);
      // Whoever was given up on would take a name by now: its client retries every second.
      await sleep(1_100);
      assert.equal(server.registered(), [ourName]);
    }
    await waitFor('no tunnel is left', () => server.registered().length === 0);
    await sleep(1_100);
    assert.equal(server.registered(), []);
  });

tunnelling('2: comes back within one pause and one probe', async () => {
  await using hub = await givenTunnel();
  await hub.becomes('up');
  await hub.server.stop();
  await hub.becomes('down');
  await hub.server.resume();
  const ms = await hub.becomes('up');
  // The client itself looks again after 1 s.
  const most = 1_000 + hundredths.pauseMostMs + hundredths.probeTimeoutMs;
  assert.ok(ms < most, `${ms} ms`);
});

tunnelling(
  '3: a gap of the mobile network, of which the client says nothing, is noticed',
  async () => {
    const worker = new URL('./gap-worker.ts', import.meta.url);
    const gap = new Int32Array(new SharedArrayBuffer(4));
    await using hub = await givenTunnel({ worker, gap });
    await hub.becomes('up');
    Atomics.store(gap, 0, 1);
    hub.server.cut();
    await waitFor('it is noticed', () => hub.tunnel.health().state !== 'up');
    await sleep(100);
    Atomics.store(gap, 0, 0);
    await hub.becomes('up');
    assert.equal(hub.server.registered().length, 1);
    const { status } = await hub.server.visit(new URL(hub.tunnel.url() ?? '').host, '/');
    assert.is(status, 404, 'and it carries');
  },
);

tunnelling('a server that has silently forgotten us is found out by the probe', async () => {
  await using hub = await givenTunnel();
  await hub.becomes('up');
  hub.server.forget();
  await hub.becomes('degraded');
  await waitFor('a second opening', () => hub.tunnel.health().generation === 2);
  assert.is(hub.tunnel.url(), ourUrl);
});

tunnelling('4: no error of the client, and none of its thread, ends the hub', async () => {
  const uncaught: unknown[] = [];
  const note = (error: unknown) => void uncaught.push(error);
  process.on('uncaughtExceptionMonitor', note);
  for (const file of ['no-such-worker.ts', 'throwing-worker.ts', 'babbling-worker.ts']) {
    await using hub = await givenTunnel({ worker: new URL(`./${file}`, import.meta.url) });
    await hub.becomes('down');
    await hub.becomes('opening');
    assert.match(hub.tunnel.health().detail, /client|address/);
  }
  await using hub = await givenTunnel();
  await hub.becomes('up');
  for (let time = 0; time < 3; time += 1) {
    hub.server.cut();
    await sleep(20);
    await hub.server.stop();
    await sleep(20);
    await hub.server.resume();
  }
  await hub.becomes('up');
  process.off('uncaughtExceptionMonitor', note);
  assert.equal(uncaught, []);
});

tunnelling(
  '5: another name than the wanted one is an event, and is given out from then on',
  async () => {
    await using hub = await givenTunnel();
    await hub.becomes('up');
    hub.server.faults.denySubdomain = true;
    await hub.server.stop();
    assert.is(hub.tunnel.url(), ourUrl, 'while it is down, the last address goes with a push');
    await hub.server.resume();
    await waitFor('the new address', () => hub.tunnel.url() === 'http://rnd-1.tunnel.test');
    const told = hub.log.lines.filter((line) => line.startsWith('the public address has changed'));
    assert.equal(told.length, 2);
    assert.match(told[1] ?? '', /"before":"http:\/\/hub-of-the-test.*"now":"http:\/\/rnd-1/);
  },
);

tunnelling('8: nothing of the hub but the two routes can be reached through it', async () => {
  await using hub = await givenTunnel();
  await hub.becomes('up');
  for (const path of ['/', '/admin', '/red', '/api/anything', '/api/status', '/metrics', '/.hub/'])
    assert.equal(await hub.server.visit(host, path), { status: 404, text: '' }, path);
});

tunnelling('11: a body of 17 KiB is refused, and nothing is kept', async () => {
  await using hub = await givenTunnel();
  await hub.becomes('up');
  const body = `{"a":"${'x'.repeat(17 * 1024)}"}`;
  const { status } = await hub.server.visit(host, callback, {
    method: 'POST',
    body,
    headers: json,
  });
  assert.equal([status, hub.desk.kept], [413, []]);
});

tunnelling('an address that holds a word that M-Pesa filters is not used', async () => {
  await using server = await startTunnelServer({ domain: 'my-mpesa.test', keptMs });
  await using hub = await givenTunnel({ server });
  await hub.becomes('down');
  assert.match(hub.tunnel.health().detail, /mpesa/);
  assert.is(hub.tunnel.url(), undefined);
});

tunnelling('closing while it opens ends the client as well', async () => {
  await using server = await startTunnelServer({ keptMs });
  await server.stop();
  {
    await using hub = await givenTunnel({ server });
    await sleep(50);
    assert.is(hub.tunnel.health().state, 'opening');
  }
  await server.resume();
  await sleep(1_500);
  assert.equal(server.registered(), []);
});

tunnelling.run();
