// uncounted: it starts whole programs, again and again
// timeout: 240s
/** `tunnel test` on a machine where no hub runs. */

import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startTunnelServer } from '../../gateway/simulators/tunnel/server.ts';
import { aFolder, run, until } from './programs.ts';

const testing = suite('tunnel test, with no hub running');

const nobody = { HTTP_PORT: '9' };
const results = (stdout: string) =>
  (JSON.parse(stdout) as { steps: { result: string }[] }).steps.map(({ result }) => result);

async function freePort(): Promise<string> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  await server[Symbol.asyncDispose]();
  return String(port);
}

testing('opens a tunnel for itself, walks, and leaves nothing', async () => {
  using folder = aFolder();
  await using server = await startTunnelServer({ onLoopback: true });
  const env = { ...nobody, TUNNEL: 'localtunnel', LOCALTUNNEL_HOST: server.url };
  const ended = await run(['tunnel', 'test'], env, { cwd: folder.path });
  assert.is(ended.code, 0, ended.stdout + ended.stderr);
  assert.match(
    ended.stdout,
    /^TUNNEL=localtunnel, opened for this test: no hub runs here\nok {7}the/,
  );
  assert.match(ended.stdout, /\nCallbacks reach the hub\.\n$/);
  await until('the name is free', async () => server.registered().length === 0);
});

testing('an address that leads nowhere ends with 69, one that leads astray with 1', async () => {
  using folder = aFolder();
  const place = { cwd: folder.path };
  const test = (url: string, port = '0') =>
    run(
      ['tunnel', 'test', '--json'],
      { ...nobody, PAYMENT_CALLBACK_URL: url, CALLBACK_PORT: port },
      place,
    );
  const nowhere = await test(`http://127.0.0.1:${await freePort()}`);
  assert.equal([nowhere.code, results(nowhere.stdout)[2]], [69, 'away'], nowhere.stderr);

  const port = await freePort();
  const proxy = createServer((incoming, outgoing) => {
    if (incoming.url === '/api/status') return void outgoing.end('everything');
    const { method, url: path, headers } = incoming;
    const onward = request({ host: '127.0.0.1', port, method, path, headers, agent: false });
    onward.on('response', (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502);
      answer.pipe(outgoing);
    });
    incoming.pipe(onward);
  });
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  const astray = await test(`http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, port);
  proxy.closeAllConnections();
  await proxy[Symbol.asyncDispose]();
  assert.is(astray.code, 1, astray.stderr);
  assert.equal(results(astray.stdout), ['ok', 'ok', 'ok', 'ok', 'failed', 'ok']);
});

testing('a wrong configuration is told as everywhere', async () => {
  using folder = aFolder();
  const wrong = { TUNNEL: 'command', PAYMENT_CALLBACK_URL: 'https://nosql.example' };
  const ended = await run(['tunnel', 'test'], wrong, { cwd: folder.path });
  assert.is(ended.code, 1);
  assert.match(ended.stderr, /TUNNEL_COMMAND: needed for TUNNEL=command/);
  assert.match(ended.stderr, /PAYMENT_CALLBACK_URL: M-Pesa refuses addresses that hold “sql”/);
});

testing.run();
