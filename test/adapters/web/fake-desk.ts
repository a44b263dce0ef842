/** A desk of one small neighbourhood: the corner house sells to the kiosk. Remembers what it was asked. */

import type { BoardView } from '../../../gateway/adapters/web/board-view.ts';
import { openWeb } from '../../../gateway/adapters/web/open-web.ts';
import type { EventSource, WebOptions } from '../../../gateway/adapters/web/web-options.ts';
import { fail, ok } from '../../../gateway/core/result.ts';
import { type RollupWidth, rollupWidths } from '../../../gateway/core/rollup.ts';
import type { HubEvent } from '../../../gateway/events/hub-event.ts';
import type {
  Desk,
  Problem,
  ReadingView,
  RollupView,
  TradeOrder,
  TradeView,
} from '../../../gateway/ports/desk.ts';
import type { Log } from '../../../gateway/ports/log.ts';

export const token = 'operator-token-of-the-test';
export const kioskPhone = '254708374149';
export const cornerPhone = '254700123456';

export const anOrder = (changes: Readonly<Record<string, unknown>> = {}) => ({
  type: 'BUY',
  amount: 2.5,
  price: 12.0,
  phone: kioskPhone,
  seller_phone: cornerPhone,
  ...changes,
});

const missing = (what: string): Problem => ({
  status: 404,
  title: 'Not found',
  detail: `No ${what} has this id.`,
});

const aTrade: TradeView = {
  id: '01TRADE',
  origin: 'order',
  sellerId: 'corner-house',
  buyerId: 'kiosk',
  energyWh: 2500,
  priceCentsPerKwh: 1200,
  amountCents: 3000,
  state: 'awaiting-funds',
  checkoutRequestId: 'ws_CO_1',
  receipt: null,
  signature: null,
  payoutId: null,
  createdAt: '2026-01-10T06:00:00.000Z',
};

const aHousehold = {
  id: 'kiosk',
  name: 'Achieng’s kiosk',
  phone: '254708***149',
  role: 'buyer',
  walletCents: 0,
  earningsCents: 0,
  energyWh: 0,
  boughtWh: 0,
  needWh: 3000,
};

const aReading = (minute: number): ReadingView => ({
  meter: 'm1',
  sequence: minute,
  at: new Date(Date.UTC(2026, 0, 10, 6, minute)).toISOString(),
  importMwh: minute,
  exportMwh: 0,
  generationMwh: 0,
  powerMw: 0,
});

const aRollup = (width: RollupWidth): RollupView => ({
  ...{ meter: 'm1', at: new Date(Date.UTC(2026, 0, 10, 6)).toISOString() },
  readings: rollupWidths[width] / 10_000,
  ...{ importMwh: 20, exportMwh: 0, generationMwh: 0 },
  ...{ importRegisterMwh: 120, exportRegisterMwh: 0, generationRegisterMwh: 0 },
  ...{ powerMeanMw: 7_200, powerLeastMw: -1, powerMostMw: 9_000 },
});

export const aBoard: BoardView = {
  tradedWhToday: 12_500,
  tradedCentsToday: 15_000,
  openTrades: 1,
  paidCount: 4,
  creditedCount: 4,
  rateCentsPerKwh: 1850,
  surplusWh: 3200,
  sunWattsPerM2: 640,
  adviceGainedCents: 3_100,
  advicePossibleCents: 3_600,
  lastTrades: [
    {
      id: '01TRADE',
      energyWh: 2500,
      amountCents: 3000,
      state: 'awaiting-funds',
      at: '2026-01-10T06:00:00.000Z',
    },
  ],
};

export type FakeDesk = Desk & { readonly orders: TradeOrder[] };

