import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { cents } from '../../../gateway/core/units.ts';
import { controlRoutes } from '../../../gateway/simulators/daraja/control.ts';
import { pick, seededRandom } from '../../../gateway/simulators/daraja/random.ts';
import type { MpesaSimulator } from '../../../gateway/simulators/daraja/simulator.ts';
import { virtualClock } from '../../../gateway/simulators/daraja/virtual-clock.ts';
import {
  aCaller,
  aClock,
  aNeighbourhood,
  anEar,
  anMpesa,
  authorise,
  aWhileMs,
  pause,
  startMs,
  until,
} from './neighbours.ts';

const living = suite('living with the simulated M-Pesa');
const phone = '254705912600';

living('goes on during an outage: people pay, nobody hears, the books stand', async () => {
  await using here = await aNeighbourhood();
  const id = (await here.hub.push(phone)).json['CheckoutRequestID'];
  await here.mpesa.stop();
  assert.instance(await here.hub.push(phone).catch((error: unknown) => error), TypeError);
  await until(() => here.mpesa.payments().length === 1);
  await here.mpesa.resume();
  await pause(aWhileMs);
  assert.is(here.ear.heard.length, 0);
  assert.is((await here.hub.query(id)).json['ResultCode'], '0');
  await here.hub.push('254705912700');
  await until(() => here.ear.heard.length === 1);
});

living('may be stopped and resumed twice in a row', async () => {
  await using here = await aNeighbourhood();
  await here.mpesa.stop();
  await here.mpesa.stop();
  await here.mpesa.resume();
  await here.mpesa.resume();
  assert.is((await here.hub.push(phone)).status, 200);
});

living('calls back once, whatever the hub answers', async () => {
  await using ear = await anEar(500);
  await using mpesa = await anMpesa();
  const hub = aCaller(mpesa, ear.url);
  await hub.push(phone);
  await until(() => ear.heard.length === 1);
  await pause(aWhileMs);
  assert.is(ear.heard.length, 1);
});

living('goes on when nobody is there to be called back', async () => {
  await using mpesa = await anMpesa();
  const hub = aCaller(mpesa, 'http://127.0.0.1:1/api/payment/callback/5f');
  const id = (await hub.push(phone)).json['CheckoutRequestID'];
  await until(() => mpesa.payments().length === 1);
  assert.is((await hub.query(id)).json['ResultCode'], '0');
});

living('keeps the sum of all money through 200 random deeds', async () => {
  const clock = aClock();
  await using here = await aNeighbourhood({ clock });
  const before = here.mpesa.totals();
  const random = seededRandom(7);
  const deeds = Array.from({ length: 200 }, (_, n) => async () => {
    const neighbour = `2547059126${pick(random, '0123456789', 2)}`;
    const Amount = 10 + Math.floor(random() * 900);
    if (random() < 0.6) await here.hub.push(neighbour, { Amount });
    else await here.hub.payOut(neighbour, { Amount, OriginatorConversationID: `J${n}` });
  });
  for (const deed of deeds) await deed().catch(() => 'its answer was dropped');
  await until(() => here.mpesa.prompts().every(({ state }) => state !== 'open'));
  await pause(aWhileMs);

  const { mpesa } = here;
  const sum = (moved: { amountCents: number }[]) =>
    moved.reduce((total, { amountCents }) => total + amountCents, 0);
  const after = mpesa.totals();
  assert.ok(mpesa.payments().length > 20 && mpesa.payouts().length > 20);
  assert.is(after.totalCents, before.totalCents);
  assert.is(after.utilityCents - before.utilityCents, sum(mpesa.payments()) - sum(mpesa.payouts()));
  const receipts = [
    ...mpesa.payments().map(({ receipt }) => receipt),
    ...mpesa.payouts().map(({ transactionId }) => transactionId),
  ];
  assert.is(new Set(receipts).size, receipts.length);
});

living('repeats itself with the same seed', async () => {
  const receiptOf = async (seed: number) => {
    await using here = await aNeighbourhood({ seed });
    await here.hub.push(phone);
    await until(() => here.mpesa.payments().length === 1);
    return here.mpesa.payments()[0]?.receipt;
  };
  const first = await receiptOf(3);
  assert.is(await receiptOf(3), first);
  assert.is.not(await receiptOf(4), first);
});

living('hands its public key out as a file', async () => {
  const publicKeyFile = join(tmpdir(), `jirani-mpesa-${process.pid}.pem`);
  await using mpesa = await anMpesa({ publicKeyFile });
  assert.is(await readFile(publicKeyFile, 'utf8'), mpesa.publicKeyPem);
  await rm(publicKeyFile);
});

const control = (mpesa: MpesaSimulator) => (path: string, body?: unknown) => {
  const routes = controlRoutes(mpesa).filter((one) => one.path === `/mpesa/${path}`);
  const route =
    routes.find(({ method }) => (method === 'POST') === (body !== undefined)) ?? routes[0];
  if (route === undefined) throw new Error(`no control call ${path}`);
  return route.answer(body);
};

