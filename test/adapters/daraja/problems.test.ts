/** Walks every code that Daraja documents or was seen to give, and what the hub makes of it. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { meaningOf, objectionIn } from '../../../gateway/adapters/daraja/problems.ts';
import { readCallback } from '../../../gateway/adapters/daraja/read-callback.ts';
import { blamesCredential } from '../../../gateway/core/pause.ts';
import type { PayoutVerdict } from '../../../gateway/ports/mobile-money.ts';
import { anError, payoutPath, pushPath, queryPath, taken } from './fake-mpesa.ts';
import { aResult } from './messages.ts';
import { aHub, aPayout, aPush } from './neighbours.ts';

const meaning = suite('what the codes of M-Pesa mean');

/** Outcome of a push: paid, still ringing, failed, or failed by a fault of ours. */
const pushes: Record<'paid' | 'in-flight' | 'failed' | 'alarm', string[]> = {
  paid: ['0'],
  'in-flight': ['4999'],
  failed: [
    ...['1', '2', '3', '4', '17', '26', '1001', '1019', '1025', '9999'],
    ...['1031', '1032', '1036', '1037', '2001', '2006', '8006', 'E3008'],
  ],
  alarm: ['8', '11', '1101', '1102', '2028', 'SFC_IC0003'],
};
const aQueryResult = (ResultCode: string) => ({
  body: { ResponseCode: '0', CheckoutRequestID: 'ws_CO_1', ResultCode },
});

for (const [result, codes] of Object.entries(pushes))
  for (const code of codes)
    meaning(`a push with result ${code} is: ${result}`, async () => {
      await using hub = await aHub();
      hub.mpesa.answer(queryPath, aQueryResult(code));
      const outcome = await hub.money.askAboutPush('ws_CO_1');
      if (outcome.kind !== 'failed') return assert.is(outcome.kind, result);
      assert.is(outcome.isOurs ? 'alarm' : 'failed', result);
      assert.match(outcome.words, /^[A-Z].+\.$/);
      assert.is(hub.money.health().state, outcome.isOurs ? 'misconfigured' : 'ok');
    });

for (const code of ['7777', 'E9999', '00', '15', '2040', 'R000001', '500.001.1001'])
  meaning(`S33: a push with result ${code} has no known outcome`, async () => {
    await using hub = await aHub();
    hub.mpesa.answer(queryPath, aQueryResult(code));
    assert.equal(await hub.money.askAboutPush('ws_CO_1'), { kind: 'unknown-code', code });
  });

const payouts: Record<PayoutVerdict, string[]> = {
  done: ['0'],
  failed: ['2', '3'],
  known: ['15'],
  ask: ['17', '26'],
  'next-day': ['4', '8'],
  pause: ['1'],
  stop: ['11', '18', '20', '21', '22', '2001', '2006', '2028', '8006'],
  park: ['2040', 'SFC_IC0003'],
  unknown: ['00', '1032', '1037', '4999', '7777', 'E3008', 'R000002'],
};
for (const [verdict, codes] of Object.entries(payouts))
  for (const code of codes)
    meaning(`a payout with result ${code} is: ${verdict}`, () => {
      // The same code comes as text here and as a number there.
      const spellings = /^[1-9]\d*$/.test(code) ? [code, Number(code)] : [code];
      for (const ResultCode of spellings) {
        const claim = readCallback('payout-result', Buffer.from(aResult({ ResultCode })));
        if (claim.kind !== 'disbursement') return assert.unreachable(claim.kind);
        assert.is(claim.verdict, verdict);
        assert.match(claim.words, /^[A-Z].+\.$/);
      }
    });

meaning('the hub stops paying out for exactly the codes that blame its own name', () => {
  for (const [verdict, codes] of Object.entries(payouts))
    for (const code of codes) assert.is(blamesCredential(code), verdict === 'stop', code);
});

