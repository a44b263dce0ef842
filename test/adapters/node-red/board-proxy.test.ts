import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import Fastify from 'fastify';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { addBoardProxy } from '../../../gateway/adapters/web/board-proxy.ts';
import type { WebApp } from '../../../gateway/adapters/web/zod-door.ts';

const proxy = suite('the board, handed through');

type Asked = { readonly url: string; readonly headers: IncomingHttpHeaders; readonly body: string };

/** A dashboard that only remembers what it was asked. */
async function aBoard() {
  const asked: Asked[] = [];
  const dashboard = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    asked.push({ url: request.url ?? '', headers: request.headers, body });
    response.setHeader('set-cookie', 'dashboard=1');
    response.setHeader('content-type', request.url === '/board/' ? 'text/html' : 'text/plain');
    response.end('<html><head></head></html>');
  });
  dashboard.on('upgrade', (request, socket) => {
    asked.push({ url: request.url ?? '', headers: request.headers, body: '' });
    socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\nhello');
  });
  await once(dashboard.listen(0, '127.0.0.1'), 'listening');
  const app = Fastify() as unknown as WebApp;
  const { port } = dashboard.address() as AddressInfo;
  addBoardProxy(app, () => port);
  await app.listen({ host: '127.0.0.1', port: 0 });
  const address = app.server.address() as AddressInfo;
  return {
    asked,
    port: address.port,
    url: `http://127.0.0.1:${address.port}`,
    away: () => new Promise((resolve) => dashboard.close(resolve)),
    [Symbol.asyncDispose]: async () => {
      dashboard.closeAllConnections();
      dashboard.close();
      await app.close();
    },
  };
}

const session = { cookie: 'jirani_session=secret', authorization: 'Bearer secret' };

proxy('shows the page, in a sandbox of its own, and sets no cookie', async () => {
  await using board = await aBoard();
  const answer = await fetch(`${board.url}/board/`);
  assert.match(answer.headers.get('content-security-policy') ?? '', /^sandbox allow-scripts;/);
  assert.not.match(answer.headers.get('content-security-policy') ?? '', 'allow-same-origin');
  assert.is(answer.headers.get('set-cookie'), null);
  assert.match(await answer.text(), /<head><script>/);
});

proxy('passes nothing on by which a household or the keeper could be known', async () => {
  await using board = await aBoard();
  await fetch(`${board.url}/board/x.js?v=1`, { headers: session });
  await fetch(`${board.url}/board/socket.io/`, { method: 'POST', body: '40', headers: session });
  assert.equal(
    board.asked.map(({ url, body }) => [url, body]),
    [
      ['/board/x.js?v=1', ''],
      ['/board/socket.io/', '40'],
    ],
  );
  assert.not.match(JSON.stringify(board.asked), 'secret');
});

async function upgraded(port: number, path: string): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port });
  socket.write(
    `GET ${path} HTTP/1.1\r\nhost: hub\r\nconnection: Upgrade\r\nupgrade: websocket\r\ncookie: jirani_session=secret\r\n\r\n`,
  );
  let said = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    said += chunk;
  });
  socket.on('error', () => {});
  await once(socket, 'close');
  return said;
}

proxy('joins the sockets of the board, and no others', async () => {
  await using board = await aBoard();
  assert.match(await upgraded(board.port, '/board/socket.io/?transport=websocket'), 'hello');
  assert.is(await upgraded(board.port, '/red/comms'), '');
  assert.is(await upgraded(board.port, '/board/../red/comms'), '');
  assert.is(board.asked.length, 1);
  assert.not.match(JSON.stringify(board.asked), 'secret');
});

proxy('never shows the editor', async () => {
  await using board = await aBoard();
  for (const path of ['/red/', '/board/../red/', '/board/%2e%2e/red/', '/board/..%2fred/flows'])
    await fetch(`${board.url}${path}`);
  assert.equal(
    board.asked.filter(({ url }) => !url.startsWith('/board/') || url.includes('..')),
    [],
  );
});

proxy('says so when Node-RED is away', async () => {
  await using board = await aBoard();
  await board.away();
  assert.is((await fetch(`${board.url}/board/`)).status >= 500, true);
});

proxy.run();
