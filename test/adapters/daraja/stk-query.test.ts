import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { anError, type FakeAnswer, queryPath } from './fake-mpesa.ts';
import { aHub, secrets } from './neighbours.ts';

const asking = suite('asking what became of a push');
const id = 'ws_CO_231120261355027708374149';

const aResult = (ResultCode: unknown, change: object = {}): FakeAnswer => ({
  body: { ResponseCode: '0', CheckoutRequestID: id, ResultCode, ResultDesc: '-', ...change },
});

const outcomes: [string, FakeAnswer, object][] = [
  ['"0"', aResult('0'), { kind: 'paid' }],
  ['0', aResult(0), { kind: 'paid' }],
  ['"4999"', aResult('4999'), { kind: 'in-flight' }],
  ['"1032"', aResult('1032'), { kind: 'failed', code: '1032' }],
  ['1037 with a blank', aResult(' 1037 '), { kind: 'failed', code: '1037' }],
  ['"1"', aResult('1'), { kind: 'failed', code: '1' }],
  ['"E3008"', aResult('E3008'), { kind: 'failed', code: 'E3008' }],
  ['"7777"', aResult('7777'), { kind: 'unknown-code', code: '7777' }],
  ['"E9999"', aResult('E9999'), { kind: 'unknown-code', code: 'E9999' }],
  ['"00"', aResult('00'), { kind: 'unknown-code', code: '00' }],
];
for (const [what, answer, expected] of outcomes) {
  asking(`the result ${what} is read as ${JSON.stringify(expected)}`, async () => {
    await using hub = await aHub();
    hub.mpesa.answer(queryPath, answer);
    assert.equal(await hub.money.askAboutPush(id), expected);
  });
}

const silences: [string, FakeAnswer][] = [
  ['an empty 500.001.1001 with HTTP 200', anError('500.001.1001', '', 200)],
  ['an empty 500.001.1001 with HTTP 500', anError('500.001.1001', '', 500)],
  ['a payment being processed', anError('500.001.1001', 'The transaction is being processed')],
  ['a payment that does not exist', anError('500.001.1001', 'The transaction does not Exist')],
  ['a spike arrest', anError('500.003.02')],
  ['a refused question', anError('400.002.02', 'Bad Request', 400)],
  ['HTML', { status: 502, body: '<html>' }],
  ['a broken connection', { hangUp: true }],
  ['true as a code', aResult(true)],
  ['an object as a code', aResult({})],
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
  assert.equal(await hub.money.askAboutPush(id), { kind: 'failed', code: '2028' });
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
