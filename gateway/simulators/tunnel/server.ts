/** A localtunnel server as the client meets it: a control call, a pool of TCP sockets for each name, routing by Host. */
import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  request as requestOver,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { listenInterruptibly } from '../interruptible-server.ts';
import { openPool, type Pool } from './pool.ts';

export type TunnelServerOptions = {
  /** 0 is any free port. */
  readonly port?: number;
  readonly domain?: string;
  /** Sockets for each client. */
  readonly poolSize?: number;
  /**
   * Gives addresses on loopback, which need no DNS: one port that leads to the youngest client, whoever that is.
   */
  readonly onLoopback?: boolean;
  /** How long a name is kept for a client that has lost all of its sockets. */
  readonly keptMs?: number;
};

/** What can be wrong with such a server; may be changed at any time. */
export type TunnelFaults = {
  /** Nobody gets the name that was asked for. */
  denySubdomain: boolean;
  /** Browsers see a page first. */
  interstitial: boolean;
  /** Answers every public request itself with 200 and this text, as whoever took the name would. */
  stranger: string | undefined;
};

export type PublicAnswer = { readonly status: number; readonly text: string };

export type TunnelServer = AsyncDisposable & {
  /** `http://127.0.0.1:<port>`, where clients ask for a name. */
  readonly url: string;
  readonly faults: TunnelFaults;
  /** Names in use. */
  registered(): string[];
  /** A request from the outside to one name. Resolves to status 0 when the server is away. */
  visit(host: string, path: string, options?: VisitOptions): Promise<PublicAnswer>;
  /** Away: every socket breaks and every name is forgotten. */
  stop(): Promise<void>;
  resume(): Promise<void>;
  /** Knows its clients no longer; their sockets stay open. */
  forget(): void;
  /** All sockets of clients break; names are kept for a moment. */
  cut(): void;
};

export type VisitOptions = {
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
};

const nameForm = /^[a-z0-9](?:[a-z0-9-]{2,61}[a-z0-9])$/;
const socketWaitMs = 1_000;
const keptUsualMs = 300;

/** Opens the server on loopback. */
export async function startTunnelServer(options: TunnelServerOptions = {}): Promise<TunnelServer> {
  const { port = 0, domain = 'tunnel.test', poolSize = 3, onLoopback = false } = options;
  const faults: TunnelFaults = { denySubdomain: false, interstitial: false, stranger: undefined };
  const names = openNames(faults, options.keptMs ?? keptUsualMs);
  const relay = async (request: IncomingMessage, response: ServerResponse, pool?: Pool) => {
    const { 'user-agent': agent = '', 'bypass-tunnel-reminder': bypass } = request.headers;
    if (faults.stranger !== undefined) return reply(response, 200, faults.stranger);
    if (faults.interstitial && /Mozilla/.test(agent) && bypass === undefined)
      return reply(response, 401, '<html>Friendly Reminder</html>');
    if (pool === undefined) return reply(response, 503, 'no such tunnel');
    await carry(request, response, pool);
  };
  const front = onLoopback
    ? await openFront((request, response) => relay(request, response, names.youngest()))
    : undefined;
  const control = async (request: IncomingMessage, response: ServerResponse) => {
    const wanted = (request.url ?? '/').slice(1).split('?')[0] ?? '';
    if (wanted !== '' && !nameForm.test(wanted))
      return reply(response, 403, '{"message":"Invalid subdomain"}');
    const { id, port: poolPort } = await names.register(wanted);
    const url = front?.url ?? `http://${id}.${domain}`;
    const answer = { id, port: poolPort, max_conn_count: poolSize, url };
    response.setHeader('content-type', 'application/json');
    reply(response, 200, JSON.stringify(answer));
  };
  const server = await listenInterruptibly((request, response) => {
    const host = (request.headers.host ?? '').split(':')[0] ?? '';
    const name = host.endsWith(`.${domain}`) ? host.slice(0, -domain.length - 1) : undefined;
    const done =
      name === undefined ? control(request, response) : relay(request, response, names.find(name));
    done.catch(() => response.destroy());
  }, port);
  const stop = async () => {
    names.breakAll();
    await server.stop();
  };
  return {
    ...{ url: server.url, faults, stop, resume: server.resume },
    ...{ registered: names.all, forget: names.forget, cut: names.cut },
    visit: (host, path, visitOptions) => visitAt(server.port, host, path, visitOptions),
    [Symbol.asyncDispose]: async () => {
      await stop();
      await front?.close();
    },
  };
}

/** Who holds which name. */
function openNames(faults: TunnelFaults, keptMs: number) {
  const pools = new Map<string, Pool>();
  const forgotten: Pool[] = [];
  let given = 0;
  return {
    all: () => [...pools.keys()],
    find: (name: string) => pools.get(name),
    youngest: () => [...pools.values()].at(-1),
    register: async (wanted: string): Promise<Pool> => {
      const isFree = wanted !== '' && !faults.denySubdomain && !pools.has(wanted);
      if (!isFree) given += 1;
      const id = isFree ? wanted : `rnd-${given}`;
      const pool = await openPool(id, keptMs, () => {
        // The name may belong to a younger client by now.
        if (pools.get(id) === pool) pools.delete(id);
      });
      pools.set(id, pool);
      return pool;
    },
    cut: () => {
      for (const pool of pools.values()) pool.cut();
    },
    forget: () => {
      for (const pool of pools.values()) {
        pool.fallSilent();
        forgotten.push(pool);
      }
      pools.clear();
    },
    breakAll: () => {
      for (const pool of [...pools.values(), ...forgotten.splice(0)]) pool.close();
      pools.clear();
    },
  };
}

/** Sends one request over a socket of the pool, as the real server does. */
async function carry(request: IncomingMessage, response: ServerResponse, pool: Pool) {
  const socket = await pool.take(socketWaitMs);
  if (socket === undefined) return reply(response, 504, 'no socket of the tunnel is free');
  const onward = requestOver({
    createConnection: () => socket,
    ...{ method: request.method, path: request.url },
    headers: { ...request.headers, connection: 'close' },
  });
  onward.on('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  onward.on('error', () => {
    if (response.headersSent) response.destroy();
    else reply(response, 502, 'the tunnel broke');
  });
  request.pipe(onward);
}

function reply(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status);
  response.end(text);
}

async function openFront(
  answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
) {
  const server: Server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** Without DNS: loopback with the Host header of the tunnel. */
const visitAt = (port: number, host: string, path: string, options: VisitOptions = {}) =>
  new Promise<PublicAnswer>((resolve) => {
    const { method = 'GET', body = '', headers = {} } = options;
    const asking = requestOver({
      ...{ host: '127.0.0.1', port, path, method, agent: false },
      headers: { host, ...headers },
    });
    asking.on('response', (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
      answer.on('error', () => resolve({ status: 0, text }));
    });
    asking.on('error', () => resolve({ status: 0, text: '' }));
    asking.end(body);
  });