living('can be watched and led from the control table', async () => {
  await using here = await aNeighbourhood({ manual: true });
  const ask = control(here.mpesa);
  const checkoutRequestId = (await here.hub.push(phone)).json['CheckoutRequestID'];
  assert.equal((await ask('prompts')).body, here.mpesa.prompts());
  assert.not.match(JSON.stringify(here.mpesa.prompts()), 'callback/');
  assert.is((await ask('answer', { checkoutRequestId, deed: 'give' })).status, 400);
  assert.is((await ask('answer', { checkoutRequestId, deed: 'pay' })).status, 200);
  assert.is((await ask('answer', { checkoutRequestId, deed: 'pay' })).status, 404);
  assert.equal((await ask('payments')).body, here.mpesa.payments());
  assert.is(here.mpesa.payments().length, 1);
  assert.equal((await ask('payouts')).body, []);
  assert.equal((await ask('totals')).body, here.mpesa.totals());
  assert.equal((await ask('public-key')).body, { publicKeyPem: here.mpesa.publicKeyPem });
  await ask('faults', { spikeArrest: 1 });
  assert.is((await here.hub.push(phone)).status, 429);
  assert.is((await ask('faults', { spikeArrest: -1 })).status, 400);
  await ask('stop');
  assert.instance(await here.hub.push(phone).catch((error: unknown) => error), TypeError);
  await ask('resume');
  assert.is((await here.hub.push(phone, { Amount: 41 })).status, 200);
});

living('lets people and networks be led from the control table', async () => {
  const clock = virtualClock(startMs);
  await using here = await aNeighbourhood({ clock });
  const ask = control(here.mpesa);
  assert.equal((await ask('clock')).body, { nowMs: startMs });
  assert.is((await ask('behaviour', { phone, pays: 'cancels' })).status, 200);
  assert.is((await ask('behaviour', { phone, pays: 'sings' })).status, 400);
  await here.hub.push(phone);
  assert.equal((await ask('clock', { advanceMs: 30_000 })).body, { nowMs: startMs + 30_000 });
  await until(() => here.ear.heard.length === 1);
  assert.match(here.ear.heard[0]?.text ?? '', '"ResultCode":1032,');

  const paid = { phone, amountCents: 3_700, reference: 'K7F3Q' };
  assert.is((await ask('pay', paid)).status, 200);
  assert.is((await ask('pay', { ...paid, amountCents: 25_000_000 })).status, 409);
  assert.is((await ask('pay', { ...paid, amountCents: 0.5 })).status, 400);
  assert.equal((await ask('reversals')).body, []);
  assert.equal((await ask('fault-rates', { seed: 1, rates: { html: 1 } })).body, {
    ...{ ok: true, rates: { html: 1 } },
  });
  assert.is((await here.hub.query('ws_CO_1')).status, 502);
  assert.is((await ask('fault-rates', { seed: 1, rates: { html: 2 } })).status, 400);
  await ask('fault-rates', { seed: 1, rates: {} });
  await ask('forget-tokens');
  assert.is((await ask('clock', { advanceMs: -1 })).status, 400);
});

living('says that an ordinary clock cannot be moved', async () => {
  await using here = await aNeighbourhood();
  assert.is((await control(here.mpesa)('clock', { advanceMs: 1 })).status, 409);
});

living('sends a callback again, as it was, changed, or forged, and tells no path', async () => {
  await using here = await aNeighbourhood();
  const ask = control(here.mpesa);
  const heard = (count: number) => until(() => here.ear.heard.length === count);
  await here.hub.push(phone);
  await heard(1);
  assert.not.match(JSON.stringify((await ask('callbacks')).body), 'callback/');
  assert.equal((await ask('callbacks/replay', { id: 1 })).body, { ok: true, answers: [200] });
  assert.is(here.ear.heard[1]?.text, here.ear.heard[0]?.text);
  await ask('callbacks/replay', { id: 1, mutation: 'code-turned' });
  assert.match(here.ear.heard[2]?.text ?? '', '"ResultCode":1032,');
  await ask('callbacks/replay', { id: 1, body: { forged: true }, copies: 2 });
  assert.is(here.ear.heard[4]?.text, '{"forged":true}');
  assert.is((await ask('callbacks/replay', { id: 2 })).status, 404);
  assert.is((await ask('callbacks/replay', { id: 1, mutation: 'magic' })).status, 400);
  assert.is(here.mpesa.payments().length, 1);
});

living('loses no callback when a whole street pays in the same moment', async () => {
  const clock = virtualClock(startMs);
  await using here = await aNeighbourhood({ clock });
  const token = (await authorise(here.mpesa.url, 'a-key:a-secret')).json['access_token'] ?? '';
  const street = Array.from({ length: 150 }, (_, n) => `254705${String(n).padStart(3, '0')}000`);
  await Promise.all(street.map((each) => here.hub.pushWith(token, each)));
  clock.advance(25_000);
  await until(() => here.ear.heard.length === street.length);
  assert.is(here.mpesa.payments().length, street.length);
});

living('remembers the last thousand callbacks', async () => {
  const clock = virtualClock(startMs);
  await using here = await aNeighbourhood({ clock });
  await here.hub.register();
  const reference = 'K7F3Q';
  here.mpesa.arm({ callbackLost: 1_000 });
  for (let sent = 0; sent < 1_001; sent += 1)
    await here.mpesa.sendByHand({ phone, amountCents: cents(100), reference });
  const ids = here.mpesa.letters().map(({ id }) => id);
  assert.equal([ids.length, ids[0], ids.at(-1)], [1_000, 2, 1_001]);
});

living.run();
