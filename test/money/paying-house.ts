/** A real gateway in its own process, the simulated M-Pesa, and the tunnel between them, which sees every path. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { openBooks } from '../../gateway/adapters/sqlite/open.ts';
import {
  simulatedMpesa,
  simulatedMpesaEnvironment,
} from '../../gateway/commands/simulated-mpesa.ts';
import {
  type MpesaSimulator,
  startMpesaSimulator,
} from '../../gateway/simulators/daraja/simulator.ts';
import { answer } from '../commands/a-demo.ts';
import { aFolder, type Environment, until } from '../commands/programs.ts';
import { corner, kiosk, moveIn, nine, phoneOf } from '../support/neighbourhood.ts';
import { writeDown } from '../support/transcript.ts';

export const operatorToken = 'operator-token-of-the-paying-house';
/** Nobody listens there: tokens wait, which is none of a payment's business. */
const noLedger = 'http://127.0.0.1:9';
const energyWh = 50_000;

export type Payment = { readonly transactionId: string; readonly tradeId: string };
type Ordered = {
  readonly trade: { readonly id: string };
  readonly payment: { readonly tx_id: string };
};

export type PayingHouse = AsyncDisposable & {
  readonly gateway: Gateway;
  readonly mpesa: MpesaSimulator;
  readonly url: string;
  readonly callbackPort: number;
  readonly mqttPort: number;
  readonly dataDir: string;
  /** Callback paths in the order in which M-Pesa used them, and what the hub answered. */
  readonly carried: readonly { readonly path: string; readonly status: number }[];
  get<T>(path: string): Promise<T>;
  /** The kiosk buys from the corner house; resolves when its phone rings. */
  order(amountKwh: number): Promise<Payment>;
  statusOf(payment: Payment): Promise<string>;
  /** Types the PIN and waits for the credit; answers with its ms. */
  payAndWait(payment: Payment): Promise<number>;
  /** Of books.db, read beside the running hub. */
  count(table: 'inbox' | 'callback_path'): number;
  /** Callbacks that wait to be read. */
  unread(): number;
};

/** Opens it all; `env` is for the gateway. */
export async function openPayingHouse(env: Environment = {}): Promise<PayingHouse> {
  await using opening = new AsyncDisposableStack();
  const folder = opening.use(aFolder());
  furnish(folder.path);
  const publicKeyFile = join(folder.path, 'mpesa-simulator.pem');
  const begunAt = performance.now();
  const mpesa = opening.use(
    await startMpesaSimulator({
      ...{ ...simulatedMpesa, port: 0, seed: 1, publicKeyFile, manual: true, emptyQueryShare: 0 },
      clock: { now: () => nine + (performance.now() - begunAt), speed: 1 },
    }),
  );
  const tunnel = opening.use(await openTunnel());
  const gateway = opening.use(
    startGateway({
      ...simulatedMpesaEnvironment(mpesa.url, publicKeyFile),
      ...{ HUB_DATA_DIR: folder.path, HUB_OPERATOR_TOKEN: operatorToken },
      ...{ SOLANA_CLUSTER: 'embedded', SOLANA_RPC_URLS: noLedger, READINGS_COMMIT_MS: '10' },
      ...{ PAYMENT_CALLBACK_URL: tunnel.url, MPESA_REQUESTS_PER_SECOND: '20' },
      HUB_CLOCK: `${process.hrtime.bigint()}:${nine}:1`,
      ...env,
    }),
  );
  const ports = await gateway.ready;
  tunnel.leadsTo(ports.callbackPort);
  const url = `http://127.0.0.1:${ports.httpPort}`;
  const operator = { authorization: `Bearer ${operatorToken}` };
  const get = <T>(path: string) => answer<T>(`${url}${path}`, { headers: operator });
  const statusOf = async ({ transactionId }: Payment) =>
    (await get<{ status: string }>(`/api/payment/status/${transactionId}`)).status;

  const open = opening.move();
  return {
    ...{ gateway, mpesa, url, get, statusOf, dataDir: folder.path, carried: tunnel.carried },
    ...ports,
    order: async (amountKwh) => {
      const { trade, payment } = await answer<Ordered>(`${url}/api/execute_trade`, {
        method: 'POST',
        headers: { ...operator, 'content-type': 'application/json' },
        body: JSON.stringify({
          ...{ type: 'BUY', amount: amountKwh, price: 12 },
          ...{ phone: phoneOf(kiosk), seller_phone: phoneOf(corner) },
        }),
      });
      return { transactionId: payment.tx_id, tradeId: trade.id };
    },
    payAndWait: async (payment) => {
      const typed = performance.now();
      if (!mpesa.answer(payment.transactionId, 'pay')) throw new Error('no prompt is open');
      await until('the payment is credited', async () => (await statusOf(payment)) === 'completed');
      return performance.now() - typed;
    },
    count: (table) => rowsOf(folder.path, table),
    unread: () => rowsOf(folder.path, 'inbox WHERE read_as IS NULL'),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

function rowsOf(dataDir: string, what: string): number {
  const books = new Database(join(dataDir, 'books.db'), { readonly: true });
  const row = books.prepare(`SELECT count(*) AS n FROM ${what}`).get() as { n: number };
  books.close();
  return row.n;
}

function furnish(dataDir: string): void {
  using books = openBooks(join(dataDir, 'books.db'));
  books.together(() => moveIn(books, { energy: { [corner]: energyWh } }));
}

type Ports = {
  readonly httpPort: number;
  readonly callbackPort: number;
  readonly mqttPort: number;
};
export type Gateway = AsyncDisposable & {
  readonly pid: number;
  readonly ready: Promise<Ports>;
  /** Everything that it wrote. */
  said(): string;
};

const cli = join(import.meta.dirname, '../../gateway/cli.ts');
/** As `start` runs under its supervisor on a Pi. */
const smallHeap = ['--max-semi-space-size=2', '--max-old-space-size=128'];
const anyPort = { HTTP_PORT: '0', CALLBACK_PORT: '0', MQTT_PORT: '0', MQTTS_PORT: '0' };

function startGateway(env: Environment): Gateway {
  const { PATH = '', NODE_COMPILE_CACHE, NODE_V8_COVERAGE } = process.env;
  const child = spawn(process.execPath, [...smallHeap, cli, 'start'], {
    cwd: env['HUB_DATA_DIR'],
    env: { ...anyPort, PATH, NODE_COMPILE_CACHE, NODE_V8_COVERAGE, MALLOC_ARENA_MAX: '2', ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk;
      writeDown(chunk);
    });
  const gone = once(child, 'exit');
  const ready = Promise.race([
    once(child, 'message').then(([ports]) => ports as Ports),
    gone.then(() => Promise.reject(new Error(`the gateway ended: ${said}`))),
  ]);
  ready.catch(() => {});
  return {
    pid: child.pid ?? 0,
    ready,
    said: () => said,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM');
      await gone;
    },
  };
}

/** Carries what comes to its address into the hub, as a tunnel does, and remembers the paths. */
async function openTunnel() {
  const carried: { path: string; status: number }[] = [];
  let port = 0;
  const server = createServer((incoming, outgoing) => {
    const { method, url: path = '', headers } = incoming;
    const onward = request({ port, host: '127.0.0.1', method, path, headers, agent: false });
    onward.on('response', (answered: IncomingMessage) => {
      // The hub's own probes come this way too.
      if (path.startsWith('/api/')) carried.push({ path, status: answered.statusCode ?? 0 });
      outgoing.writeHead(answered.statusCode ?? 502);
      answered.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    carried,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    leadsTo: (callbackPort: number) => {
      port = callbackPort;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
