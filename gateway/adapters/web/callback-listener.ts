/**
 * The only door that the tunnel exposes: M-Pesa's callbacks and the tunnel's probe, and nothing else.
 * What comes in is kept as bytes and answered; reading it is somebody else's work.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import type { Duplex } from 'node:stream';
import type { CallbackDesk } from '../../ports/desk.ts';
import type { Log } from '../../ports/log.ts';
import {
  type CallbackCounts,
  type CallbackLimits,
  type ConnectionEnd,
  connectionEnds,
  type Outcome,
  outcomes,
  usualCallbackLimits,
} from './callback-limits.ts';
import { countedBody } from './counted-body.ts';
import { openPlaces, type Places } from './places.ts';
import { rateWindow } from './rate-window.ts';

/** What the world sees of each end. The two 404s are the same answer: a guess learns nothing. */
const statusOf: Readonly<Record<Outcome, number>> = {
  kept: 200,
  unknown: 404,
  'too-many': 429,
  'not-kept': 503,
  'not-found': 404,
  'too-large': 413,
  'wrong-type': 415,
  'not-an-object': 400,
  'broken-off': 400,
  probe: 200,
};

export interface CallbackListener extends AsyncDisposable {
  readonly port: number;
  counts(): CallbackCounts;
}

export type CallbackOptions = {
  /** 0 takes any free port; always on 127.0.0.1. */
  readonly port: number;
  readonly desk: CallbackDesk;
  readonly log: Log;
  /** The text that answers a probe's nonce; undefined for a nonce that gets no answer. */
  readonly probe?: (nonce: string) => string | undefined;
  readonly limits?: Partial<CallbackLimits>;
  /** Machine time for the rate limits. */
  readonly elapsedMs?: () => number;
};

const callbackPath = /^\/api\/payment\/callback\/([0-9a-f]{32})$/;
const probePath = /^\/\.hub\/probe\/([0-9a-f]{32})$/;
const jsonType = /^application\/json\s*(?:;|$)/i;
const minuteMs = 60_000;
const secondMs = 1_000;
const requestsPerSocketMax = 100;
const lateCode = 'ERR_HTTP_REQUEST_TIMEOUT';
/** What Daraja expects to hear, so that it does not send the same again. */
const accepted = '{"ResultCode":0,"ResultDesc":"Accepted"}';

/** Opens the listener; rejects when the port is taken. */
export async function openCallbackListener(options: CallbackOptions): Promise<CallbackListener> {
  const limits = { ...usualCallbackLimits, ...options.limits };
  const counted = Object.fromEntries(
    [...outcomes, ...connectionEnds].map((name) => [name, 0]),
  ) as Record<Outcome | ConnectionEnd, number>;
  const count = (end: Outcome | ConnectionEnd): void => {
    counted[end] += 1;
  };
  const places = openPlaces({
    placesMost: limits.connectionsMax,
    onMadeRoom: () => count('made-room'),
  });
  const decide = decider(options, limits, places);

  const server = createServer({
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    connectionsCheckingInterval: limits.checkEveryMs,
    maxHeaderSize: limits.headerBytesMax,
  });
  server.maxRequestsPerSocket = requestsPerSocketMax;
  server.on('connection', places.take);
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    // A tunnel dials before it has anything to say; an early goodbye would reach M-Pesa as our answer.
    if (error.code === lateCode && (socket as Socket).bytesRead === 0) return;
    if (error.code !== 'ECONNRESET') count(hangUp(error.code, socket));
    else socket.destroy();
  });
  server.on('request', async (request, response) => {
    const decision = await decide(request);
    count(decision.outcome);
    answer(request, response, { ...decision, lingerMs: limits.lingerMs });
  });

  const port = await listen(server, options.port);
  return {
    port,
    counts: () => ({ ...counted }),
    [Symbol.asyncDispose]: () => close(server),
  };
}

