import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { cents } from '../../../gateway/core/units.ts';
import type { ReversalRequest } from '../../../gateway/ports/mobile-money.ts';
import { anError, type FakeAnswer, reversalPath, taken } from './fake-mpesa.ts';
import { aHub, callbacks, callbackToken, opened, secrets, timeoutToken } from './neighbours.ts';

const returning = suite('sending a payment back');

/** A stranger paid 37 shillings to a code that nobody has. */
const aReversal = (change: Partial<ReversalRequest> = {}): ReversalRequest => ({
  receipt: 'UJ22T8IYOU',
  amountCents: cents(3_700),
  resultToken: callbackToken,
  timeoutToken,
  ...change,
});

returning('names the receipt and the shortcode that was paid', async () => {
  await using hub = await aHub();
  hub.mpesa.answer(reversalPath, taken);
  assert.equal(await hub.money.reverse(aReversal()), {
    kind: 'accepted',
    mpesaConversationId: 'AG_20261123_20106e9209f64bebd05b',
  });
  const { SecurityCredential, ...rest } = hub.mpesa.seenOn(reversalPath)[0]?.body ?? {};
  assert.equal(rest, {
    Initiator: 'testapi',
    CommandID: 'TransactionReversal',
    TransactionID: 'UJ22T8IYOU',
    Amount: '37',
    ReceiverParty: '174379',
    RecieverIdentifierType: '11',
    ResultURL: `${callbacks}/${callbackToken}`,
    QueueTimeOutURL: `${callbacks}/${timeoutToken}`,
    Remarks: 'Refund',
    Occasion: 'Refund',
  });
  assert.is(opened(SecurityCredential), secrets.initiatorPassword);
});

const answers: [string, FakeAnswer, object][] = [
  [
    'a wrong field',
    anError('400.002.02', '', 400),
    { kind: 'refused', code: '400.002.02', again: false },
  ],
  ['a busy system', anError('500.003.02'), { kind: 'refused', code: '500.003.02', again: true }],
];
for (const [what, answer, expected] of answers)
  returning(`${what} is a clear no`, async () => {
    await using hub = await aHub();
    hub.mpesa.answer(reversalPath, answer);
    assert.equal(await hub.money.reverse(aReversal()), expected);
  });

// M-Pesa takes no id of ours, so a second order could send the money back twice.
for (const answer of [
  { status: 500, body: '' },
  { status: 502, body: '<html>Bad Gateway</html>' },
  { hangUp: true },
  { body: { ResponseCode: '0' } },
  { body: { ResponseCode: '77' } },
  anError('500.001.1001', ''),
  anError('500.002.1001', 'Duplicate'),
])
  returning(`S54: ${JSON.stringify(answer)} is unclear, and is not ordered again`, async () => {
    await using hub = await aHub();
    hub.mpesa.answer(reversalPath, answer);
    assert.is((await hub.money.reverse(aReversal())).kind, 'unclear');
    assert.is(hub.mpesa.seenOn(reversalPath).length, 1);
  });

returning('a wrong initiator calls a person', async () => {
  await using hub = await aHub();
  hub.mpesa.answer(reversalPath, { body: { ResponseCode: '2001' } });
  assert.is((await hub.money.reverse(aReversal())).kind, 'misconfigured');
  assert.is(hub.money.health().state, 'misconfigured');
});

returning('refuses what M-Pesa would not do before anything is sent', async () => {
  await using hub = await aHub();
  hub.mpesa.answer(reversalPath, taken);
  for (const amount of [0, 50, 3_750, 25_000_100])
    assert.equal(await hub.money.reverse(aReversal({ amountCents: cents(amount) })), {
      kind: 'refused',
      code: 'local.amount',
      again: false,
    });
  for (const receipt of ['', 'UJ22 T8', 'x'.repeat(33), '../x'])
    assert.equal(await hub.money.reverse(aReversal({ receipt })), {
      kind: 'refused',
      code: 'local.receipt',
      again: false,
    });
  assert.is(hub.mpesa.seen.length, 0);
});

returning('orders nothing while there is no address for the result', async () => {
  await using hub = await aHub({ callbackUrl: () => undefined });
  assert.equal(await hub.money.reverse(aReversal()), {
    kind: 'not-sent',
    why: 'no callback address',
  });
  assert.is(hub.mpesa.seen.length, 0);
});

returning.run();
