/** What stands before every call: body limit, token, content type, faults on order; and how a reply leaves. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Call, CallRequest } from './call.ts';
import type { Fault, FaultDesk } from './faults.ts';
import type { Names } from './names.ts';
import { type Reply, refused, spikeArrest, systemBusy } from './replies.ts';
import type { Tokens } from './tokens.ts';

const bodyMaxBytes = 16_384;

type Needs = {
  readonly calls: readonly Call[];
  readonly names: Names;
  readonly tokens: Tokens;
  readonly faults: FaultDesk;
  /** Whether M-Pesa has too much to do already. */
  readonly isBusy: () => boolean;
  /** Counts a product call; true when it is one too many. */
  readonly isSpike: () => boolean;
};

/** The door. Every request gets a reply or loses its connection; none throws. */
export function openFrontDoor(needs: Needs): RequestListener {
  return (request, response) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= bodyMaxBytes) chunks.push(chunk);
      else if (!response.headersSent) response.writeHead(413, { Connection: 'close' }).end();
    });
    request.on('end', () => {
      if (bytes <= bodyMaxBytes) serve(needs, request, response, Buffer.concat(chunks));
    });
    request.on('error', () => response.destroy());
  };
}

function serve(
  needs: Needs,
  request: IncomingMessage,
  response: ServerResponse,
  body: Buffer,
): void {
  const { names, calls, faults } = needs;
  const url = URL.parse(request.url ?? '/', 'http://127.0.0.1');
  const here = calls.filter(({ path }) => path === url?.pathname);
  const call = here.find(({ method }) => method === request.method);
  if (url === null || call === undefined) {
    const [code, message] =
      here.length === 0 ? ['404.001.01', 'Resource not found'] : ['405.001', 'Method Not Allowed'];
    send(response, refused(names.request(), code, message));
    return;
  }
  if (call.needsToken && needs.isSpike()) return send(response, spikeArrest);
  const asked = { headers: request.headers, query: url.searchParams, body: parsed(body) };
  const fault = faults.take(call.name, concerned(asked.body));
  if (fault !== undefined && meet(fault, names, response)) return;
  deliver(response, replyTo(needs, call, asked), fault);
}

/** Whom a request concerns, so that the dice throw for each phone apart. Ids of prompts end with the phone's digits. */
function concerned(body: unknown): string {
  const fields = new Map(typeof body === 'object' && body !== null ? Object.entries(body) : []);
  const names = ['PhoneNumber', 'PartyB', 'Msisdn', 'CheckoutRequestID'];
  const given = names.map((name) => fields.get(name)).find((value) => value !== undefined);
  return typeof given === 'string' || typeof given === 'number' ? String(given).slice(-9) : '';
}

function replyTo({ names, tokens, isBusy }: Needs, call: Call, request: CallRequest): Reply {
  if (!call.needsToken) return call.answer(request);
  const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined)
    return refused(names.request(), '404.001.04', 'Invalid Authentication Header');
  if (!tokens.isValid(token)) return refused(names.request(), '404.001.03', 'Invalid Access Token');
  if (isBusy()) return systemBusy(names.request());
  // The real gateway does not see the fields of another content type, and complains about the first.
  const isJson = /^application\/json\b/i.test(request.headers['content-type'] ?? '');
  return call.answer(isJson ? request : { ...request, body: undefined });
}

/** Faults that keep the request from being carried out; true when this was one. */
function meet({ kind }: Fault, names: Names, response: ServerResponse): boolean {
  switch (kind) {
    case 'reset':
      response.destroy();
      return true;
    case 'html':
      response
        .writeHead(502, { 'Content-Type': 'text/html' })
        .end('<html><body><h1>502 Bad Gateway</h1></body></html>');
      return true;
    case 'empty':
      send(response, { status: 502, body: undefined });
      return true;
    case 'busy':
      send(response, systemBusy(names.request()));
      return true;
    case 'spikeArrest':
      send(response, spikeArrest);
      return true;
    case 'badToken':
      send(response, refused(names.request(), '404.001.03', 'Invalid Access Token'));
      return true;
    case 'dropAnswer':
    case 'slow':
    case 'drip':
      return false;
  }
}

function deliver(response: ServerResponse, reply: Reply, fault: Fault | undefined): void {
  if (reply.after !== undefined) {
    const { after, ...rest } = reply;
    void after.then(() => deliver(response, rest, fault));
    return;
  }
  if (reply.lost || fault?.kind === 'dropAnswer') response.destroy();
  else if (fault?.kind === 'slow') sendLate(response, reply, fault.slowMs);
  else if (fault?.kind === 'drip') drip(response, reply, fault.slowMs);
  else send(response, reply);
}

function send(response: ServerResponse, { status, body }: Reply): void {
  if (body === undefined) response.writeHead(status, { 'Content-Length': 0 }).end();
  else response.writeHead(status, jsonHeaders).end(JSON.stringify(body));
}

const jsonHeaders = { 'Content-Type': 'application/json;charset=UTF-8' };

/** Letter by letter over `slowMs`, which a deadline between two letters never notices. */
function drip(response: ServerResponse, { status, body }: Reply, slowMs: number): void {
  const text = body === undefined ? '' : JSON.stringify(body);
  response.writeHead(status, jsonHeaders);
  let sent = 0;
  const dripping = setInterval(
    () => {
      if (sent < text.length) response.write(text.charAt(sent++));
      else response.end();
    },
    slowMs / (text.length + 1),
  );
  response.once('close', () => clearInterval(dripping));
}

function sendLate(response: ServerResponse, reply: Reply, lateMs: number): void {
  const waiting = setTimeout(() => send(response, reply), lateMs);
  response.once('close', () => clearTimeout(waiting));
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
