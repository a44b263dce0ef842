import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, createServer as createLine, type Server } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openHttp, type Request } from '../../../gateway/adapters/daraja/http.ts';
import { certificatePem, privateKeyPem } from './certificate.ts';

const calling = suite('one call to M-Pesa');

const post: Request = {
  method: 'POST',
  path: '/mpesa',
  authorization: 'Bearer token-one',
  body: { Amount: 37 },
};

/** Makes one call to `server` and ends it. */
async function callTo(server: Server, scheme = 'http', deadlineMs = 2_000) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const http = openHttp(`${scheme}://127.0.0.1:${port}/`, deadlineMs, new AbortController().signal);
  const exchange = await http(post);
  server.close();
  return exchange;
}

const answering = (listener: RequestListener) => createServer({ keepAlive: false }, listener);

calling('gives back status and JSON object', async () => {
  const server = answering((_, response) => response.writeHead(404).end('{"errorCode":"x"}'));
  const exchange = await callTo(server);
  assert.equal(exchange, {
    kind: 'answered',
    status: 404,
    body: { errorCode: 'x' },
    empty: false,
  });
});

for (const text of ['[1]', '7', 'null', '"a"', '<html>', '{"a":'])
  calling(`an answer of ${text} is no JSON object`, async () => {
    const exchange = await callTo(answering((_, response) => response.end(text)));
    assert.equal(exchange, { kind: 'answered', status: 200, body: undefined, empty: false });
  });

calling('follows no redirect, so the token goes nowhere else', async () => {
  let requests = 0;
  const server = answering((_, response) => {
    requests += 1;
    response.writeHead(307, { Location: '/elsewhere' }).end();
  });
  const exchange = await callTo(server);
  assert.equal(exchange, { kind: 'answered', status: 307, body: undefined, empty: true });
  assert.is(requests, 1);
});

calling('shows no request to a server with a certificate that nobody trusts', async () => {
  let bytes = 0;
  const stranger = createSecureServer({ cert: certificatePem, key: privateKeyPem });
  stranger.on('secureConnection', (socket) =>
    socket.on('data', (chunk) => {
      bytes += chunk.length;
    }),
  );
  const exchange = await callTo(stranger, 'https');
  assert.equal(exchange, { kind: 'not-sent', why: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  assert.is(bytes, 0);
});

calling('a server that does not shake hands has not seen the request', async () => {
  const mute = createLine((socket) => socket.on('error', () => {}).resume());
  const exchange = await callTo(mute, 'https', 200);
  assert.equal(exchange, { kind: 'not-sent', why: 'no answer in time' });
});

calling('a connection that breaks after it opened may have carried the request', async () => {
  const broken = createLine((socket) => socket.destroy());
  assert.is((await callTo(broken)).kind, 'unclear');
});

calling('asks no proxy, whatever the environment says', async () => {
  process.env['http_proxy'] = 'http://127.0.0.1:1';
  try {
    const exchange = await callTo(answering((_, response) => response.end('{}')));
    assert.is(exchange.kind, 'answered');
  } finally {
    delete process.env['http_proxy'];
  }
});

calling.run();
