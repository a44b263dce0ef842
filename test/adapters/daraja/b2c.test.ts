import { constants, generateKeyPairSync, publicEncrypt } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readCallback } from '../../../gateway/adapters/daraja/read-callback.ts';
import { cents } from '../../../gateway/core/units.ts';
import { certificatePem } from './certificate.ts';
import { anError, type FakeAnswer, payoutPath, statusPath, taken } from './fake-mpesa.ts';
import { aResult } from './messages.ts';
import {
  aHub,
  aPayout,
  callbacks,
  callbackToken,
  opened,
  secrets,
  timeoutToken,
} from './neighbours.ts';

const paying = suite('paying a seller');

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
  assert.is(opened(SecurityCredential), secrets.initiatorPassword);
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

paying('S63: M-Pesa reads the password only with the right padding and certificate', async () => {
  /** As M-Pesa answers: it takes the order, and tells of a wrong password in the result. */
  const resultOf = (sealed: unknown) => {
    const ResultCode = opened(sealed) === secrets.initiatorPassword ? 0 : 2001;
    return readCallback('payout-result', Buffer.from(aResult({ ResultCode })));
  };
  const sealedBy = async (publicKeyPem: string) => {
    await using hub = await aHub({ publicKeyPem });
    hub.mpesa.answer(payoutPath, taken);
    await hub.money.payOut(aPayout());
    return hub.mpesa.seenOn(payoutPath)[0]?.body['SecurityCredential'];
  };
  const verdictOf = (sealed: unknown) => {
    const claim = resultOf(sealed);
    return claim.kind === 'disbursement' && [claim.code, claim.verdict];
  };
  const { publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  const oaep = publicEncrypt(
    { key: certificatePem, padding },
    Buffer.from(secrets.initiatorPassword),
  );
  assert.equal(verdictOf(await sealedBy(certificatePem)), ['0', 'done']);
  assert.equal(verdictOf(await sealedBy(publicKey)), ['2001', 'stop']);
  assert.equal(verdictOf(oaep.toString('base64')), ['2001', 'stop']);
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
  assert.is(opened(SecurityCredential), secrets.initiatorPassword);
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