/** `answer` replaces what an order is answered with. */
export function fakeDesk(answer?: Problem): FakeDesk {
  const orders: TradeOrder[] = [];
  return {
    orders,
    executeTrade: async (order) => {
      orders.push(order);
      if (answer !== undefined) return fail(answer);
      return ok({
        tradeId: '01TRADE',
        energyWh: order.energyWh,
        priceCentsPerKwh: order.priceCentsPerKwh,
        transactionId: 'ws_CO_1',
        state: 'pending_stk_push',
        customerMessage: 'Enter your PIN to pay KES 30.00 for energy',
      });
    },
    paymentStatus: (transactionId) =>
      transactionId === 'ws_CO_1'
        ? ok({
            transactionId,
            state: 'completed',
            amountCents: 3000,
            receipt: 'SAJ1',
            tradeId: '01TRADE',
          })
        : fail(missing('payment')),
    askAboutPush: async (requestId) => ok({ requestId, result: 'paid', code: '0' }),
    status: () => ({
      hub: 'jirani',
      version: '0.1.0',
      scheme: 'mini-grid',
      time: { neighbourhood: '2026-01-10T06:00:00.000Z', speed: 60, trust: 'trusted' },
      integrations: { mpesa: { mode: 'simulator', state: 'ok', detail: '' } },
      payments: { confirmed: 4, credited: 3, medianSeconds: 0.4, worstSeconds: 2 },
      readings: { acknowledged: 3, stored: 3, quarantined: {} },
    }),
    trades: (limit) => [aTrade].slice(0, limit),
    trade: (id) =>
      id === aTrade.id
        ? ok({ ...aTrade, journey: [{ at: aTrade.createdAt, event: 'trade.matched', detail: '' }] })
        : fail(missing('trade')),
    households: () => [aHousehold],
    household: (id) => (id === 'kiosk' ? ok(aHousehold) : fail(missing('household'))),
    readings: async ({ meter }) =>
      meter === 'm1' ? ok([1, 14, 16, 29, 31].map(aReading)) : fail(missing('meter')),
    rollups: async ({ meter = 'm1', width }) =>
      meter === 'm1' ? ok([aRollup(width)]) : fail(missing('meter')),
    advice: () => [],
    scoreboard: () => ({
      windowDays: 30,
      hub: { days: 3, gainedCents: 3_100, possibleCents: 3_600, sharePercent: 86.1 },
      households: [],
      secondOpinion: { days: 0, daysNeeded: 30, betterCents: 0, hasSay: false },
    }),
    forecast: () => ({ caughtUp: true, households: [] }),
    market: () => ({
      rateCentsPerKwh: 1850,
      floorCentsPerKwh: 1000,
      capCentsPerKwh: 2500,
      yesterday: { offeredLots: 12, askedLots: 30 },
      today: { offeredLots: 4, askedLots: 9 },
      nextRateCentsPerKwh: 1550,
      rounds: [],
    }),
    chain: async () => ({ ok: true, value: { cluster: 'embedded', supplyWh: 0, heldWh: 0 } }),
    ledger: () => ({ trialBalanceCents: 0, trialBalanceWh: 0, accounts: [] }),
  };
}

export type FakeEvents = EventSource & {
  tell(event: HubEvent): void;
  readonly listeners: ReadonlySet<unknown>;
};

export function fakeEvents(): FakeEvents {
  const listeners = new Set<(event: HubEvent) => void>();
  return {
    listeners,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    tell: (event) => {
      for (const listener of listeners) listener(event);
    },
  };
}

/** A log that keeps every line as text. */
export function fakeLog(): Log & { readonly lines: string[] } {
  const lines: string[] = [];
  const write = (message: string, facts?: Readonly<Record<string, unknown>>) => {
    lines.push(`${message} ${JSON.stringify(facts)}`);
  };
  return { lines, info: write, warn: write, error: write };
}

/** Opens the web side before the fake desk, with whatever the test says differs. */
export async function openedWeb(changes: Partial<WebOptions> = {}) {
  const desk = fakeDesk();
  const events = fakeEvents();
  const log = fakeLog();
  const web = await openWeb({
    host: '127.0.0.1',
    port: 0,
    desk,
    operatorToken: token,
    events,
    board: () => aBoard,
    readiness: () => ({ books: { ok: true, detail: '' } }),
    metrics: () => [
      { name: 'jirani_readings_stored_total', help: 'Readings', kind: 'counter', value: 3 },
    ],
    log,
    version: '0.1.0',
    ...changes,
  });
  const asOperator = { authorization: `Bearer ${token}` };

  /** GET, or POST when there is a body; a string goes out as it stands. */
  const call = async (
    path: string,
    { body, headers = asOperator }: { body?: unknown; headers?: Record<string, string> } = {},
  ) => {
    const response = await fetch(`${web.url}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        ...headers,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined
        ? {}
        : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    return {
      status: response.status,
      headers: response.headers,
      text,
      json: isJson ? JSON.parse(text) : undefined,
    };
  };

  return { desk, events, log, web, call, [Symbol.asyncDispose]: () => web[Symbol.asyncDispose]() };
}
