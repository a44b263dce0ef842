/** Programs that open a tunnel: how their address is found, and that nothing of them is left. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { commandBackend } from '../../../gateway/adapters/tunnel/command.ts';
import { isRunning } from '../../commands/programs.ts';
import { givenTunnel, waitFor } from './given-tunnel.ts';

const running = suite('a program that opens a tunnel');

const said: string[] = [];
const backend = (script: string, more: { url?: string; pattern?: RegExp } = {}) =>
  commandBackend({
    words: [process.execPath, '-e', script, '{port}'],
    say: (line) => void said.push(line),
    ...more,
  });
const open = (script: string, more = {}, ms = 10_000) =>
  backend(script, more).open(5001, AbortSignal.timeout(ms));
const stays = 'setInterval(() => {}, 1000);';
const says = (...lines: readonly string[]) =>
  `for (const line of ${JSON.stringify(lines)}) console.error(line); ${stays}`;

running('its address is the first that ends at its host and is not this machine', async () => {
  for (const [lines, url] of [
    [
      [
        'Thank you for trying: https://developers.cloudflare.com/cloudflare-one/ and (https://www.cloudflare.com/website-terms/)',
        'INF |  https://quick-sun-lamp.trycloudflare.com   |',
      ],
      'https://quick-sun-lamp.trycloudflare.com',
    ],
    [['to http://localhost:5001', 'from https://a-b.serveo.net'], 'https://a-b.serveo.net'],
    [['{"url":"https://x.example"}'], 'https://x.example'],
    [['listening at http://bore.example:41234'], 'http://bore.example:41234'],
  ] as const) {
    const tunnel = await open(says(...lines));
    assert.is(tunnel.url, url);
    await tunnel.close();
  }
});

running('another pattern finds it where other addresses stand before it', async () => {
  const script = says('manage at https://admin.example', 'tunneled: https://mine.example');
  const tunnel = await open(script, { pattern: /tunneled: (\S+)/ });
  assert.is(tunnel.url, 'https://mine.example');
  await tunnel.close();
  const given = await open(stays, { url: 'https://own.example' });
  assert.is(given.url, 'https://own.example', 'where it prints none, the keeper gives it');
  await given.close();
});

running('is told the port, and none of the hub’s secrets', async () => {
  process.env['MPESA_PASSKEY'] = 'passkey-of-a-test';
  // Node itself hands the folder of a coverage run to every child.
  const script = `const names = Object.keys(process.env).filter((name) => /MPESA|NODE(?!_V8_COVERAGE)/.test(name));
    console.log('https://p' + process.argv[1] + '-' + names.length + '.example'); ${stays}`;
  const tunnel = await open(script);
  delete process.env['MPESA_PASSKEY'];
  assert.is(tunnel.url, 'https://p5001-0.example');
  await tunnel.close();
});

running('that fails is a sentence, and what it said last is for the log', async () => {
  const refused = async (opening: Promise<unknown>) => {
    try {
      await opening;
    } catch (error) {
      return (error as Error).message;
    }
    return 'opened';
  };
  assert.is(
    await refused(open(`console.error('no such account'); process.exitCode = 3`)),
    'the program ended (3)',
  );
  assert.ok(said.includes('no such account'));
  const none = commandBackend({ words: ['/no/such/program'], say: () => {} });
  assert.is(await refused(none.open(1, AbortSignal.timeout(10_000))), 'the program ended (127)');
  assert.is(await refused(open(stays, {}, 500)), 'the program names no address');
});

running('that ends later is heard of', async () => {
  const tunnel = await open(`console.log('https://x.example'); setTimeout(() => {}, 300)`);
  const why = await new Promise<string>((hear) => tunnel.onDown(hear));
  assert.is(why, 'the program ended (0)');
  await tunnel.close();
});

/** Says its own id and that of a child, and asks not to be ended. */
const family = `process.on('SIGTERM', () => {});
  const child = require('node:child_process').spawn('sleep', ['1000']);
  console.log('https://p' + process.pid + '-' + child.pid + '.example'); ${stays}`;
const pidsIn = (url: string): number[] => (/p(\d+)-(\d+)/.exec(url) ?? []).slice(1).map(Number);

running('is ended with all that it started, even when it does not want to', async () => {
  const tunnel = await open(family);
  const pids = pidsIn(tunnel.url);
  assert.ok(pids.length === 2 && pids.every(isRunning));
  await tunnel.close();
  await waitFor('both are gone', () => !pids.some(isRunning));
});

running('2: does not outlive a hub that is killed', async () => {
  const parent = fork(join(import.meta.dirname, 'a-hub-with-a-program.ts'), [family]);
  const [url] = (await once(parent, 'message')) as [string];
  const pids = pidsIn(url);
  assert.ok(pids.length === 2 && pids.every(isRunning));
  parent.kill('SIGKILL');
  await waitFor('both are gone', () => !pids.some(isRunning));
});

running('is started again under the supervisor, and a new address is given out', async () => {
  const script = `console.log('https://x' + process.pid + '.example'); setTimeout(() => {}, 700)`;
  await using hub = await givenTunnel({
    backend: backend(script),
    visit: async (url) => ({ status: 200, text: hub.probe.answer(url.slice(-32)) ?? '' }),
  });
  await hub.becomes('up');
  const before = hub.tunnel.url();
  await waitFor('another address', () => hub.tunnel.url() !== before);
  await hub.becomes('up');
});

running.run();
