import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readPhone } from '../../../gateway/core/phone.ts';
import type { Cents } from '../../../gateway/core/units.ts';
import { cents } from '../../../gateway/core/units.ts';
import { anError, aRinging, type FakeAnswer, oauthPath, pushPath } from './fake-mpesa.ts';
import { aHub, aPhone, aPush, callbackToken, secrets } from './neighbours.ts';

const ringing = suite('ringing a phone for a payment');

ringing('sends every field as M-Pesa wants it, and gives back both ids', async () => {
  await using hub = await aHub();
  hub.mpesa.answer(pushPath, aRinging);
  assert.equal(await hub.money.ring(aPush()), {
    kind: 'accepted',
    checkoutRequestId: 'ws_CO_231120261355027708374149',
    merchantRequestId: '2654-4b64-97ff',
  });
  const [seen] = hub.mpesa.seenOn(pushPath);
  assert.match(seen?.contentType ?? '', /^application\/json/);
  assert.equal(seen?.body, {
    BusinessShortCode: '174379',
    Password: Buffer.from(`174379${secrets.passkey}20261123135501`).toString('base64'),
    Timestamp: '20261123135501',
    TransactionType: 'CustomerPayBillOnline',
    Amount: 37,
    PartyA: '254708374149',
    PartyB: '174379',
    PhoneNumber: '254708374149',
    CallBackURL: `https://hub.example.org/api/payment/callback/${callbackToken}`,
    AccountReference: 'K7F3Q0012A',
    TransactionDesc: 'Energy',
  });
  assert.is(hub.money.health().state, 'ok');
});

ringing(
  'S6: signs in East Africa Time on the last second of UTC, on a machine in New York',
  async () => {
    const zone = process.env['TZ'];
    process.env['TZ'] = 'America/New_York';
    try {
      await using hub = await aHub({ now: () => Date.UTC(2026, 11, 31, 23, 59, 59, 999) });
      hub.mpesa.answer(pushPath, aRinging);
      await hub.money.ring(aPush());
      const body = hub.mpesa.seenOn(pushPath)[0]?.body ?? {};
      assert.is(body['Timestamp'], '20270101025959');
      assert.is(
        Buffer.from(String(body['Password']), 'base64').toString(),
        `174379${secrets.passkey}20270101025959`,
      );
    } finally {
      if (zone === undefined) delete process.env['TZ'];
      else process.env['TZ'] = zone;
    }
  },
);

ringing(
  'S8: refuses amounts that are not 1 to 250,000 whole shillings before anything is sent',
  async () => {
    await using hub = await aHub();
    hub.mpesa.answer(pushPath, aRinging);
    const wrong: unknown[] = [
      0,
      50,
      99,
      3_705,
      25_000_100,
      -100,
      Number.NaN,
      Infinity,
      '100000',
      '1e3',
    ];
    for (const amount of wrong)
      assert.equal(
        await hub.money.ring(aPush({ amountCents: amount as Cents })),
        { kind: 'refused', code: 'local.amount', again: false },
        `${amount}`,
      );
    assert.is(hub.mpesa.seen.length, 0);
    for (const amount of [100, 25_000_000])
      assert.is((await hub.money.ring(aPush({ amountCents: cents(amount) }))).kind, 'accepted');
  },
);

ringing('S9: writes each way of giving a phone number as twelve digits', async () => {
  await using hub = await aHub();
  hub.mpesa.answer(pushPath, aRinging);
  for (const text of ['0708374149', '+254 708 374-149', '708374149', '(254) 708.374.149'])
    await hub.money.ring(aPush({ phone: aPhone(text) }));
  for (const { body } of hub.mpesa.seenOn(pushPath))
    assert.equal([body['PartyA'], body['PhoneNumber']], ['254708374149', '254708374149']);
});

ringing('S9: a number that is no Kenyan mobile number never comes this far', () => {
  for (const text of [
    '070837414',
    '07083741490',
    '255708374149',
    '254008374149',
    '0208374149',
    '\u0660\u0667\u0660\u0668\u0663\u0667\u0664\u0661\u0664\u0669',
    '0708374149;',
    '',
  ])
    assert.not.ok(readPhone(text).ok, text);
});

