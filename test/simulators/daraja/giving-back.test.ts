import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { cents } from '../../../gateway/core/units.ts';
import { aNeighbourhood, aWhileMs, pause, until } from './neighbours.ts';

const giving = suite('the hub gives a payment back');
const phone = '254705912600';

type Told = {
  ResultType: number | string;
  ResultCode: number | string;
  TransactionID: string;
  ResultParameters?: { ResultParameter: { Key: string; Value?: unknown }[] };
};
const toldBy = (text: string | undefined): Told => JSON.parse(text ?? '').Result;
const parameterOf = (told: Told, key: string) =>
  told.ResultParameters?.ResultParameter.find(({ Key }) => Key === key)?.Value;

/** A neighbourhood in which one household has just paid 37 shillings. */
async function aPaidHub(options: Parameters<typeof aNeighbourhood>[0] = {}) {
  const here = await aNeighbourhood(options);
  await here.hub.push(phone);
  await until(() => here.ear.heard.length === 1);
  const receipt = here.mpesa.payments()[0]?.receipt;
  return { ...here, receipt, heard: (count: number) => heardOf(here.ear.heard, count) };
}
async function heardOf(heard: { text: string }[], count: number): Promise<Told> {
  await until(() => heard.length === count);
  return toldBy(heard[count - 1]?.text);
}

giving('whole and once: a second reversal ends with the text R000001', async () => {
  await using here = await aPaidHub();
  const before = here.mpesa.totals();
  const { status, json } = await here.hub.reverse(here.receipt);
  assert.equal([status, json['ResponseCode']], [200, '0']);
  const told = await here.heard(2);
  assert.equal([told.ResultType, told.ResultCode], [0, 0]);
  assert.is(parameterOf(told, 'OriginalTransactionID'), here.receipt);
  assert.match(here.ear.heard[1]?.text ?? '', '"Key":"Amount","Value":37.00}');
  assert.is(here.mpesa.balanceOf(phone), 500_000);
  assert.is(here.mpesa.payments()[0]?.state, 'reversed');

  await here.hub.reverse(here.receipt);
  assert.is((await here.heard(3)).ResultCode, 'R000001');
  const after = here.mpesa.totals();
  assert.is(after.utilityCents, before.utilityCents - 3_700);
  assert.is(after.totalCents, before.totalCents);
});

giving('keeps the money on its way until the result, and reserves it in the balance', async () => {
  await using here = await aPaidHub({ utilityBalanceCents: cents(0) });
  here.mpesa.arm({ callbackLost: 1 });
  await here.hub.reverse(here.receipt);
  const { inFlightCents, utilityCents } = here.mpesa.totals();
  assert.equal([inFlightCents, utilityCents], [3_700, 0]);
  await until(() => here.mpesa.totals().inFlightCents === 0);
  await pause(aWhileMs);
  assert.is(here.ear.heard.length, 1);
});

giving('can be asked about by the receipt when its result was lost', async () => {
  await using here = await aPaidHub();
  await here.hub.ask({ TransactionID: here.receipt });
  assert.is(parameterOf(await here.heard(2), 'TransactionStatus'), 'Completed');
  here.mpesa.arm({ callback: 'reversal', callbackLost: 1 });
  await here.hub.reverse(here.receipt);
  await until(() => here.mpesa.reversals().length === 1);
  await here.hub.ask({ TransactionID: here.receipt });
  const told = await here.heard(3);
  assert.equal([told.ResultCode, parameterOf(told, 'TransactionStatus')], [0, 'Cancelled']);
});

const refusals = [
  ['R000002 for a receipt that M-Pesa never gave', { TransactionID: 'UKN0000000' }, 'R000002'],
  ['R000002 for another amount than was paid', { Amount: '36' }, 'R000002'],
  ['2001 for a stranger', { Initiator: 'somebody' }, 2001],
] as const;
for (const [what, changes, code] of refusals)
  giving(`tells ${what}, and moves nothing`, async () => {
    await using here = await aPaidHub();
    const before = here.mpesa.totals();
    await here.hub.reverse(here.receipt, changes);
    assert.is((await here.heard(2)).ResultCode, code);
    assert.equal(here.mpesa.totals(), before);
  });

giving('never gives a payout back', async () => {
  await using here = await aNeighbourhood();
  await here.hub.payOut(phone);
  await until(() => here.ear.heard.length === 1);
  await here.hub.reverse(here.mpesa.payouts()[0]?.transactionId);
  await until(() => here.ear.heard.length === 2);
  assert.is(toldBy(here.ear.heard[1]?.text).ResultCode, 'R000002');
});

giving('tells 1 when the hub has spent the money', async () => {
  await using here = await aPaidHub({ utilityBalanceCents: cents(0) });
  await here.hub.payOut('254705912700');
  await here.heard(2);
  await here.hub.reverse(here.receipt);
  assert.is((await here.heard(3)).ResultCode, 1);
});

giving('tells 8 while the phone is full, keeps the payment, and can try again', async () => {
  await using here = await aPaidHub({ phoneBalanceCents: cents(50_000_000) });
  await here.hub.payOut(phone);
  await here.heard(2);
  const before = here.mpesa.totals();
  await here.hub.reverse(here.receipt);
  assert.is((await here.heard(3)).ResultCode, 8);
  assert.equal(here.mpesa.totals(), before);
  await here.hub.push(phone, { Amount: 40 });
  await here.heard(4);
  await here.hub.reverse(here.receipt);
  assert.is((await here.heard(5)).ResultCode, 0);
});

giving('knows its field only in Safaricom’s spelling', async () => {
  await using here = await aPaidHub();
  const corrected = { RecieverIdentifierType: undefined, ReceiverIdentifierType: '11' };
  const { json } = await here.hub.reverse(here.receipt, corrected);
  assert.is(json['errorMessage'], 'Bad Request - Invalid RecieverIdentifierType');
});

giving('learns its balance in one line, with type and code as texts', async () => {
  await using here = await aPaidHub({
    ...{ utilityBalanceCents: cents(100_000), payoutChargeCents: cents(2_240) },
  });
  await here.hub.payOut('254705912700');
  await here.heard(2);
  await here.hub.balance();
  const told = await here.heard(3);
  assert.equal([told.ResultType, told.ResultCode], ['0', '0']);
  assert.is(
    parameterOf(told, 'AccountBalance'),
    'Working Account|KES|0.00|0.00|0.00|0.00&Float Account|KES|0.00|0.00|0.00|0.00&Utility Account|KES|1000.00|1000.00|0.00|0.00&Charges Paid Account|KES|-22.40|-22.40|0.00|0.00&Organization Settlement Account|KES|0.00|0.00|0.00|0.00',
  );
  await here.hub.balance({ SecurityCredential: here.hub.credential('wrong') });
  const refused = await here.heard(4);
  assert.equal([refused.ResultCode, refused.ResultParameters], ['2001', undefined]);
});

giving.run();
