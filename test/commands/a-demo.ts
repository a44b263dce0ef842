/** A running demo, as its output describes it, with questions to the hub and to the simulated world. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { begin, type Environment, type Place, type Program, until } from './programs.ts';

export type Trade = {
  readonly id: string;
  readonly origin: string;
  readonly sellerId: string;
  readonly buyerId: string;
  readonly energyWh: number;
  readonly priceCentsPerKwh: number;
  readonly amountCents: number;
  readonly state: string;
  readonly checkoutRequestId: string | null;
  readonly receipt: string | null;
  readonly signature: string | null;
  readonly payoutId: string | null;
};
export type Ledger = {
  readonly trialBalanceCents: number;
  readonly trialBalanceWh: number;
  readonly accounts: readonly { account: string; unit: string; balance: number }[];
};
export type Ordered = {
  readonly trade: { readonly id: string };
  readonly payment: { readonly tx_id: string; readonly status: string };
};

const example = { phone: '254708374149', seller_phone: '254700123456' };

export type RunningDemo = AsyncDisposable & {
  readonly program: Program;
  readonly url: string;
  readonly chainUrl: string;
  readonly pids: {
    readonly chain: number;
    readonly simulators: number;
    readonly gateway: number;
  };
  /** The hub's API as its operator; rejects while the hub is away. */
  api<T>(path: string): Promise<T>;
  trades(): Promise<Trade[]>;
  /** The example's buyer buys from the example's seller. */
  buy(amount: number, price: number): Promise<Ordered>;
  control<T>(path: string): Promise<T>;
  order(path: string): Promise<void>;
};

/** Starts `demo WORDS…` in the folder and waits until it says where to look. */
export async function aDemo(
  dataDir: string,
  words: readonly string[],
  env: Environment = {},
  place: Place = {},
): Promise<RunningDemo> {
  const program = begin(['demo', '--data-dir', dataDir, ...words], env, place);
  try {
    const [, controlUrl = ''] = await program.says(/simulators (http:\S+\/control)/);
    const [, url = ''] = await program.says(/page +(http:\S+)\/\n/);
    const [, chainUrl = ''] = await program.says(/local ledger, one operator: (http:\S+)/);
    const [, chain, simulators, gateway] = await program.says(
      /processes: chain (\d+), simulators (\d+), gateway (\d+)/,
    );
    const pids = {
      chain: Number(chain),
      simulators: Number(simulators),
      gateway: Number(gateway),
    };
    const token = env['HUB_OPERATOR_TOKEN'] ?? operatorToken(dataDir);
    const operator = { authorization: `Bearer ${token}` };
    const api = <T>(path: string) => answer<T>(`${url}${path}`, { headers: operator });
    return {
      ...{ program, url, chainUrl, pids, api },
      trades: async () => (await api<{ trades: Trade[] }>('/api/trades?limit=500')).trades,
      buy: (amount, price) =>
        answer(`${url}/api/execute_trade`, {
          method: 'POST',
          headers: { ...operator, 'content-type': 'application/json' },
          body: JSON.stringify({ type: 'BUY', amount, price, ...example }),
        }),
      control: (path) => answer(`${controlUrl}${path}`),
      order: async (path) => {
        await answer(`${controlUrl}${path}`, { method: 'POST' });
      },
      [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
    };
  } catch (problem) {
    await program[Symbol.asyncDispose]();
    throw problem;
  }
}

export const operatorToken = (dataDir: string): string =>
  readFileSync(join(dataDir, 'operator-token'), 'utf8').trim();

/** Rejects on any answer but a good one, and when none comes. */
export async function answer<T>(url: string, init: RequestInit = {}): Promise<T> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(8_000) });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

/** Waits for trades that are closed by now, at least so many. */
export const closedTrades = (demo: RunningDemo, least: number): Promise<Trade[]> =>
  until(`${least} closed trades`, async () => {
    const trades = await demo.trades().catch(() => []);
    const closed = trades.filter(({ state }) => state === 'closed');
    return closed.length >= least && closed;
  });
