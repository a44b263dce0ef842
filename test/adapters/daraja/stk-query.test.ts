import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { anError, type FakeAnswer, queryPath } from './fake-mpesa.ts';
import { aHub, secrets } from './neighbours.ts';

const asking = suite('asking what became of a push');
const id = 'ws_CO_231120261355027708374149';

const aResult = (ResultCode: unknown, change: object = {}): FakeAnswer => ({
  body: { ResponseCode: '0', CheckoutRequestID: id, ResultCode, ResultDesc: '-', ...change },
});

const failed = (code: string, words: string, isOurs = false) => ({
  kind: 'failed',
  code,
  words,
  isOurs,
});

const outcomes: [string, FakeAnswer, object][] = [
  ['S32: "0"', aResult('0'), { kind: 'paid' }],
  ['S32: 0', aResult(0), { kind: 'paid' }],
  ['"4999"', aResult('4999'), { kind: 'in-flight' }],
  ['"1032"', aResult('1032'), failed('1032', 'The buyer said no.')],
  ['1037 with a blank', aResult(' 1037 '), failed('1037', 'The phone did not answer.')],
  ['"1"', aResult('1'), failed('1', 'The buyer has too little money.')],
  ['S14: "17"', aResult('17'), failed('17', 'The same amount was asked within two minutes: wait.')],
  ['"E3008"', aResult('E3008'), failed('E3008', "The buyer's line has an unpaid contract.")],
  ['S33: "7777"', aResult('7777'), { kind: 'unknown-code', code: '7777' }],
  ['S33: "E9999"', aResult('E9999'), { kind: 'unknown-code', code: 'E9999' }],
  ['S32: "00"', aResult('00'), { kind: 'unknown-code', code: '00' }],
];
for (const [what, answer, expected] of outcomes) {
  asking(`${what} as a result is read as ${JSON.stringify(expected)}`, async () => {
    await using hub = await aHub();
    hub.mpesa.answer(queryPath, answer);
    assert.equal(await hub.money.askAboutPush(id), expected);
  });
}

const silences: [string, FakeAnswer][] = [
  ['an empty 500.001.1001 with HTTP 200', anError('500.001.1001', '', 200)],
  ['an empty 500.001.1001 with HTTP 500', anError('500.001.1001', '', 500)],
  ['a payment being processed', anError('500.001.1001', 'The transaction is being processed')],
  ['S43: a payment that does not exist', anError('500.001.1001', 'The transaction does not Exist')],
  ['a spike arrest', anError('500.003.02')],
  ['HTML', { status: 502, body: '<html>' }],
  ['a broken connection', { hangUp: true }],
  ['S32: true as a code', aResult(true)],
  ['S32: an object as a code', aResult({})],
  ['no code', aResult(undefined)],
  ['a result for another push', aResult('0', { CheckoutRequestID: 'ws_CO_2' })],
  ['a result without a good response', aResult('0', { ResponseCode: '1' })],
];
for (const [what, answer] of silences) {
  asking(`${what} ends nothing: ask again later`, async () => {
    await using hub = await aHub();
    hub.mpesa.answer(queryPath, answer);
    assert.is((await hub.money.askAboutPush(id)).kind, 'no-answer');
    assert.is(hub.mpesa.seenOn(queryPath).length, 1);
  });
}

for (const code of ['404.001.03', '401.002.01']) {
  asking(`a token refused with ${code} is replaced and the question asked once more`, async () => {
    await using hub = await aHub();
    hub.mpesa.answer(queryPath, anError(code, '', 404), aResult('0'));
    assert.equal(await hub.money.askAboutPush(id), { kind: 'paid' });
    hub.mpesa.answer(queryPath, anError(code, '', 404));
    assert.is((await hub.money.askAboutPush(id)).kind, 'misconfigured');
  });
}

asking('wrong credentials call a person', async () => {
  await using hub = await aHub();
  hub.mpesa.answer(queryPath, anError('500.001.1001', '[MerchantValidate] - Wrong credentials'));
  assert.is((await hub.money.askAboutPush(id)).kind, 'misconfigured');
});

asking('a result that tells of a wrong shortcode fails the push and calls a person', async () => {
  await using hub = await aHub();
  hub.mpesa.answer(queryPath, aResult('2028'));
  assert.equal(
    await hub.money.askAboutPush(id),
    failed('2028', 'The shortcode may not take this kind of payment.', true),
  );
  assert.is(hub.news.at(-1)?.state, 'misconfigured');
});

asking('a question whose fields M-Pesa finds wrong calls a person and ends nothing', async () => {
  await using hub = await aHub();
  hub.mpesa.answer(queryPath, anError('400.002.02', 'Bad Request', 400));
  assert.is((await hub.money.askAboutPush(id)).kind, 'misconfigured');
  assert.is(hub.news.at(-1)?.state, 'misconfigured');
});

asking('sends our own id with a fresh signature', async () => {
  await using hub = await aHub();
  hub.mpesa.answer(queryPath, aResult('0'));
  await hub.money.askAboutPush(id);
  assert.equal(hub.mpesa.seenOn(queryPath)[0]?.body, {
    BusinessShortCode: '174379',
    Password: Buffer.from(`174379${secrets.passkey}20261123135501`).toString('base64'),
    Timestamp: '20261123135501',
    CheckoutRequestID: id,
  });
  for (const odd of ['', 'a b', '../x', 'x'.repeat(65)])
    assert.is((await hub.money.askAboutPush(odd)).kind, 'no-answer');
  assert.is(hub.mpesa.seenOn(queryPath).length, 1);
});

asking.run();
