/** The embedded ledger behind a loopback socket, so that web3.js talks to it as to any Solana node. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { MachineClock } from '../../../ports/clock.ts';
import { invitation, onlyReads } from './browser-door.ts';
import { openJournal } from './journal.ts';
import { openLedger } from './ledger.ts';
import { openRpc } from './rpc.ts';
import { type Ask, openTurns } from './turns.ts';

const bodyBytesMax = 64 * 1024;
const connectionsMax = 256;
/** Longer than any client of ours is busy with itself: a call on a connection that just closed fails. */
const keepAliveMs = 65_000;
const requestTimeoutMs = 10_000;
const softwareFailure = 70;

export type LedgerOptions = {
  /** The SQLite file; made when absent. */
  readonly file: string;
  readonly clock?: MachineClock;
  readonly wallMs?: () => number;
  /** Called when the journal could not keep what was executed; must end the process. */
  readonly die?: (error: unknown) => void;
  /** Of so many transactions everything is kept; of older ones only that they landed. */
  readonly transactionsKept?: number;
};
export type ServerOptions = LedgerOptions & { readonly host: '127.0.0.1'; readonly port: number };
export type LedgerServer = AsyncDisposable & { readonly port: number; readonly url: string };

/** Serves until disposed. Throws when the file or the port is taken. */
export async function serveLedger(options: ServerOptions): Promise<LedgerServer> {
  await using opening = new AsyncDisposableStack();
  const { ask, close } = openLocalRpc(options);
  opening.defer(close);
  const server = createServer((request, response) => void answer(ask, request, response));
  server.maxConnections = connectionsMax;
  server.requestTimeout = requestTimeoutMs;
  server.keepAliveTimeout = keepAliveMs;
  await listen(server, options);
  opening.defer(() => stop(server));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the ledger has no port');
  const open = opening.move();
  return {
    port: address.port,
    url: `http://${options.host}:${address.port}`,
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

/** The same ledger without a socket: for `Connection`'s fetch option. */
export function openLocalLedger(options: LedgerOptions): Disposable & { fetch: typeof fetch } {
  const { ask, close } = openLocalRpc(options);
  return {
    fetch: async (_url, init) =>
      new Response((await ask(String(init?.body))) ?? null, { headers: json }),
    [Symbol.dispose]: close,
  };
}

function openLocalRpc(options: LedgerOptions) {
  const journal = openJournal(options.file, options);
  const ledger = openLedger({
    journal,
    clock: options.clock ?? { elapsedMs: () => performance.now() },
    wallMs: options.wallMs ?? Date.now,
    die: options.die ?? endProcess,
  });
  return { ask: openTurns(ledger, openRpc(ledger)), close: ledger.close };
}

function endProcess(error: unknown): void {
  process.stderr.write(`the ledger could not write its journal and ends: ${String(error)}\n`);
  process.exit(softwareFailure);
}

const json = { 'content-type': 'application/json' };

async function answer(ask: Ask, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const isFromPage = request.headers.origin !== undefined;
  const end = (status: number, body?: string) => {
    const headers = isFromPage ? invitation : {};
    response.writeHead(status, body === undefined ? headers : { ...headers, ...json }).end(body);
  };
  try {
    if (request.method === 'GET' && request.url === '/health') return end(200, '"ok"');
    if (request.method === 'OPTIONS' && isFromPage) return end(204);
    if (request.method !== 'POST') return end(405);
    // A web page may post text anywhere without asking first, but JSON only after our invitation.
    if (!request.headers['content-type']?.startsWith('application/json')) return end(415);
    const body = await bodyOf(request);
    if (body === undefined) {
      response.setHeader('connection', 'close');
      return end(413);
    }
    if (isFromPage && !onlyReads(body)) return end(403);
    const said = await ask(body);
    end(said === undefined ? 204 : 200, said);
  } catch {
    // The caller went away in the middle of its sentence, or the ledger could not keep what it did.
    response.destroy();
  }
}

async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > bodyBytesMax) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function listen(server: Server, { host, port }: ServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve());
  });
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