ringing('S10: never lets out a reference or a description that M-Pesa would refuse', async () => {
  await using hub = await aHub();
  hub.mpesa.answer(pushPath, aRinging);
  for (const accountReference of ['', 'K7F3Q00000012', 'K7F3Q-12', 'K7F 12'])
    assert.equal(await hub.money.ring(aPush({ accountReference })), {
      kind: 'refused',
      code: 'local.reference',
      again: false,
    });
  for (const description of ['', ' ', 'Energy of suns', 'Ener\ngy'])
    assert.equal(await hub.money.ring(aPush({ description })), {
      kind: 'refused',
      code: 'local.description',
      again: false,
    });
  assert.is(hub.mpesa.seen.length, 0);
  const longest = { accountReference: 'K7F3Q0000012', description: 'Energy of sun' };
  assert.is((await hub.money.ring(aPush(longest))).kind, 'accepted');
});

ringing('rings nobody while there is no address for the callback', async () => {
  await using hub = await aHub({ callbackUrl: () => undefined });
  assert.equal(await hub.money.ring(aPush()), { kind: 'not-sent', why: 'no callback address' });
  assert.is(hub.mpesa.seen.length, 0);
});

ringing('refuses a callback path that is not 32 lower-case hex characters', async () => {
  await using hub = await aHub();
  for (const token of [
    '',
    callbackToken.toUpperCase(),
    callbackToken.slice(1),
    `${callbackToken}0`,
  ])
    assert.equal(await hub.money.ring(aPush({ callbackToken: token })), {
      kind: 'refused',
      code: 'local.token',
      again: false,
    });
  assert.is(hub.mpesa.seen.length, 0);
});

const refusals: [string, FakeAnswer, string, boolean][] = [
  [
    'S12: a wrong field',
    anError('400.002.02', 'Bad Request - Invalid Amount', 400),
    '400.002.02',
    false,
  ],
  ['S12: a wrong field', anError('400.002.05', '', 400), '400.002.05', false],
  [
    'S13: an open prompt',
    anError('500.001.1001', 'Unable to lock subscriber, ...'),
    '500.001.1001',
    true,
  ],
  ['a busy system', anError('500.003.02', 'System is busy'), '500.003.02', true],
  ['a used quota', anError('500.003.03', ''), '500.003.03', true],
];
for (const [what, answer, code, again] of refusals) {
  ringing(
    `${what} (${code}) is a clear no, which may ${again ? '' : 'not '}be tried again`,
    async () => {
      await using hub = await aHub();
      hub.mpesa.answer(pushPath, answer);
      assert.equal(await hub.money.ring(aPush()), { kind: 'refused', code, again });
      assert.is(hub.mpesa.seenOn(pushPath).length, 1);
    },
  );
}

const spike = { detail: { errorcode: 'policies.ratelimit.SpikeArrestViolation' }, faultstring: '' };
for (const answer of [
  { status: 429, body: { fault: spike } },
  anError('500.003.02', 'System is busy'),
]) {
  ringing(
    `S15: rests after a spike arrest with HTTP ${answer.status}, then one phone rings once`,
    async () => {
      await using hub = await aHub();
      hub.mpesa.answer(pushPath, answer, aRinging);
      const first = await hub.money.ring(aPush());
      assert.equal([first.kind, first.kind === 'refused' && first.again], ['refused', true]);
      const before = performance.now();
      assert.is((await hub.money.ring(aPush())).kind, 'accepted');
      assert.ok(performance.now() - before > 900, 'waits about a second');
      assert.is(hub.mpesa.seenOn(pushPath).length, 2);
    },
  );
}

