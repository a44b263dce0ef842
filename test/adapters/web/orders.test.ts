import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { anOrder, cornerPhone, fakeDesk, kioskPhone, openedWeb, token } from './fake-desk.ts';

const ordering = suite('ordering a neighbour’s energy over HTTP');
const path = '/api/execute_trade';

ordering('the kiosk’s order is answered at once, in the contract’s very words', async () => {
  await using hub = await openedWeb();
  const headers = { authorization: `Bearer ${token}`, 'idempotency-key': 'morning-1' };
  const answer = await hub.call(path, { body: anOrder(), headers });

  assert.is(answer.status, 202);
  assert.equal(answer.json, {
    trade: { id: '01TRADE', type: 'BUY', amount: '2.5 kWh', price: '12.0 KES/kWh' },
    payment: {
      tx_id: 'ws_CO_1',
      status: 'pending_stk_push',
      payment_method: 'mpesa_daraja_stk',
      customer_message: 'Enter your PIN to pay KES 30.00 for energy',
    },
  });
  assert.equal(hub.desk.orders, [
    {
      energyWh: 2500,
      priceCentsPerKwh: 1200,
      buyerPhone: kioskPhone,
      sellerPhone: cornerPhone,
      idempotencyKey: 'morning-1',
    },
  ]);
});

ordering('a phone may be written the way neighbours write it', async () => {
  await using hub = await openedWeb();
  await hub.call(path, { body: anOrder({ phone: '0708 374 149', seller_phone: '+254700123456' }) });
  assert.is(hub.desk.orders[0]?.buyerPhone, kioskPhone);
  assert.is(hub.desk.orders[0]?.sellerPhone, cornerPhone);
});

ordering(
  'the smallest and the largest order pass, and what is just past them does not',
  async () => {
    await using hub = await openedWeb();
    const cases: [Record<string, unknown>, number, string?][] = [
      [{ amount: 0.001, price: 0.01 }, 202],
      [{ amount: 1000, price: 1000 }, 202],
      [{ amount: 0.0009 }, 400, 'amount'],
      [{ amount: 1000.001 }, 400, 'amount'],
      [{ price: 0.009 }, 400, 'price'],
      [{ price: 1000.01 }, 400, 'price'],
      [{ amount: 1.0005 }, 400, 'amount'],
      [{ price: 12.345 }, 400, 'price'],
    ];
    for (const [changes, status, field] of cases) {
      const answer = await hub.call(path, { body: anOrder(changes) });
      assert.is(answer.status, status, JSON.stringify(changes));
      assert.is(answer.json.field, field);
    }
    assert.equal(
      hub.desk.orders.map((order) => [order.energyWh, order.priceCentsPerKwh]),
      [
        [1, 1],
        [1_000_000, 100_000],
      ],
    );
  },
);

ordering(
  'what is not a plain number, a known field or a Kenyan phone is refused by name',
  async () => {
    await using hub = await openedWeb();
    const cases: [Record<string, unknown>, string][] = [
      [{ amount: '2.5' }, 'amount'],
      [{ amount: '1e3' }, 'amount'],
      [{ amount: 0 }, 'amount'],
      [{ amount: -1 }, 'amount'],
      [{ amount: null }, 'amount'],
      [{ amount: [2.5] }, 'amount'],
      [{ price: '12' }, 'price'],
      [{ price: -0.01 }, 'price'],
      [{ type: 'SELL' }, 'type'],
      [{ type: undefined }, 'type'],
      [{ phone: '12345' }, 'phone'],
      [{ phone: 254708374149 }, 'phone'],
      [{ phone: '2'.repeat(1000) }, 'phone'],
      [{ seller_phone: '+441234567890' }, 'seller_phone'],
      [{ force: true }, 'force'],
    ];
    for (const [changes, field] of cases) {
      const answer = await hub.call(path, { body: anOrder(changes) });
      assert.is(answer.status, 400, JSON.stringify(changes));
      assert.is(answer.json.field, field, JSON.stringify(changes));
      assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/);
    }
    for (const body of [
      '{"amount":NaN}',
      '{"amount":1e999}',
      '{',
      '[]',
      '"BUY"',
      'null',
      '{"__proto__":{}}',
    ]) {
      const answer = await hub.call(path, { body });
      assert.is(answer.status, 400, body);
      assert.is(answer.json.status, 400);
    }
    assert.is(hub.desk.orders.length, 0);
  },
);

