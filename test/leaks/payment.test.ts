// timeout: 120s
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { simulatedMpesa } from '../../gateway/commands/simulated-mpesa.ts';
import { leaksIn } from '../../scripts/leaks.ts';
import { until } from '../commands/programs.ts';
import { openPayingHouse, operatorToken, type PayingHouse } from '../money/paying-house.ts';
import { corner, kiosk, phoneOf } from '../support/neighbourhood.ts';

const strangerPhone = ['2547', '99999999'].join('');
const pages = join(import.meta.dirname, '../../gateway/pages');

/** Every answer that anybody, or the operator, gets: pages, figures, lists, refusals. */
async function everyAnswer(house: PayingHouse): Promise<Map<string, string>> {
  const operator = { authorization: `Bearer ${operatorToken}` };
  const json = { 'content-type': 'application/json' };
  const answers = new Map<string, string>();
  const ask = async (what: string, base: string, path: string, init: RequestInit = {}) => {
    const response = await fetch(`${base}${path}`, init);
    const headers = JSON.stringify([...response.headers]);
    answers.set(`${what} (${response.status})`, `${headers}${await response.text()}`);
  };
  const files = readdirSync(pages).filter((name) => name !== 'index.html');
  for (const path of ['/', ...files.map((name) => `/${name}`)]) await ask(path, house.url, path);
  for (const path of ['/api/status', '/api/board', '/metrics', '/health/ready', '/health/live'])
    await ask(path, house.url, path);
  for (const path of ['trades', 'households', 'ledger', 'market', 'advice', 'chain'])
    await ask(path, house.url, `/api/${path}`, { headers: operator });
  const { trades } = await house.get<{ trades: { id: string }[] }>('/api/trades');
  for (const { id } of trades)
    await ask('a trade', house.url, `/api/trades/${id}`, { headers: operator });

  const order = (changes: object) => ({
    method: 'POST',
    headers: { ...operator, ...json },
    body: JSON.stringify({
      ...{ type: 'BUY', amount: 2, price: 12 },
      ...{ phone: phoneOf(kiosk), seller_phone: phoneOf(corner), ...changes },
    }),
  });
  const refused = [
    { phone: strangerPhone },
    { seller_phone: strangerPhone },
    { phone: `${strangerPhone}0` },
    { phone: 'no phone' },
    { amount: 4_000 },
    { phone: phoneOf(corner) },
  ];
  for (const changes of refused)
    await ask(`refused ${Object.keys(changes)}`, house.url, '/api/execute_trade', order(changes));
  const wrong = { ...order({}), body: `{"phone":"${strangerPhone}"` };
  await ask('broken JSON', house.url, '/api/execute_trade', wrong);
  await ask('no such trade', house.url, `/api/trades/${strangerPhone}`, { headers: operator });
  await ask('no such payment', house.url, `/api/payment/status/${strangerPhone}`, {
    headers: operator,
  });
  await ask('a stranger', house.url, '/api/trades', { headers: { authorization: 'Bearer x' } });
  const callbacks = `http://127.0.0.1:${house.callbackPort}`;
  for (const { path } of house.carried)
    for (const body of ['[', '{"a":1}', 'x'.repeat(20_000)])
      await ask('a callback', callbacks, path, { method: 'POST', headers: json, body });
  return answers;
}

/** A payment on a bad day, one that is cancelled, and one after a callback that nobody can read. */
async function liveThroughADay(house: PayingHouse): Promise<void> {
  house.mpesa.arm({ badToken: 1, call: 'stk-push' });
  house.mpesa.arm({ badToken: 1, html: 1, call: 'stk-query' });
  house.mpesa.arm({ callbackDoubled: 1 });
  const first = await house.order(2);
  const rung = await until('the phone rings', async () =>
    house.mpesa.prompts().find(({ state }) => state === 'open'),
  );
  const paid = { ...first, transactionId: rung.checkoutRequestId };
  await house.payAndWait(paid);
  await until('both callbacks came', async () => house.carried.length >= 2);
  for (const { path } of house.carried)
    await fetch(`http://127.0.0.1:${house.callbackPort}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: `{"Body":{"stkCallback":{"MerchantRequestID":"m","CheckoutRequestID":"x","ResultCode":0,"PhoneNumber":${strangerPhone}}}}`,
    });
  await until('all are read', async () => house.unread() === 0);
  await house.mpesa.stop();
  await sleep(200);
  await house.mpesa.resume();
}

const leaks = suite('S85: secrets, callback paths and full phone numbers');

leaks('stand in no log line at its most talkative, no page, no figure and no refusal', async () => {
  await using house = await openPayingHouse({ HUB_LOG_LEVEL: 'debug' });
  await liveThroughADay(house);
  const printed = new Map([...(await everyAnswer(house)), ['the log', house.gateway.said()]]);
  const paths = house.carried.map(({ path }) => path.split('/').at(-1) ?? '');
  const { consumerKey, consumerSecret, passkey, initiatorPassword } = simulatedMpesa;
  const never: Readonly<Record<string, string>> = {
    ...{ consumerKey, consumerSecret, passkey, initiatorPassword, operatorToken, strangerPhone },
    ...{ kioskPhone: phoneOf(kiosk), cornerPhone: phoneOf(corner) },
    ...Object.fromEntries(paths.map((path, number) => [`path ${number}`, path])),
  };
  for (const [where, text] of printed) {
    assert.equal(leaksIn(text), [], where);
    for (const [what, secret] of Object.entries(never))
      assert.not.ok(text.includes(secret), `${what} stands in ${where}`);
  }
  assert.match(house.gateway.said(), /a callback was set aside/, 'the log did speak');
  assert.match([...printed.keys()].join(), /refused phone \(4\d\d\)/);
});

leaks('the promise is told to everybody: paid means credited', async () => {
  await using house = await openPayingHouse();
  await house.payAndWait(await house.order(2));
  const { payments } = await house.get<{ payments: Record<string, number> }>('/api/status');
  assert.equal([payments['confirmed'], payments['credited']], [1, 1]);
  assert.ok((payments['medianSeconds'] ?? 60) < 10);
  assert.is(payments['worstSeconds'], payments['medianSeconds']);
});

leaks.run();
