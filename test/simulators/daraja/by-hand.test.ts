import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { cents } from '../../../gateway/core/units.ts';
import { aCaller, aClock, aNeighbourhood, anEar, anMpesa, startMs, until } from './neighbours.ts';

const byHand = suite('a neighbour sends money to the paybill by hand');
const phone = '254705912126';
const paid = { phone, amountCents: cents(3_700), reference: 'K7F3Q' };

byHand('and the shop hears of it, with a masked number', async () => {
  await using here = await aNeighbourhood({ utilityBalanceCents: cents(0) });
  const { json } = await here.hub.register();
  assert.match(json['OriginatorCoversationID'] ?? '', /./);
  assert.is(json['ResponseCode'], '0');
  const outcome = await here.mpesa.sendByHand(paid);
  const receipt = outcome.kind === 'paid' ? outcome.payment.receipt : '';
  await until(() => here.ear.heard.length === 1);
  assert.match(here.ear.heard[0]?.path ?? '', /\/paid$/);
  assert.equal(JSON.parse(here.ear.heard[0]?.text ?? ''), {
    ...{ TransactionType: 'Pay Bill', TransID: receipt, TransTime: '20261123135501' },
    ...{ TransAmount: '37.00', BusinessShortCode: '174379', BillRefNumber: 'K7F3Q' },
    ...{ InvoiceNumber: '', OrgAccountBalance: '37.00', ThirdPartyTransID: '' },
    ...{ MSISDN: '2547 ***** 126', FirstName: 'JANE', MiddleName: '', LastName: '' },
  });
  assert.is(here.mpesa.balanceOf(phone), 500_000 - 3_700);
});

byHand('and nobody hears of it before the shop has registered', async () => {
  await using here = await aNeighbourhood();
  assert.is((await here.mpesa.sendByHand(paid)).kind, 'paid');
  assert.equal(here.mpesa.letters(), []);
  assert.is(here.mpesa.payments().length, 1);
});

byHand('but not more than the phone holds', async () => {
  await using here = await aNeighbourhood({ phoneBalanceCents: cents(3_699) });
  assert.equal(await here.mpesa.sendByHand(paid), { kind: 'no-funds' });
  assert.is(here.mpesa.totals().inFlightCents, 0);
});

byHand('in the sandbox also by a call of the shop itself', async () => {
  await using here = await aNeighbourhood();
  await here.hub.register();
  assert.is((await here.hub.simulate(phone)).json['ResponseCode'], '0');
  await until(() => here.ear.heard.length === 1);
  assert.is(here.mpesa.payments()[0]?.reference, 'K7F3Q');
});

byHand('registers two words only, and once where that is so', async () => {
  await using here = await aNeighbourhood({ registersOnce: true });
  const wrong = await here.hub.register({ ResponseType: 'completed' });
  assert.is(wrong.json['errorMessage'], 'Bad Request - Invalid ResponseType');
  const url = 'https://hub.co.ke/mpesa/paid';
  const named = await here.hub.register({ ConfirmationURL: url });
  assert.is(named.json['errorMessage'], 'Bad Request - Invalid ConfirmationURL');
  assert.is((await here.hub.register()).status, 200);
  assert.is((await here.hub.register()).json['errorCode'], '500.003.1001');
});

const answers = [
  ['arrives when the shop says 0', 200, '{"ResultCode":"0","ResultDesc":"Accepted"}', 'paid'],
  ['goes back when the shop says no', 200, '{"ResultCode":"C2B00012"}', 'refused'],
  ['arrives when the shop is silent and had registered Completed', 500, '', 'paid'],
] as const;
for (const [what, status, says, kind] of answers)
  byHand(`${what}`, async () => {
    await using ear = await anEar(status, says);
    await using mpesa = await anMpesa({ validatesPaybill: true });
    await aCaller(mpesa, ear.url).register();
    const before = mpesa.totals();
    assert.is((await mpesa.sendByHand(paid)).kind, kind);
    assert.match(ear.heard[0]?.path ?? '', /\/welcome$/);
    const moved = kind === 'paid' ? 3_700 : 0;
    assert.is(mpesa.totals().utilityCents, before.utilityCents + moved);
    assert.is(mpesa.totals().totalCents, before.totalCents);
  });

