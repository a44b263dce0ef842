import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { cents } from '../../../gateway/core/units.ts';
import { aClock, aNeighbourhood, aWhileMs, pause, until } from './neighbours.ts';

const paying = suite('a simulated household pays with its phone');
const goodPhone = '254705912600';

paying('hears back with exactly what M-Pesa writes', async () => {
  await using here = await aNeighbourhood();
  const { json } = await here.hub.push(goodPhone);
  assert.is(json['ResponseCode'], '0');
  assert.match(json['CheckoutRequestID'] ?? '', /^ws_CO_23112026135501\d{3}705912600$/);
  await until(() => here.ear.heard.length === 1);

  const [payment] = here.mpesa.payments();
  assert.match(payment?.receipt ?? '', /^UKN[0-9A-Z]{7}$/);
  assert.is(
    here.ear.heard[0]?.text,
    `{"Body":{"stkCallback":{"MerchantRequestID":"${json['MerchantRequestID']}","CheckoutRequestID":"${json['CheckoutRequestID']}","ResultCode":0,"ResultDesc":"The service request is processed successfully.","CallbackMetadata":{"Item":[{"Name":"Amount","Value":37.00},{"Name":"MpesaReceiptNumber","Value":"${payment?.receipt}"},{"Name":"Balance"},{"Name":"TransactionDate","Value":20261123135501},{"Name":"PhoneNumber","Value":254705912600}]}}}}`,
  );
  assert.is(here.ear.heard[0]?.headers['businessshortcode'], '174379');
  assert.is(here.ear.heard[0]?.headers['content-type'], 'application/json;charset=UTF-8');
  assert.not.match(here.ear.heard[0]?.text ?? '', 'K7F3Q0012A');
});

paying('is told by a query in strings: 4999 before the PIN, 0 after it', async () => {
  await using here = await aNeighbourhood({ manual: true });
  const id = (await here.hub.push(goodPhone)).json['CheckoutRequestID'] ?? '';
  const shapes = new Set<string | undefined>();
  for (let asked = 0; asked < 12; asked += 1) {
    const { json } = await here.hub.query(id);
    shapes.add(json['ResultCode'] ?? json['errorMessage']);
  }
  assert.equal([...shapes].sort(), ['4999', 'The transaction is being processed']);
  assert.is(here.mpesa.answer(id, 'pay'), true);
  assert.is(here.mpesa.answer(id, 'pay'), false);
  assert.is((await here.hub.query(id)).json['ResultCode'], '0');
});

paying('gets an empty answer to one query in five, also after the end', async () => {
  await using here = await aNeighbourhood({ emptyQueryShare: 0.2 });
  const id = (await here.hub.push(goodPhone)).json['CheckoutRequestID'];
  await until(() => here.mpesa.payments().length === 1);
  const empty: number[] = [];
  for (let asked = 0; asked < 50; asked += 1) {
    const { status, json } = await here.hub.query(id);
    if (json['errorCode'] === '500.001.1001' && json['errorMessage'] === '') empty.push(status);
  }
  assert.ok(empty.length >= 3 && empty.length <= 20, `${empty.length} of 50`);
  assert.equal([...new Set(empty)].sort(), [200, 500]);
});

paying('is unknown to a query with another id', async () => {
  await using here = await aNeighbourhood();
  const { status, json } = await here.hub.query('ws_CO_23112026135501000705912600');
  assert.is(status, 500);
  assert.is(json['errorMessage'], 'The transaction does not Exist');
});

const failures = [
  ['254705912601', 1],
  ['254705912602', 1032],
  ['254705912603', 1037],
  ['254705912604', 2001],
] as const;
for (const [phone, code] of failures)
  paying(`fails with ${code} when its number ends in ${phone.at(-1)}`, async () => {
    await using here = await aNeighbourhood();
    const id = (await here.hub.push(phone)).json['CheckoutRequestID'];
    await until(() => here.ear.heard.length === 1);
    const { stkCallback } = JSON.parse(here.ear.heard[0]?.text ?? '').Body;
    assert.is(stkCallback.ResultCode, code);
    assert.not.ok('CallbackMetadata' in stkCallback);
    assert.is((await here.hub.query(id)).json['ResultCode'], String(code));
    assert.equal(here.mpesa.payments(), []);
  });

paying('fails with 1 when its phone holds less than the amount', async () => {
  await using here = await aNeighbourhood({ phoneBalanceCents: cents(3_699) });
  await here.hub.push(goodPhone);
  await until(() => here.ear.heard.length === 1);
  assert.match(here.ear.heard[0]?.text ?? '', '"ResultCode":1,');
});

