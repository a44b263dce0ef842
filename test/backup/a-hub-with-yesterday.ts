/** A real hub in its own process, a simulated M-Pesa and a ledger of others: both remember what the hub forgets. */
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { serveLedger } from '../../gateway/adapters/solana/embedded/server.ts';
import { openBooks } from '../../gateway/adapters/sqlite/open.ts';
import {
  simulatedMpesa,
  simulatedMpesaEnvironment,
} from '../../gateway/commands/simulated-mpesa.ts';
import type { HouseholdId } from '../../gateway/core/ids.ts';
import {
  type MpesaSimulator,
  startMpesaSimulator,
} from '../../gateway/simulators/daraja/simulator.ts';
import { answer, type Ordered, type Trade } from '../commands/a-demo.ts';
import {
  aFolder,
  begin,
  type Ended,
  type Environment,
  type Program,
  run,
  until,
} from '../commands/programs.ts';
import { corner, moveIn, nine, phoneOf } from '../support/neighbourhood.ts';

const operatorToken = 'operator-token-of-yesterdays-house';
const energyWh = 50_000;
/** How much faster than a real one the ledger makes its slots. */
const ledgerHurry = 5;

export type HubWithYesterday = AsyncDisposable & {
  readonly mpesa: MpesaSimulator;
  readonly folder: string;
  start(): Promise<void>;
  stop(): Promise<void>;
  chainGoes(): Promise<void>;
  chainComes(): Promise<void>;
  /** A command as the keeper types it. */
  types(...words: string[]): Promise<Ended>;
  trades(): Promise<Trade[]>;
  /** Somebody buys from the corner house and types the PIN, and the trade gets as far as this. */
  sale(buyer: HouseholdId, amountKwh: number, ...states: string[]): Promise<void>;
  /** What arrived at phones, in cents. */
  paidOut(): number[];
  /** One number out of the books. */
  count(sql: string): number;
};

type World = {
  readonly mpesa: MpesaSimulator;
  readonly folder: string;
  readonly dataDir: string;
  readonly url: string;
  readonly env: Environment;
  readonly serve: () => Promise<AsyncDisposable>;
};

/** Opens it with the hub running. */
export async function aHubWithYesterday(): Promise<HubWithYesterday> {
  await using opening = new AsyncDisposableStack();
  const folder = opening.use(aFolder());
  const dataDir = join(folder.path, 'data');
  const passphraseFile = join(folder.path, 'passphrase');
  writeFileSync(passphraseFile, 'under the third mango tree\n', { mode: 0o600 });
  const publicKeyFile = join(folder.path, 'mpesa.pem');
  const begunAt = performance.now();
  const mpesa = opening.use(
    await startMpesaSimulator({
      ...{ ...simulatedMpesa, port: 0, seed: 1, publicKeyFile, manual: true, emptyQueryShare: 0 },
      clock: { now: () => nine + (performance.now() - begunAt), speed: 1 },
    }),
  );
  const [httpPort, callbackPort, chainPort = 0] = await freePorts(3);
  const env = {
    ...simulatedMpesaEnvironment(mpesa.url, publicKeyFile),
    ...{ HUB_DATA_DIR: dataDir, HUB_OPERATOR_TOKEN: operatorToken, READINGS_COMMIT_MS: '10' },
    ...{ HTTP_PORT: `${httpPort}`, CALLBACK_PORT: `${callbackPort}` },
    ...{ SOLANA_CLUSTER: 'embedded', SOLANA_RPC_URLS: `http://127.0.0.1:${chainPort}` },
    ...{ PAYMENT_CALLBACK_URL: `http://127.0.0.1:${callbackPort}` },
    ...{ MPESA_REQUESTS_PER_SECOND: '20', BACKUP_PASSPHRASE_PATH: passphraseFile },
    HUB_CLOCK: `${process.hrtime.bigint()}:${nine}:1`,
  };
  const serve = () =>
    serveLedger({
      ...{ file: join(folder.path, 'ledger.db'), host: '127.0.0.1', port: chainPort },
      clock: { elapsedMs: () => performance.now() * ledgerHurry },
    });
  mkdirSync(dataDir, { mode: 0o700 });
  furnish(dataDir);
  const url = `http://127.0.0.1:${httpPort}`;
  const hub = controls({ mpesa, folder: folder.path, dataDir, url, env, serve });
  opening.defer(() => hub.chainGoes());
  opening.defer(() => hub.stop());
  await hub.chainComes();
  await hub.start();
  const open = opening.move();
  return { ...hub, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

function controls(world: World): Omit<HubWithYesterday, typeof Symbol.asyncDispose> {
  const { mpesa, folder, dataDir, env, serve } = world;
  let ledger: AsyncDisposable | undefined;
  let program: Program | undefined;
  const { trades, sale } = trading(world);
  return {
    ...{ mpesa, folder, trades, sale },
    start: async () => {
      program = begin(['start'], env);
      await program.says(/Jirani runs/);
    },
    stop: async () => {
      program?.signal('SIGTERM');
      await program?.ended;
      program = undefined;
    },
    chainGoes: async () => {
      await ledger?.[Symbol.asyncDispose]();
      ledger = undefined;
    },
    chainComes: async () => {
      ledger ??= await serve();
    },
    types: (...words) => run(words, env),
    paidOut: () =>
      mpesa
        .payouts()
        .filter(({ state }) => state === 'paid')
        .map(({ amountCents }) => amountCents),
    count: (sql) => {
      const books = new Database(join(dataDir, 'books.db'), { readonly: true });
      try {
        return Object.values(books.prepare(sql).get() as Record<string, number>)[0] ?? 0;
      } finally {
        books.close();
      }
    },
  };
}

function trading({ mpesa, url }: World): Pick<HubWithYesterday, 'trades' | 'sale'> {
  const headers = { authorization: `Bearer ${operatorToken}`, 'content-type': 'application/json' };
  const trades = async () =>
    (await answer<{ trades: Trade[] }>(`${url}/api/trades`, { headers })).trades;
  return {
    trades,
    sale: async (buyer, amount, ...states) => {
      const phones = { phone: phoneOf(buyer), seller_phone: phoneOf(corner) };
      const body = JSON.stringify({ type: 'BUY', amount, price: 12, ...phones });
      const { trade, payment } = await answer<Ordered>(`${url}/api/execute_trade`, {
        ...{ method: 'POST', headers, body },
      });
      await until('the PIN is typed', async () => mpesa.answer(payment.tx_id, 'pay'));
      await until(`the trade is ${states}`, async () =>
        (await trades()).some(({ id, state }) => id === trade.id && states.includes(state)),
      );
    },
  };
}

/** Sellers are paid at once, from KES 10 on. */
function furnish(dataDir: string): void {
  using books = openBooks(join(dataDir, 'books.db'));
  books.together(() => {
    moveIn(books, { energy: { [corner]: energyWh } });
    books.settings.change('payoutDaily', 0, nine);
    books.settings.change('payoutLeastCents', 1_000, nine);
  });
}

/** Ports that were free a moment ago. */
async function freePorts(many: number): Promise<number[]> {
  const servers = Array.from({ length: many }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  for (const server of servers) server.close();
  return ports;
}