meaning('a reversal that was done before is done, and an unknown receipt is not', () => {
  assert.equal(meaningOf('R000001').reversal?.[0], 'reversed');
  assert.equal(meaningOf('R000002').reversal?.[0], 'failed');
});

/** What M-Pesa holds against a request, by code; only 500.001.1001 needs its text. */
const objections: [objection: string, code: string, text?: string][] = [
  ...['404.001.03', '400.003.01', '401.002.01', '401.003.01', '401.001'].map(
    (code) => ['bad-token', code] as [string, string],
  ),
  ['bad-request', '400.002.02'],
  ['bad-request', '400.002.05'],
  ['bad-request', '400.003.02'],
  ['misconfigured', '400.008.01'],
  ['misconfigured', '400.008.02'],
  ['misconfigured', '404.001.01'],
  ['misconfigured', '404.001.04'],
  ['misconfigured', '404.003.01'],
  ['misconfigured', '405.001'],
  ['misconfigured', '999.999', 'Invalid API call as no apiproduct match found'],
  ['misconfigured', '500.001.1001', 'Merchant does not exist'],
  ['misconfigured', '500.001.1001', '[MerchantValidate] - Merchant does not exist'],
  ['misconfigured', '500.001.1001', '[MerchantValidate] - Wrong credentials'],
  ['locked', '500.001.1001', 'Unable to lock subscriber, a transaction is already in process'],
  ['no-state', '500.001.1001', ''],
  ['no-state', '500.001.1001', 'The transaction is being processed'],
  ['no-state', '500.001.1001', 'The transaction does not Exist'],
  ['slow-down', '500.003.02'],
  ['slow-down', '500.003.03'],
  ['slow-down', '100000002'],
  ['duplicate', '500.002.1001'],
];
for (const [objection, code, text = ''] of objections)
  meaning(`${code} ${text && `"${text}" `}is an objection: ${objection}`, () => {
    for (const errorCode of /^\d+$/.test(code) ? [code, Number(code)] : [code]) {
      const found = objectionIn(500, { errorCode, errorMessage: text });
      assert.equal([found?.objection, found?.code], [objection, code]);
      assert.match(found?.words ?? '', /^[A-Z].+\.$/);
    }
  });

const faults: [string | undefined, number, object][] = [
  ['slow-down', 500, { detail: { errorcode: 'policies.ratelimit.QuotaViolation' } }],
  ['slow-down', 429, {}],
  ['bad-token', 401, { detail: { errorcode: 'keymanagement.service.invalid_access_token' } }],
  ['bad-token', 401, { detail: { errorcode: 'oauth.v2.InvalidAccessToken' } }],
  ['misconfigured', 401, { faultstring: 'Invalid API call as no apiproduct match found' }],
  [undefined, 500, { faultstring: 'Execution failed', detail: { errorcode: 'steps.Failed' } }],
];
for (const [objection, status, fault] of faults)
  meaning(`a fault ${JSON.stringify(fault)} with HTTP ${status} is: ${objection}`, () => {
    assert.is(objectionIn(status, { fault })?.objection, objection);
  });

meaning('an answer that holds nothing against us is no objection', () => {
  for (const body of [undefined, {}, { errorCode: true }, { errorCode: '500.003.1001' }])
    assert.is(objectionIn(500, body), undefined);
  assert.is(objectionIn(200, { ResponseCode: '0' }), undefined);
});

meaning('a payout is not sent again by itself after any objection but a bad token', async () => {
  for (const [objection, code, text = ''] of objections) {
    await using hub = await aHub();
    hub.mpesa.answer(payoutPath, anError(code, text), taken);
    hub.mpesa.answer(pushPath, anError(code, text));
    await hub.money.payOut(aPayout());
    const times = objection === 'bad-token' ? 2 : 1;
    assert.is(hub.mpesa.seenOn(payoutPath).length, times, code);
    await hub.money.ring(aPush());
    assert.ok(hub.mpesa.seenOn(pushPath).length <= times, code);
  }
});

meaning.run();
