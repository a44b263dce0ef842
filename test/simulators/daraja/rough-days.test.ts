import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type FaultRates, roughDay } from '../../../gateway/simulators/daraja/faults.ts';
import { type Mutation, mutated, mutations } from '../../../gateway/simulators/daraja/mutations.ts';
import { seededDice } from '../../../gateway/simulators/daraja/random.ts';
import { virtualClock } from '../../../gateway/simulators/daraja/virtual-clock.ts';
import { aNeighbourhood, aWhileMs, pause, startMs, until } from './neighbours.ts';

const rough = suite('a rough day at the simulated M-Pesa');
const phone = '254705912600';

rough('loses a callback on order, and the money has moved', async () => {
  await using here = await aNeighbourhood({ faults: { callbackLost: 1 } });
  await here.hub.push(phone);
  await until(() => here.mpesa.payments().length === 1);
  await pause(aWhileMs);
  assert.is(here.ear.heard.length, 0);
  assert.is(here.mpesa.letters()[0]?.fault, 'callbackLost');
  await here.hub.push('254705912700');
  await until(() => here.ear.heard.length === 1);
});

rough('sends a callback as often as ordered', async () => {
  await using here = await aNeighbourhood({ faults: { callbackDoubled: 1, copies: 5 } });
  await here.hub.push(phone);
  await until(() => here.ear.heard.length === 5);
  assert.is(new Set(here.ear.heard.map(({ text }) => text)).size, 1);
  await until(() => here.mpesa.letters()[0]?.answers.length === 5);
  assert.equal(here.mpesa.letters()[0]?.answers, [200, 200, 200, 200, 200]);
});

rough('sends a callback late', async () => {
  const clock = virtualClock(startMs);
  await using here = await aNeighbourhood({
    clock,
    faults: { callbackLate: 1, lateMs: 3_600_000 },
  });
  await here.hub.push(phone);
  clock.advance(3_600_000);
  assert.is(here.mpesa.payments().length, 1);
  await pause(aWhileMs);
  assert.is(here.ear.heard.length, 0);
  clock.advance(60_000);
  await until(() => here.ear.heard.length === 1);
});

rough('tells of a push before it acknowledges it', async () => {
  await using here = await aNeighbourhood({ faults: { callbackEarly: 1 } });
  const { json } = await here.hub.push(phone);
  assert.is(here.ear.heard.length, 1);
  assert.match(here.ear.heard[0]?.text ?? '', `"${json['CheckoutRequestID']}"`);
  assert.is(json['ResponseCode'], '0');
});

rough('tells of a payout, and of what was asked about it, before it answers', async () => {
  await using here = await aNeighbourhood({ faults: { callbackEarly: 2 } });
  await here.hub.payOut(phone);
  assert.is(here.ear.heard.length, 1);
  await here.hub.ask({ OriginalConversationID: 'J7F3K2Q9A01ZK4M8TR' });
  assert.match(here.ear.heard[1]?.text ?? '', '"Value":"Completed"');
});

rough('lets the next callback overtake one, which comes after all', async () => {
  const clock = virtualClock(startMs);
  await using here = await aNeighbourhood({ clock, faults: { callbackReordered: 1 } });
  for (const each of [phone, '254705912700']) {
    await here.hub.push(each);
    clock.advance(25_000);
  }
  await until(() => here.ear.heard.length === 2);
  const order = here.ear.heard.map(({ text }) => /"Value":(254\d+)/.exec(text)?.[1]);
  assert.equal(order, ['254705912700', phone]);

  here.mpesa.arm({ callbackReordered: 1 });
  await here.hub.push('254705912900');
  clock.advance(25_000);
  await pause(aWhileMs);
  assert.is(here.ear.heard.length, 2);
  clock.advance(60_000);
  await until(() => here.ear.heard.length === 3);
});

rough('sends a callback to a path that is wrong by one letter', async () => {
  await using here = await aNeighbourhood({ faults: { callbackWrongPath: 1 } });
  await here.hub.push(phone);
  await until(() => here.ear.heard.length === 1);
  assert.match(here.ear.heard[0]?.path ?? '', /45b61$/);
});

rough('changes a callback as ordered, and says so only at the control table', async () => {
  await using here = await aNeighbourhood({
    faults: { callbackMutated: 1, mutation: 'amount', callback: 'push' },
  });
  await here.hub.push(phone);
  await until(() => here.ear.heard.length === 1);
  assert.match(here.ear.heard[0]?.text ?? '', '{"Name":"Amount","Value":38.00}');
  assert.is(here.mpesa.payments()[0]?.amountCents, 3_700);
  assert.is(here.mpesa.letters()[0]?.fault, 'callbackMutated amount');
});

