import { once } from 'node:events';
import { createServer } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { aBoard, openedWeb } from './fake-desk.ts';

const viewing = suite('looking at the hub over HTTP');

const operatorPaths = [
  '/api/trades',
  '/api/trades/01TRADE',
  '/api/households',
  '/api/households/kiosk',
  '/api/readings?meter=m1',
  '/api/advice',
  '/api/market',
  '/api/ledger',
  '/api/payment/status/ws_CO_1',
  '/api/stk/status/ws_CO_1',
];

viewing(
  'what belongs to households is for the operator, and is never cached on the way',
  async () => {
    await using hub = await openedWeb();
    for (const path of operatorPaths) {
      const stranger = await hub.call(path, { headers: {} });
      assert.is(stranger.status, 401, path);
      const operator = await hub.call(path);
      assert.is(operator.status, 200, path);
      assert.is(operator.headers.get('cache-control'), 'no-store');
    }
  },
);

viewing('anyone may ask how the hub is and how the day goes', async () => {
  await using hub = await openedWeb();
  const status = await hub.call('/api/status', { headers: {} });
  assert.is(status.json.integrations.mpesa.mode, 'simulator');
  assert.equal(status.json.payments, {
    ...{ confirmed: 4, credited: 3 },
    ...{ medianSeconds: 0.4, worstSeconds: 2 },
  });
  const board = await hub.call('/api/board', { headers: {} });
  assert.equal(board.json, aBoard);
});

viewing('a trade shows its whole journey; an unknown one is a 404', async () => {
  await using hub = await openedWeb();
  const trade = await hub.call('/api/trades/01TRADE');
  assert.is(trade.json.journey[0].event, 'trade.matched');
  for (const path of [
    '/api/trades/nobody',
    '/api/households/nobody',
    '/api/readings?meter=m9',
    '/api/none',
  ]) {
    const missing = await hub.call(path);
    assert.is(missing.status, 404, path);
    assert.is(missing.json.title, 'Not found');
  }
});

viewing('readings come raw, or rolled up for one meter or for all', async () => {
  await using hub = await openedWeb();
  const raw = await hub.call('/api/readings?meter=m1');
  assert.equal(
    raw.json.readings.map(({ sequence }: { sequence: number }) => sequence),
    [1, 14, 16, 29, 31],
  );
  assert.is(raw.json.rollups, undefined);
  for (const [asked, readings] of [
    ['?resolution=1min', 6],
    ['?resolution=15min&meter=m1', 90],
    ['?resolution=1h', 360],
    ['?resolution=1d', 8640],
  ] as const) {
    const { json } = await hub.call(`/api/readings${asked}`);
    assert.is(json.rollups[0].readings, readings, asked);
    assert.is(json.readings, undefined);
  }
});

viewing('a wrong question is a 400 that names the field', async () => {
  await using hub = await openedWeb();
  const cases = [
    ['/api/readings', 'meter'],
    ['/api/readings?meter=m1&from=yesterday', 'from'],
    ['/api/readings?meter=m1&resolution=2min', 'resolution'],
    ['/api/readings?meter=m1&sort=up', 'sort'],
    ['/api/trades?limit=0', 'limit'],
    ['/api/trades?limit=501', 'limit'],
    ['/api/trades?limit=1&limit=2', 'limit'],
  ] as const;
  for (const [path, field] of cases) {
    const answer = await hub.call(path);
    assert.is(answer.status, 400, path);
    assert.is(answer.json.field, field, path);
  }
  assert.is((await hub.call('/api/trades?limit=500')).status, 200);
});

viewing('the hub says that it lives, and by name what it lacks', async () => {
  await using well = await openedWeb();
  assert.equal((await well.call('/health/live', { headers: {} })).json, { live: true });
  assert.is((await well.call('/health/ready', { headers: {} })).status, 200);

  const books = { ok: true, detail: '' };
  const clock = { ok: false, detail: 'not synchronised since the power came back' };
  await using ill = await openedWeb({ readiness: async () => ({ books, clock }) });
  const answer = await ill.call('/health/ready', { headers: {} });
  assert.is(answer.status, 503);
  assert.equal(answer.json, { ready: false, checks: { books, clock } });
});

viewing('a supervisor that asks often is never told to wait', async () => {
  await using hub = await openedWeb({ limits: { requestsPerMinute: 2 } });
  for (let ask = 0; ask < 5; ask += 1) {
    assert.is((await hub.call('/health/live', { headers: {} })).status, 200);
  }
  const others = [];
  for (let ask = 0; ask < 3; ask += 1) others.push((await hub.call('/api/board')).status);
  assert.equal(others, [200, 200, 429]);
});

viewing('the figures of the process and of the hub stand side by side', async () => {
  const quarantined = {
    name: 'jirani_readings_quarantined_total',
    help: 'Payloads that did not become readings',
    kind: 'counter',
  } as const;
  await using hub = await openedWeb({
    metrics: () => [
      { ...quarantined, value: 2, labels: { reason: 'malformed' } },
      { ...quarantined, value: 1, labels: { reason: 'falling-register' } },
      { name: 'jirani_meters_online', help: 'Meters', kind: 'gauge', value: 7 },
    ],
  });
  for (let scrape = 0; scrape < 2; scrape += 1) {
    const { text } = await hub.call('/metrics', { headers: {} });
    assert.match(text, /^jirani_readings_quarantined_total\{reason="malformed"\} 2$/m);
    assert.match(text, /^jirani_readings_quarantined_total\{reason="falling-register"\} 1$/m);
    assert.match(text, /^jirani_meters_online 7$/m);
    assert.match(text, /^process_resident_memory_bytes \d/m);
  }
});

viewing('the OpenAPI page knows every call and the shape of an order', async () => {
  await using hub = await openedWeb();
  const { json } = await hub.call('/api/openapi.json', { headers: {} });
  const paths = Object.keys(json.paths);
  for (const path of operatorPaths) {
    const shown = path
      .replace(/\?.*/, '')
      .replace('01TRADE', '{id}')
      .replace('kiosk', '{id}')
      .replace('payment/status/ws_CO_1', 'payment/status/{tx_id}')
      .replace('stk/status/ws_CO_1', 'stk/status/{req_id}');
    assert.ok(paths.includes(shown), shown);
  }
  const order = json.paths['/api/execute_trade'].post;
  const { schema } = order.requestBody.content['application/json'];
  assert.equal(schema.required, ['type', 'amount', 'price', 'phone', 'seller_phone']);
  assert.is(schema.properties.amount.type, 'number');
  assert.is(schema.additionalProperties, false);
  assert.ok(order.responses['202']);
  const reference = await hub.call('/docs', { headers: {} });
  assert.is(reference.status, 200);
  assert.not.match(
    reference.headers.get('content-security-policy') ?? '',
    /https:|upgrade-insecure/,
  );
});

viewing('a port that is taken is told at once, and nothing stays open', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  let refused = '';
  try {
    await using _hub = await openedWeb({ port });
  } catch (error) {
    refused = String(error);
  }
  assert.match(refused, 'EADDRINUSE');
  other.close();
});

viewing('an empty operator token opens no door', async () => {
  let refused = '';
  try {
    await using _hub = await openedWeb({ operatorToken: '' });
  } catch (error) {
    refused = String(error);
  }
  assert.match(refused, 'the operator token is empty');
});

viewing.run();