const unclear: [string, FakeAnswer][] = [
  ['S19: HTML from a broken gateway', { status: 502, body: '<html>Bad Gateway</html>' }],
  ['HTML with HTTP 200', { status: 200, body: '<html>Sorry</html>' }],
  ['an empty answer', { status: 200 }],
  ['half a JSON text', { status: 200, body: '{"ResponseCode":"0"' }],
  ['a connection that breaks', { hangUp: true }],
  ['500.001.1001 without a text', anError('500.001.1001', '')],
  ['500.003.1001', anError('500.003.1001', 'Internal Server Error')],
  ['a code that nobody knows', anError('500.009.77', 'Hello')],
  ['an acknowledgement without an id', { body: { ResponseCode: '0', MerchantRequestID: '1-2' } }],
  [
    'a text longer than any answer',
    { body: { ...Object(aRinging.body), pad: 'x'.repeat(70_000) } },
  ],
];
for (const [what, answer] of unclear) {
  ringing(`${what}: nobody knows whether the phone rings, and it is not rung again`, async () => {
    await using hub = await aHub();
    hub.mpesa.answer(pushPath, answer);
    assert.is((await hub.money.ring(aPush())).kind, 'unclear');
    assert.is(hub.mpesa.seenOn(pushPath).length, 1);
  });
}

for (const [what, answer] of [
  ['never comes', { silent: true }],
  ['drips', { dripMs: 40 }],
] as const) {
  ringing(`S20: cuts an answer that ${what} at the deadline`, async () => {
    await using hub = await aHub({ deadlineMs: 300 });
    hub.mpesa.answer(pushPath, answer);
    const before = performance.now();
    assert.equal(await hub.money.ring(aPush()), { kind: 'unclear', why: 'no answer in time' });
    const tookMs = performance.now() - before;
    assert.ok(tookMs > 250 && tookMs < 1_500, `${tookMs} ms`);
    assert.is(hub.money.health().state, 'unreachable');
  });
}

ringing(
  'S19: nothing is sent when nobody listens, and the same push may go out later',
  async () => {
    await using gone = await aHub();
    await gone.mpesa.close();
    await using hub = await aHub({ baseUrl: gone.mpesa.baseUrl });
    const answer = await hub.money.ring(aPush());
    assert.equal(answer, { kind: 'not-sent', why: 'sign-in: ECONNREFUSED' });
    assert.is(hub.money.health().state, 'unreachable');
  },
);

ringing('has not sent the push when M-Pesa vanishes after the sign-in', async () => {
  await using hub = await aHub();
  hub.mpesa.answer(pushPath, aRinging);
  await hub.money.ring(aPush());
  await hub.mpesa.close();
  assert.equal(await hub.money.ring(aPush()), { kind: 'not-sent', why: 'ECONNREFUSED' });
});

const wrongSettings: [string, FakeAnswer][] = [
  [
    'a merchant that does not exist',
    anError('500.001.1001', '[MerchantValidate] - Merchant does not exist'),
  ],
  ['wrong credentials', anError('500.001.1001', 'Wrong credentials')],
  ['a product that is not enabled', anError('404.001.01', '', 404)],
  [
    'no matching API product',
    {
      status: 401,
      body: { fault: { faultstring: 'Invalid API call as no apiproduct match found' } },
    },
  ],
];
for (const [what, answer] of wrongSettings) {
  ringing(`calls a person for ${what}`, async () => {
    await using hub = await aHub();
    hub.mpesa.answer(pushPath, answer);
    assert.is((await hub.money.ring(aPush())).kind, 'misconfigured');
    assert.is(hub.news.at(-1)?.state, 'misconfigured');
  });
}

ringing('ends calls under way when the hub closes', async () => {
  await using hub = await aHub({ requestsPerSecond: 1 });
  hub.mpesa.answer(pushPath, { silent: true });
  const calls = [hub.money.ring(aPush()), hub.money.ring(aPush())];
  while (hub.mpesa.seenOn(oauthPath).length === 0) await new Promise(setImmediate);
  while (hub.mpesa.seenOn(pushPath).length === 0) await new Promise((go) => setTimeout(go, 20));
  hub.money[Symbol.dispose]();
  const kinds = (await Promise.all(calls)).map(({ kind }) => kind);
  assert.equal(kinds, ['unclear', 'not-sent']);
});

ringing.run();