/** The same words as Node's own, but counted. */
function hangUp(code: string | undefined, socket: Duplex): ConnectionEnd {
  const isLate = code === lateCode;
  const status = isLate ? '408 Request Timeout' : '400 Bad Request';
  if (socket.writable) socket.write(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`);
  socket.destroy();
  return isLate ? 'timed-out' : 'malformed';
}

type Decision = { readonly outcome: Outcome; readonly text: string };

function decider(
  { desk, log, probe, ...options }: CallbackOptions,
  limits: CallbackLimits,
  places: Places,
) {
  const elapsedMs = options.elapsedMs ?? (() => performance.now());
  const admit = admission(limits, elapsedMs);
  // A full disk refuses many callbacks; the keeper needs to hear of it once a minute.
  const warnings = rateWindow({ perWindow: 1, windowMs: minuteMs, keysMax: 1 }, elapsedMs);
  const warn = (message: string, error: unknown): void => {
    if (!warnings.admit('')) return;
    log.error(message, { error: error instanceof Error ? error.name : 'unknown' });
  };

  /** Books that cannot say take nothing away: whether the path lives is asked again when it is kept. */
  const useOf = (token: string) => {
    try {
      return desk.useOf(token);
    } catch (error) {
      warn('a callback path could not be looked up', error);
      return 'once';
    }
  };
  const keep = (token: string, body: Uint8Array): Outcome => {
    try {
      return desk.keep(token, body);
    } catch (error) {
      warn('a callback could not be kept', error);
      return 'not-kept';
    }
  };

  const callback = async (request: IncomingMessage, token: string): Promise<Outcome> => {
    const use = useOf(token);
    if (use === 'none') return 'unknown';
    places.trust(request.socket, 'path');
    if (!admit(token, use)) return 'too-many';
    const { 'content-type': type, 'content-encoding': encoding } = request.headers;
    if (encoding !== undefined || !jsonType.test(type ?? '')) return 'wrong-type';
    const body = await countedBody(request, limits.bodyBytesMax);
    if (!body.ok) return body.error;
    places.trust(request.socket, 'whole');
    return startsAnObject(body.value) ? keep(token, body.value) : 'not-an-object';
  };

  return async (request: IncomingMessage): Promise<Decision> => {
    const { method, url = '' } = request;
    const token = callbackPath.exec(url)?.[1];
    if (method === 'POST' && token !== undefined) {
      const outcome = await callback(request, token);
      return { outcome, text: outcome === 'kept' ? accepted : '' };
    }
    const nonce = probePath.exec(url)?.[1];
    const proof = method === 'GET' && nonce !== undefined ? probe?.(nonce) : undefined;
    return proof === undefined
      ? { outcome: 'not-found', text: '' }
      : { outcome: 'probe', text: proof };
  };
}

/** Who knows one path can fill only its own share; the first request of a path in a minute is always heard. */
function admission(limits: CallbackLimits, elapsedMs: () => number) {
  const { perSecond, perPathPerMinute, perStandingPathPerMinute, pathsRemembered } = limits;
  const overall = rateWindow({ perWindow: perSecond, windowMs: secondMs, keysMax: 1 }, elapsedMs);
  const perMinute = { windowMs: minuteMs, keysMax: pathsRemembered };
  const first = rateWindow({ ...perMinute, perWindow: 1 }, elapsedMs);
  const once = rateWindow({ ...perMinute, perWindow: perPathPerMinute }, elapsedMs);
  const standing = rateWindow({ ...perMinute, perWindow: perStandingPathPerMinute }, elapsedMs);
  return (token: string, use: 'once' | 'standing'): boolean => {
    const share = use === 'once' ? once : standing;
    return share.admit(token) && (first.admit(token) || overall.admit(''));
  };
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { outcome, text, lingerMs }: Decision & { readonly lingerMs: number },
): void {
  response.writeHead(statusOf[outcome], {
    'content-type': outcome === 'kept' ? 'application/json' : 'text/plain',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
  });
  response.end(text);
  if (request.complete) return;
  // Closing on unread bytes would reset the connection before the sender has read our answer.
  const linger = setTimeout(() => request.socket.destroy(), lingerMs);
  linger.unref();
  request.once('close', () => clearTimeout(linger));
  request.resume();
}

const blanks = new Set([0x20, 0x09, 0x0a, 0x0d]);
const openingBrace = 0x7b;

/** Cheap on purpose: whether it is whole JSON is found out by the one who reads it. */
const startsAnObject = (body: Uint8Array): boolean =>
  body.find((byte) => !blanks.has(byte)) === openingBrace;

const listen = (server: Server, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') return reject(new Error('no TCP port'));
      resolve(address.port);
    });
  });

const close = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
