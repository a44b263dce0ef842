/** `/board`: the dashboard of Node-RED, handed through. It gets nothing by which anybody could be known. */
import { request as ask, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { notFound, ProblemError } from './problem.ts';
import type { WebApp } from './zod-door.ts';

/** Where Node-RED serves the board on loopback. */
type BoardPort = () => number;

const answerMs = 10_000;
/** Sockets of the board; further viewers ask again and again instead. */
const socketsMost = 64;

/** A viewer's session with the hub is nobody else's business, least of all a flow's. */
const passed = [
  ...['accept', 'accept-encoding', 'accept-language', 'content-type', 'content-length'],
  ...['if-none-match', 'if-modified-since', 'user-agent', 'range'],
];
const passedForPage = passed.filter(
  (name) => !['accept-encoding', 'if-none-match', 'if-modified-since'].includes(name),
);
const passedForSockets = [
  ...['upgrade', 'connection', 'sec-websocket-key', 'sec-websocket-version'],
  'sec-websocket-extensions',
];
const returned = [
  ...['content-type', 'content-length', 'content-encoding', 'cache-control', 'etag'],
  ...['last-modified', 'vary', 'location'],
];

/**
 * The dashboard compiles its templates in the browser, so it may evaluate. `sandbox` gives it an origin of its own:
 * what runs there cannot use the session of a household that looks at the board.
 */
const policy = [
  'sandbox allow-scripts',
  "default-src 'none'",
  "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self' ws: wss:",
  "manifest-src 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The sandboxed page is a stranger even to the files that it is made of; there is nothing private in them. */
const ownOrigin = {
  'content-security-policy': policy,
  'access-control-allow-origin': '*',
  'cross-origin-resource-policy': 'cross-origin',
  'cross-origin-opener-policy': 'unsafe-none',
  'origin-agent-cluster': '?0',
};

/** Adds `/board` and everything below it. */
export function addBoardProxy(app: WebApp, boardPort: BoardPort): void {
  const routes = { schema: { hide: true }, config: { rateLimit: { max: 6_000 } } };
  app.get('/board', routes, (_request, reply) => reply.redirect('/board/'));
  app.register((board, _options, done) => {
    // Whatever is posted goes through as it is; the limit of bodies still holds.
    board.removeAllContentTypeParsers();
    board.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, read) =>
      read(null, body),
    );
    board.route({
      ...{ method: ['GET', 'POST'], url: '/board/*', ...routes },
      handler: (request, reply) => handThrough(request, reply, boardPort()),
    });
    done();
  });
  const sockets = new Set<Duplex>();
  app.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const isBoard = socketPath.test(request.url ?? '');
    if (!isBoard || sockets.size >= socketsMost) return void socket.destroy();
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    joinSockets(request, socket, head, boardPort());
  });
  app.addHook('preClose', async () => {
    for (const socket of sockets) socket.destroy();
  });
}

const isIndex = ({ url }: FastifyRequest): boolean => url.split('?')[0] === '/board/';
const isPage = ({ headers }: IncomingMessage): boolean =>
  headers['content-type']?.startsWith('text/html') === true && !headers['content-encoding'];

/** A sandboxed page has no storage and no worker, and the dashboard asks for both: it gets a storage that forgets. */
const forgetfulStorage = `<script>for (const name of ['localStorage', 'sessionStorage']) {
  const kept = new Map();
  Object.defineProperty(window, name, { value: {
    getItem: (key) => kept.get(String(key)) ?? null,
    setItem: (key, value) => void kept.set(String(key), String(value)),
    removeItem: (key) => void kept.delete(String(key)),
    clear: () => kept.clear(),
    key: (at) => [...kept.keys()][at] ?? null,
    get length() { return kept.size; },
  } });
}
delete Navigator.prototype.serviceWorker;</script>`;

async function sendPage(reply: FastifyReply, answer: IncomingMessage): Promise<FastifyReply> {
  const html = await text(answer);
  reply.removeHeader('content-length');
  reply.removeHeader('etag');
  return reply.send(html.replace('<head>', `<head>${forgetfulStorage}`));
}

const pick = (headers: IncomingHttpHeaders, names: readonly string[]) =>
  Object.fromEntries(
    names.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]])),
  );

/** Nothing encoded and no way up: what is asked for can only be the board's. */
const boardPath = /^\/board\/(?:(?!\.\.)[\w./@-])*(?:\?.*)?$/;
const socketPath = /^\/board\/socket\.io\/(?:\?.*)?$/;

function handThrough(request: FastifyRequest, reply: FastifyReply, port: number) {
  if (!boardPath.test(request.url)) throw notFound();
  const { promise, resolve, reject } = Promise.withResolvers<FastifyReply>();
  const asking = ask({
    ...{ host: '127.0.0.1', port, path: request.url, method: request.method },
    ...{ headers: pick(request.headers, isIndex(request) ? passedForPage : passed) },
    timeout: answerMs,
  });
  asking.once('response', (answer) => {
    reply.code(answer.statusCode ?? 502);
    reply.headers({ ...pick(answer.headers, returned), ...ownOrigin });
    resolve(isPage(answer) ? sendPage(reply, answer) : reply.send(answer));
  });
  asking.once('timeout', () => asking.destroy(new Error('no answer')));
  asking.once('error', () => reject(boardAway()));
  asking.end(request.body instanceof Buffer ? request.body : undefined);
  return promise;
}

/** Bytes both ways until one side ends. */
function joinSockets(request: IncomingMessage, socket: Duplex, head: Buffer, port: number): void {
  const other = connect({ host: '127.0.0.1', port, noDelay: true });
  const end = (): void => {
    socket.destroy();
    other.destroy();
  };
  for (const side of [socket, other]) side.on('error', end).on('close', end);
  other.once('connect', () => {
    const headers = { host: `127.0.0.1:${port}`, ...pick(request.headers, passedForSockets) };
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    other.write(`GET ${request.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
    other.write(head);
    socket.pipe(other).pipe(socket);
  });
}

const boardAway = (): ProblemError =>
  new ProblemError(
    { status: 503, title: 'The board is away', detail: 'Node-RED does not answer just now.' },
    { 'retry-after': '10' },
  );