ordering('an unusable idempotency key is refused before anything is bought', async () => {
  await using hub = await openedWeb();
  for (const key of ['k'.repeat(129), 'two words']) {
    const headers = { authorization: `Bearer ${token}`, 'idempotency-key': key };
    const answer = await hub.call(path, { body: anOrder(), headers });
    assert.is(answer.status, 400);
    assert.is(answer.json.field, 'idempotency-key');
  }
  assert.is(hub.desk.orders.length, 0);
});

ordering('only the operator orders; a stranger’s body is not even read', async () => {
  await using hub = await openedWeb();
  const wrong = ['', `Bearer ${token}x`, `Bearer ${token.slice(1)}`, `Basic ${token}`, 'Bearer'];
  for (const authorization of wrong) {
    const headers: Record<string, string> = authorization === '' ? {} : { authorization };
    const answer = await hub.call(path, { body: '{broken', headers });
    assert.is(answer.status, 401, authorization);
    assert.match(answer.headers.get('www-authenticate') ?? '', /^Bearer realm="jirani"/);
    assert.is(answer.json.title, 'Unauthorized');
  }
  assert.is(hub.desk.orders.length, 0);
});

ordering('what the desk refuses reaches the caller as it stands', async () => {
  const problem = {
    status: 409,
    title: 'Not enough energy',
    detail: 'The seller has 1.2 kWh to spare.',
    field: 'amount',
  } as const;
  await using hub = await openedWeb({ desk: fakeDesk(problem) });
  const answer = await hub.call(path, { body: anOrder() });
  assert.is(answer.status, 409);
  assert.equal(answer.json, { type: 'about:blank', ...problem });
});

ordering('too large a body, or one that is not JSON, is turned away', async () => {
  await using hub = await openedWeb();
  const large = await hub.call(path, { body: anOrder({ note: 'x'.repeat(17_000) }) });
  assert.is(large.status, 413);
  assert.is(large.json.title, 'Too large');
  for (const type of ['text/plain', 'application/xml', 'application/x-www-form-urlencoded']) {
    const response = await fetch(`${hub.web.url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': type },
      body: JSON.stringify(anOrder()),
    });
    assert.is(response.status, 415, type);
    assert.match(response.headers.get('content-type') ?? '', /problem\+json/);
    await response.body?.cancel();
  }
});

ordering('who asks too often waits', async () => {
  await using hub = await openedWeb({ limits: { ordersPerMinute: 2 } });
  const statuses: number[] = [];
  for (let order = 0; order < 3; order += 1) {
    const answer = await hub.call(path, { body: anOrder() });
    statuses.push(answer.status);
    if (answer.status === 429) {
      assert.match(answer.headers.get('content-type') ?? '', /problem\+json/);
      assert.ok(Number(answer.headers.get('retry-after')) > 0);
    }
  }
  assert.equal(statuses, [202, 202, 429]);
});

ordering(
  'a failure inside says nothing of phones, neither to the caller nor in the log',
  async () => {
    const desk = {
      ...fakeDesk(),
      executeTrade: async () => {
        throw new Error(`no row for ${kioskPhone}\nand ${token}`);
      },
    };
    await using hub = await openedWeb({ desk });
    const answer = await hub.call(path, { body: anOrder() });
    assert.is(answer.status, 500);
    assert.is(answer.json.title, 'Internal error');
    assert.is(hub.log.lines.length, 1);
    for (const secret of [kioskPhone, cornerPhone, token]) {
      assert.not.match(answer.text, secret);
      assert.not.match(hub.log.lines.join('\n'), secret);
    }
  },
);

ordering('a payment can be asked about by its id, from our books or from M-Pesa', async () => {
  await using hub = await openedWeb();
  const payment = await hub.call('/api/payment/status/ws_CO_1');
  assert.equal(payment.json, {
    tx_id: 'ws_CO_1',
    status: 'completed',
    amount: 'KES 30.00',
    receipt: 'SAJ1',
    trade: '01TRADE',
  });
  const push = await hub.call('/api/stk/status/ws_CO_1');
  assert.equal(push.json, { req_id: 'ws_CO_1', result: 'paid', code: '0' });
  assert.is((await hub.call('/api/payment/status/other')).status, 404);
  assert.is((await hub.call('/api/payment/status/no%20id')).status, 400);
});

ordering.run();
