import { constants, createPrivateKey, generateKeyPairSync, privateDecrypt } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { cents } from '../../../gateway/core/units.ts';
import { privateKeyPem } from './certificate.ts';
import { anError, type FakeAnswer, payoutPath, statusPath } from './fake-mpesa.ts';
import { aHub, aPayout, callbackToken, secrets, timeoutToken } from './neighbours.ts';

const paying = suite('paying a seller');

const taken: FakeAnswer = {
  body: {
    ConversationID: 'AG_20261123_20106e9209f64bebd05b',
    OriginatorConversationID: 'J7F3K2Q9A01ZK4M8TR',
    ResponseCode: '0',
    ResponseDescription: 'Accept the service request successfully.',
  },
};
const opened = (sealed: unknown, key: string) =>
  privateDecrypt(
    { key: createPrivateKey(key), padding: constants.RSA_PKCS1_PADDING },
    Buffer.from(String(sealed), 'base64'),
  ).toString();
const callbacks = 'https://hub.example.org/api/payment/callback';

paying('sends every field with its own spelling, and our conversation id', async () => {
  await using hub = await aHub();
  hub.mpesa.answer(payoutPath, taken);
  assert.equal(await hub.money.payOut(aPayout()), {
    kind: 'accepted',
    mpesaConversationId: 'AG_20261123_20106e9209f64bebd05b',
  });
  const { SecurityCredential, ...rest } = hub.mpesa.seenOn(payoutPath)[0]?.body ?? {};
  assert.equal(rest, {
    OriginatorConversationID: 'J7F3K2Q9A01ZK4M8TR',
    InitiatorName: 'testapi',
    CommandID: 'BusinessPayment',
    Amount: '37',
    PartyA: '600992',
    PartyB: '254705912645',
    Remarks: 'Energy sales',
    QueueTimeOutURL: `${callbacks}/${timeoutToken}`,
    ResultURL: `${callbacks}/${callbackToken}`,
    Occassion: 'Energy sales',
  });
  assert.is(String(SecurityCredential).length, 344);
  assert.is(opened(SecurityCredential, privateKeyPem), secrets.initiatorPassword);
});

paying('seals the password anew each time, also with a bare public key', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  await using hub = await aHub({ publicKeyPem: publicKey });
  hub.mpesa.answer(payoutPath, taken);
  await hub.money.payOut(aPayout());
  await hub.money.payOut(aPayout());
  const sealed = hub.mpesa.seenOn(payoutPath).map(({ body }) => body['SecurityCredential']);
  assert.is.not(sealed[0], sealed[1]);
  for (const text of sealed) assert.is(opened(text, privateKey), secrets.initiatorPassword);
});

const answers: [string, FakeAnswer, object][] = [
  [
    'a duplicate id',
    anError('500.002.1001', 'Duplicate OriginatorConversationID.'),
    { kind: 'duplicate' },
  ],
  ['response code 15', { body: { ResponseCode: '15' } }, { kind: 'duplicate' }],
  [
    'a wrong field',
    anError('400.002.02', '', 400),
    { kind: 'refused', code: '400.002.02', again: false },
  ],
  ['a busy system', anError('500.003.02'), { kind: 'refused', code: '500.003.02', again: true }],
];
for (const [what, answer, expected] of answers) {
  paying(`${what} is answered with ${JSON.stringify(expected)}`, async () => {
    await using hub = await aHub();
    hub.mpesa.answer(payoutPath, answer);
    assert.equal(await hub.money.payOut(aPayout()), expected);
  });
}

for (const answer of [
  { status: 500, body: '' },
  { hangUp: true },
  { body: { ResponseCode: '0' } },
  { body: { ResponseCode: '77' } },
  anError('500.001.1001', ''),
]) {
  paying(`does not know whether the money went after ${JSON.stringify(answer)}`, async () => {
    await using hub = await aHub();
    hub.mpesa.answer(payoutPath, answer);
    assert.is((await hub.money.payOut(aPayout())).kind, 'unclear');
  });
}

paying('a wrong initiator calls a person', async () => {
  await using hub = await aHub();
  hub.mpesa.answer(payoutPath, { body: { ResponseCode: '2001' } });
  assert.is((await hub.money.payOut(aPayout())).kind, 'misconfigured');
  assert.is(hub.news.at(-1)?.state, 'misconfigured');
});

paying('refuses what M-Pesa would not pay before anything is sent', async () => {
  await using hub = await aHub();
  hub.mpesa.answer(payoutPath, taken);
  for (const amount of [900, 999, 1_050, 25_000_100])
    assert.equal(await hub.money.payOut(aPayout({ amountCents: cents(amount) })), {
      kind: 'refused',
      code: 'local.amount',
      again: false,
    });
  for (const conversationId of [
    '',
    'J7F3K2Q9A01ZK4M8T',
    'J7F3K2Q9A01ZK4M8TRX',
    'J7F3K2Q9A01ZK4M8T-',
  ])
    assert.equal(await hub.money.payOut(aPayout({ conversationId })), {
      kind: 'refused',
      code: 'local.conversation',
      again: false,
    });
  for (const change of [{ resultToken: 'x' }, { timeoutToken: 'x' }])
    assert.equal(await hub.money.payOut(aPayout(change)), {
      kind: 'refused',
      code: 'local.token',
      again: false,
    });
  assert.is(hub.mpesa.seen.length, 0);
  assert.is((await hub.money.payOut(aPayout({ amountCents: cents(1_000) }))).kind, 'accepted');
});

paying('sends nothing with a certificate that cannot be used', async () => {
  const { publicKey } = generateKeyPairSync('ed25519', {
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  for (const publicKeyPem of ['', 'no certificate', publicKey]) {
    await using hub = await aHub({ publicKeyPem });
    assert.is((await hub.money.payOut(aPayout())).kind, 'misconfigured');
    assert.is(hub.mpesa.seen.length, 0);
  }
});

paying('asks about a payout by our id, with fresh addresses', async () => {
  await using hub = await aHub();
  hub.mpesa.answer(statusPath, taken);
  const question = aPayout();
  assert.equal(await hub.money.askAboutPayout(question), { kind: 'asked' });
  const { SecurityCredential, ...rest } = hub.mpesa.seenOn(statusPath)[0]?.body ?? {};
  assert.equal(rest, {
    Initiator: 'testapi',
    CommandID: 'TransactionStatusQuery',
    OriginalConversationID: 'J7F3K2Q9A01ZK4M8TR',
    PartyA: '600992',
    IdentifierType: '4',
    ResultURL: `${callbacks}/${callbackToken}`,
    QueueTimeOutURL: `${callbacks}/${timeoutToken}`,
    Remarks: 'OK',
    Occasion: 'OK',
  });
  assert.is(opened(SecurityCredential, privateKeyPem), secrets.initiatorPassword);
});

paying('says when a question about a payout was not asked', async () => {
  await using hub = await aHub();
  for (const answer of [anError('500.001.1001', ''), { hangUp: true }, { body: {} }]) {
    hub.mpesa.answer(statusPath, answer);
    assert.is((await hub.money.askAboutPayout(aPayout())).kind, 'not-asked');
  }
  const answer = await hub.money.askAboutPayout(aPayout({ resultToken: 'x' }));
  assert.equal(answer, { kind: 'not-asked', why: 'local.token' });
});

paying.run();