const callback =
  '{"Body":{"stkCallback":{"MerchantRequestID":"1-2","CheckoutRequestID":"ws_CO_1","ResultCode":0,"ResultDesc":"Well.","CallbackMetadata":{"Item":[{"Name":"Amount","Value":37.00},{"Name":"MpesaReceiptNumber","Value":"UKN1234567"},{"Name":"Balance"},{"Name":"TransactionDate","Value":20261123135501},{"Name":"PhoneNumber","Value":254705912600}]}}}}';
const changed: Readonly<Record<Mutation, RegExp>> = {
  amount: /"Value":38\.00\}/,
  'code-turned': /"ResultCode":1032,/,
  'code-text': /"ResultCode":"0",/,
  'other-id': /"CheckoutRequestID":"ws_CO_0"/,
  'items-reordered': /\[\{"Name":"PhoneNumber".*37\.00\}\]/,
  'items-repeated': /37\.00.*37\.00/,
  'item-added': /\[\{"Name":"Unexpected","Value":"yes"\},\{"Name":"Amount","Value":37\.00\}/,
  'balance-empty': /\{"Name":"Balance","Value":""\}/,
  'balance-absent': /"UKN1234567"\},\{"Name":"TransactionDate"/,
  'phone-masked': /"Value":"2547 \*{5} 600"/,
  'phone-hashed': /"PhoneNumber","Value":"[0-9a-f]{64}"/,
  'phone-absent': /20261123135501\}\]/,
  'duplicate-code': /"ResultCode":1032,"ResultCode":0,/,
  truncated: /^.{150,300}$/,
};
for (const mutation of mutations)
  rough(`knows what "${mutation}" does to a callback`, () => {
    const text = mutated(callback, mutation);
    assert.match(text, changed[mutation]);
    if (mutation === 'truncated') assert.throws(() => JSON.parse(text));
    else JSON.parse(text);
  });

rough('says once that a good token is none', async () => {
  await using here = await aNeighbourhood({ faults: { badToken: 1 } });
  const first = await here.hub.push(phone);
  assert.equal([first.status, first.json['errorCode']], [404, '404.001.03']);
  assert.is((await here.hub.push(phone)).status, 200);
});

rough('lets no client be faster than it may', async () => {
  await using here = await aNeighbourhood({ requestsPerSecondMax: 2 });
  const asked = await Promise.all([1, 2, 3].map(() => here.hub.query('ws_CO_1')));
  assert.equal(asked.map(({ status }) => status).sort(), [429, 500, 500]);
  await pause(1_010);
  assert.is((await here.hub.query('ws_CO_1')).status, 500);
});

/** What every push of a small neighbourhood met, in the order of its phones. */
async function dayOf(faultSeed: number, faultRates: FaultRates, backwards = false) {
  const clock = virtualClock(startMs);
  await using here = await aNeighbourhood({ clock, faultSeed, faultRates });
  const phones = Array.from({ length: 12 }, (_, n) => `25470591${2000 + 10 * n}`);
  const met = new Map<string, string>();
  for (const each of backwards ? phones.toReversed() : phones) {
    const answer = await here.hub.push(each).catch(() => undefined);
    met.set(each, String(answer?.status ?? 'broken'));
    clock.advance(25_000);
    await until(() => here.mpesa.prompts().every(({ state }) => state !== 'open'));
  }
  for (const { fault, kind, body } of here.mpesa.letters()) {
    const about = /254705912\d\d0/.exec(JSON.stringify(body))?.[0] ?? kind;
    met.set(`callback ${about}`, String(fault));
  }
  return [...met].sort().map(([name, what]) => `${name} ${what}`);
}
/** Without those that take their time on the machine's clock. */
const quick: FaultRates = { ...roughDay, slow: 0, drip: 0, html: 0.15, callbackLost: 0.3 };

rough('is the same day with the same seed, in whatever order the phones ring', async () => {
  const first = await dayOf(7, quick);
  assert.equal(await dayOf(7, quick), first);
  assert.equal(await dayOf(7, quick, true), first);
  assert.is.not(String(await dayOf(8, quick)), String(first));
  assert.ok(
    first.some((line) => line.endsWith('callbackLost')),
    String(first),
  );
});

rough('meets each fault about as often as its share', () => {
  const dice = seededDice(3);
  const throws = Array.from({ length: 10_000 }, (_, n) => dice(`phone ${n % 50}`));
  const below = throws.filter((thrown) => thrown < 0.05).length;
  assert.ok(below > 430 && below < 570, `${below} of 10,000`);
});

rough('ends when its rates are taken away', async () => {
  await using here = await aNeighbourhood({ faultRates: { html: 1 } });
  assert.is((await here.hub.push(phone)).status, 502);
  here.mpesa.rollFaults(1, {});
  assert.is((await here.hub.push(phone)).status, 200);
});

rough.run();
