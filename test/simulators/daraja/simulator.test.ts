import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { controlRoutes } from '../../../gateway/simulators/daraja/control.ts';
import { pick, seededRandom } from '../../../gateway/simulators/daraja/random.ts';
import type { MpesaSimulator } from '../../../gateway/simulators/daraja/simulator.ts';
import {
  aCaller,
  aClock,
  aNeighbourhood,
  anEar,
  anMpesa,
  aWhileMs,
  pause,
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
  const route = controlRoutes(mpesa).find((one) => one.path === `/mpesa/${path}`);
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

living.run();
