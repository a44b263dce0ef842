import { constants, publicEncrypt } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { cents } from '../../../gateway/core/units.ts';
import { aClock, aNeighbourhood, aWhileMs, pause, shortcode, until } from './neighbours.ts';

const payingOut = suite('the hub pays a simulated household');
const goodPhone = '254705912600';
const id = 'J7F3K2Q9A01ZK4M8TR';

type Told = {
  ResultType: number;
  ResultCode: number | string;
  OriginatorConversationID: string;
  TransactionID: string;
  ResultParameters?: { ResultParameter: { Key: string; Value: unknown }[] };
};
const toldBy = (text: string | undefined): Told => JSON.parse(text ?? '').Result;

payingOut('hears the result at its ResultURL, once', async () => {
  const settings = { payoutChargeCents: cents(2_240), utilityBalanceCents: cents(900_000) };
  await using here = await aNeighbourhood(settings);
  const { json } = await here.hub.payOut(goodPhone);
  assert.is(json['ResponseCode'], '0');
  assert.is(json['OriginatorConversationID'], id);
  assert.match(json['ConversationID'] ?? '', /^AG_20261123_[0-9a-f]{20}$/);
  await until(() => here.ear.heard.length === 1);

  const text = here.ear.heard[0]?.text ?? '';
  const told = toldBy(text);
  assert.equal([told.ResultType, told.ResultCode], [0, 0]);
  assert.is(told.OriginatorConversationID, id);
  assert.is(told.TransactionID, here.mpesa.payouts()[0]?.transactionId);
  assert.match(text, '"Key":"TransactionAmount","Value":37}');
  assert.match(text, '"Key":"B2CUtilityAccountAvailableFunds","Value":8963.00}');
  assert.match(text, '"Key":"B2CChargesPaidAccountAvailableFunds","Value":-22.40}');
  assert.match(text, '"Value":"23.11.2026 13:55:01"');
});

payingOut('refuses the same OriginatorConversationID and pays once', async () => {
  await using here = await aNeighbourhood();
  await here.hub.payOut(goodPhone);
  const again = await here.hub.payOut(goodPhone);
  assert.equal([again.status, again.json['errorCode']], [500, '500.002.1001']);
  await until(() => here.ear.heard.length === 1);
  await pause(aWhileMs);
  assert.is(here.mpesa.payouts().length, 1);
});

payingOut('tells 2001 for a wrong password, and 8006 after three', async () => {
  await using here = await aNeighbourhood();
  const wrong = (n: number) => ({
    OriginatorConversationID: `J${n}`,
    SecurityCredential: here.hub.credential('wrong'),
  });
  for (let tried = 1; tried <= 3; tried += 1) {
    assert.is((await here.hub.payOut(goodPhone, wrong(tried))).status, 200);
    await until(() => here.ear.heard.length === tried);
  }
  await here.hub.payOut(goodPhone);
  await until(() => here.ear.heard.length === 4);
  const codes = here.ear.heard.map(({ text }) => toldBy(text).ResultCode);
  assert.equal(codes, [2001, 2001, 2001, 8006]);
  assert.not.ok(toldBy(here.ear.heard[0]?.text).ResultParameters);
  assert.equal(here.mpesa.payouts(), []);
});

payingOut('tells 2001 for a password padded by OAEP', async () => {
  await using here = await aNeighbourhood();
  const SecurityCredential = publicEncrypt(
    { key: here.mpesa.publicKeyPem, padding: constants.RSA_PKCS1_OAEP_PADDING },
    Buffer.from('Safe#Word1'),
  ).toString('base64');
  await here.hub.payOut(goodPhone, { SecurityCredential });
  await until(() => here.ear.heard.length === 1);
  assert.is(toldBy(here.ear.heard[0]?.text).ResultCode, 2001);
});

const refusals = [
  ['1 without utility money', { utilityBalanceCents: cents(3_699) }, goodPhone, '37', 1],
  ['2 below ten shillings', {}, goodPhone, '9', 2],
  ['3 above 250,000 shillings', {}, goodPhone, '250001', 3],
  [
    '8 when the phone may hold no more',
    { phoneBalanceCents: cents(50_000_000) },
    goodPhone,
    '37',
    8,
  ],
  ['2040 when the last digit but one is 1', {}, '254705912610', '37', 2040],
  ['1 when the last digit but one is 6', {}, '254705912660', '37', 1],
  ['8 when the last digit but one is 8', {}, '254705912680', '37', 8],
] as const;
for (const [what, options, phone, Amount, code] of refusals)
  payingOut(`tells ${what}, and moves nothing`, async () => {
    await using here = await aNeighbourhood(options);
    const before = here.mpesa.totals();
    await here.hub.payOut(phone, { Amount });
    await until(() => here.ear.heard.length === 1);
    assert.is(toldBy(here.ear.heard[0]?.text).ResultCode, code);
    assert.equal(here.mpesa.totals(), before);
  });