const listing = suite('M-Pesa lists what was paid');

type Row = Record<string, unknown>;
const rowsOf = (json: object): Row[] => (json as { Response: Row[][] }).Response[0] ?? [];

listing('by prompt with the push’s own reference, and by hand with what was typed', async () => {
  await using here = await aNeighbourhood();
  await here.hub.pullRegister();
  await here.hub.push('254705912600');
  await until(() => here.mpesa.payments().length === 1);
  await here.mpesa.sendByHand(paid);
  const { json } = await here.hub.listByGet();
  assert.is(json['ResponseCode'], '1000');
  const [prompted, typed] = rowsOf(json);
  assert.equal(prompted, {
    ...{ transactionId: here.mpesa.payments()[0]?.receipt, trxDate: '2026-11-23 13:55:01' },
    ...{ msisdn: 254705912600, sender: 'MPESA', transactiontype: 'c2b-pay-bill-debit' },
    ...{ billreference: 'K7F3Q0012A', amount: '37.00', organizationname: 'Jirani' },
  });
  assert.equal([typed?.['billreference'], typed?.['msisdn']], ['K7F3Q', 254705912126]);
  assert.equal((await here.hub.list()).json['ResponseCode'], '1000');
});

listing('1001 and two brackets in a text when there is nothing', async () => {
  await using here = await aNeighbourhood();
  await here.hub.pullRegister();
  const { status, json } = await here.hub.list();
  assert.equal([status, json['ResponseCode'], json['Transaction']], [200, '1001', '[[]]']);
});

listing('page by page', async () => {
  await using here = await aNeighbourhood({ pullPageMax: 2 });
  await here.hub.pullRegister();
  for (let times = 0; times < 3; times += 1) await here.mpesa.sendByHand(paid);
  const receipts = here.mpesa.payments().map(({ receipt }) => receipt);
  const page = async (OffSetValue: string) =>
    rowsOf((await here.hub.list({ OffSetValue })).json).map((row) => row['transactionId']);
  assert.equal(await page('0'), receipts.slice(0, 2));
  assert.equal(await page('2'), receipts.slice(2));
  assert.is((await here.hub.list({ OffSetValue: '3' })).json['ResponseCode'], '1001');
});

listing('in the time of Nairobi, within the window that was asked for, for 48 hours', async () => {
  const clock = aClock();
  await using here = await aNeighbourhood({ clock });
  await here.hub.pullRegister();
  await here.mpesa.sendByHand(paid);
  const codeOf = async (StartDate: string, EndDate: string) =>
    (await here.hub.list({ StartDate, EndDate })).json['ResponseCode'];
  assert.is(await codeOf('2026-11-23 13:55:01', '2026-11-23 13:55:01'), '1000');
  assert.is(await codeOf('2026-11-23 13:55:02', '2026-11-23 23:00:00'), '1001');
  assert.is(await codeOf('2026-11-23 00:00:00', '2026-11-23 13:55:00'), '1001');
  clock.advance(48 * 3_600_000);
  assert.is(await codeOf('2026-11-23 00:00:00', '2026-11-26 00:00:00'), '1000');
  clock.advance(1);
  assert.is(await codeOf('2026-11-23 00:00:00', '2026-11-26 00:00:00'), '1001');
  assert.is(clock.now(), startMs + 48 * 3_600_000 + 1);
  const wrong = await here.hub.list({ StartDate: '2026-11-23T00:00:00' });
  assert.is(wrong.json['errorMessage'], 'Bad Request - Invalid StartDate');
});

listing('to nobody who has not registered', async () => {
  await using here = await aNeighbourhood();
  assert.is((await here.hub.list()).status, 400);
  assert.is((await here.hub.pullRegister()).json['ResponseStatus'], '1000');
  assert.is((await here.hub.pullRegister()).json['ResponseStatus'], '1001');
  assert.is((await here.hub.list()).status, 200);
});

byHand.run();
listing.run();