paying('succeeds late after a time-out when its number ends in 5', async () => {
  await using here = await aNeighbourhood();
  const id = (await here.hub.push('254705912605')).json['CheckoutRequestID'];
  await until(() => here.ear.heard.length === 2);
  assert.match(here.ear.heard[0]?.text ?? '', '"ResultCode":1037,');
  assert.match(here.ear.heard[1]?.text ?? '', '"ResultCode":0,');
  assert.is((await here.hub.query(id)).json['ResultCode'], '0');
});

paying('pays although its callback is lost when its number ends in 6', async () => {
  await using here = await aNeighbourhood();
  const id = (await here.hub.push('254705912606')).json['CheckoutRequestID'];
  await until(() => here.mpesa.payments().length === 1);
  await pause(aWhileMs);
  assert.is(here.ear.heard.length, 0);
  assert.is((await here.hub.query(id)).json['ResultCode'], '0');
});

paying('pays once although its callback comes twice when its number ends in 7', async () => {
  await using here = await aNeighbourhood();
  await here.hub.push('254705912607');
  await until(() => here.ear.heard.length === 2);
  assert.is(here.ear.heard[0]?.text, here.ear.heard[1]?.text);
  assert.is(here.mpesa.payments().length, 1);
});

paying('pays although the hub hears no acknowledgement when its number ends in 8', async () => {
  await using here = await aNeighbourhood();
  const failed = await here.hub.push('254705912608').catch((error: unknown) => error);
  assert.instance(failed, TypeError);
  await until(() => here.ear.heard.length === 1);
  assert.is(here.mpesa.payments()[0]?.phone, '254705912608');
});

paying('takes 90 seconds when its number ends in 9', async () => {
  await using here = await aNeighbourhood({ clock: aClock(150) });
  const id = (await here.hub.push('254705912609')).json['CheckoutRequestID'];
  await pause(150);
  assert.is.not((await here.hub.query(id)).json['ResultCode'], '0');
  await until(() => here.mpesa.payments().length === 1);
  assert.is((await here.hub.query(id)).json['ResultCode'], '0');
});

paying('works for both phones of the example, whatever their digits', async () => {
  await using here = await aNeighbourhood();
  await here.hub.push('254700123456');
  await here.hub.push('254708374149');
  await until(() => here.ear.heard.length === 2);
  assert.is(here.mpesa.payments().length, 2);
});

paying('behaves otherwise when the neighbourhood says so', async () => {
  const behaviours = new Map([[goodPhone, { pays: 'contradicted' as const }]]);
  await using here = await aNeighbourhood({ behaviours });
  const id = (await here.hub.push(goodPhone)).json['CheckoutRequestID'];
  await until(() => here.ear.heard.length === 1);
  assert.match(here.ear.heard[0]?.text ?? '', '"ResultCode":0,');
  assert.is((await here.hub.query(id)).json['ResultCode'], '1032');
});

paying('has one prompt at a time', async () => {
  await using here = await aNeighbourhood({ manual: true });
  const id = (await here.hub.push(goodPhone)).json['CheckoutRequestID'] ?? '';
  const second = await here.hub.push(goodPhone, { Amount: 40 });
  assert.is(second.status, 500);
  assert.match(second.json['errorMessage'] ?? '', 'Unable to lock subscriber');
  here.mpesa.answer(id, 'cancel');
  assert.is((await here.hub.push(goodPhone, { Amount: 40 })).status, 200);
});

paying('is not asked for the same amount twice within two minutes', async () => {
  const clock = aClock();
  await using here = await aNeighbourhood({ clock });
  const ended = (count: number) => until(() => here.ear.heard.length === count);
  await here.hub.push(goodPhone);
  await ended(1);
  clock.advance(119_000);
  await here.hub.push(goodPhone, { ...here.hub.merchant() });
  await ended(2);
  assert.match(here.ear.heard[1]?.text ?? '', '"ResultCode":17,');
  clock.advance(1_000);
  await here.hub.push(goodPhone);
  await ended(3);
  assert.match(here.ear.heard[2]?.text ?? '', '"ResultCode":0,');
  assert.is(here.mpesa.payments().length, 2);
});

paying('fails with 2028 when the money is meant for another till', async () => {
  await using here = await aNeighbourhood();
  await here.hub.push(goodPhone, { PartyB: '600000' });
  await until(() => here.ear.heard.length === 1);
  assert.match(here.ear.heard[0]?.text ?? '', '"ResultCode":2028,');
});

paying.run();