payingOut('loses the result when the last digit but one is 2, and can be asked', async () => {
  await using here = await aNeighbourhood();
  await here.hub.payOut('254705912620');
  await until(() => here.mpesa.payouts().length === 1);
  await pause(aWhileMs);
  assert.is(here.ear.heard.length, 0);
  await here.hub.ask({ OriginalConversationID: id });
  await until(() => here.ear.heard.length === 1);
  assert.match(here.ear.heard[0]?.text ?? '', '"Key":"TransactionStatus","Value":"Completed"');
});

payingOut('reports a queue time-out and pays later when the last digit but one is 3', async () => {
  await using here = await aNeighbourhood();
  await here.hub.payOut('254705912630');
  await until(() => here.ear.heard.length === 2);
  assert.match(here.ear.heard[0]?.path ?? '', /\/late$/);
  assert.is.not(toldBy(here.ear.heard[0]?.text).ResultType, 0);
  assert.is(toldBy(here.ear.heard[1]?.text).ResultCode, 0);
  assert.is(here.mpesa.payouts().length, 1);
});

payingOut('pays although the answer is dropped when the last digit but one is 4', async () => {
  await using here = await aNeighbourhood();
  const failed = await here.hub.payOut('254705912640').catch((error: unknown) => error);
  assert.instance(failed, TypeError);
  assert.is((await here.hub.payOut('254705912640')).json['errorCode'], '500.002.1001');
  await until(() => here.mpesa.payouts().length === 1);
});

payingOut('never saw a request whose answer is dropped when that digit is 5', async () => {
  await using here = await aNeighbourhood();
  const failed = await here.hub.payOut('254705912650').catch((error: unknown) => error);
  assert.instance(failed, TypeError);
  assert.is((await here.hub.payOut('254705912650')).status, 200);
  await until(() => here.mpesa.payouts().length === 1);
});

payingOut('tells twice when that digit is 7, and after 90 seconds when it is 9', async () => {
  await using here = await aNeighbourhood({ clock: aClock(150) });
  await here.hub.payOut('254705912690', { OriginatorConversationID: 'J9' });
  await here.hub.payOut('254705912670');
  await until(() => here.ear.heard.length === 2);
  assert.is(here.ear.heard[0]?.text, here.ear.heard[1]?.text);
  assert.equal(
    here.mpesa.payouts().map(({ phone }) => phone),
    ['254705912670'],
  );
  await until(() => here.ear.heard.length === 3);
});

payingOut('wants the fields as Safaricom spells them', async () => {
  await using here = await aNeighbourhood();
  const right = await here.hub.payOut(goodPhone, { Occassion: undefined, Occasion: 'K7F3Q' });
  assert.is(right.json['errorMessage'], 'Bad Request - Invalid Occasion');
  const other = await here.hub.payOut(goodPhone, {
    InitiatorName: undefined,
    Initiator: 'testapi',
  });
  assert.is(other.json['errorMessage'], 'Bad Request - Invalid InitiatorName');
  const long = await here.hub.payOut(goodPhone, { OriginatorConversationID: 'J'.repeat(20) });
  assert.is(long.status, 400);
});

payingOut('answers questions by conversation and by transaction', async () => {
  await using here = await aNeighbourhood({ resultDelay: { leastMs: 0, mostMs: 0 } });
  await here.hub.push(goodPhone);
  await here.hub.payOut('254705912610');
  await until(() => here.ear.heard.length === 2);
  await here.hub.ask({ OriginalConversationID: id });
  await until(() => here.ear.heard.length === 3);
  await here.hub.ask({ TransactionID: here.mpesa.payments()[0]?.receipt });
  await until(() => here.ear.heard.length === 4);
  await here.hub.ask({ TransactionID: 'SG632NMUAB' });
  await until(() => here.ear.heard.length === 5);

  const [declined, completed, unknown] = here.ear.heard.slice(2).map(({ text }) => toldBy(text));
  const statusOf = (told: Told | undefined) =>
    told?.ResultParameters?.ResultParameter.find(({ Key }) => Key === 'TransactionStatus')?.Value;
  assert.equal([declined?.ResultCode, statusOf(declined)], [0, 'Declined']);
  assert.equal([completed?.ResultCode, statusOf(completed)], [0, 'Completed']);
  assert.equal([unknown?.ResultCode, statusOf(unknown)], ['R000002', undefined]);
  const none = await here.hub.ask({});
  assert.is(none.json['errorMessage'], 'Bad Request - Invalid TransactionID');
});

payingOut('pays from another shortcode only where there is one', async () => {
  await using here = await aNeighbourhood({ b2cShortcode: '600992' });
  const wrong = await here.hub.payOut(goodPhone, { PartyA: shortcode });
  assert.is(wrong.json['errorMessage'], 'Bad Request - Invalid PartyA');
  assert.is((await here.hub.payOut(goodPhone, { PartyA: '600992' })).status, 200);
});

payingOut.run();
