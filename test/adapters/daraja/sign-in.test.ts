import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openPace } from '../../../gateway/adapters/daraja/pace.ts';
import { Secret } from '../../../gateway/adapters/daraja/secret.ts';
import { openSignIn } from '../../../gateway/adapters/daraja/sign-in.ts';
import { anError, aRinging, aToken, oauthPath, pushPath } from './fake-mpesa.ts';
import { aHub, aPush, secrets } from './neighbours.ts';

const signingIn = suite('signing in to M-Pesa');

for (const life of ['3599', 3599]) {
  signingIn(
    `S1: a token whose life is a ${typeof life} serves until 120 s before its end`,
    async () => {
      await using hub = await aHub();
      hub.mpesa.answer(oauthPath, aToken('token-one', life), aToken('token-two', life));
      hub.mpesa.answer(pushPath, aRinging);
      await hub.money.ring(aPush());
      hub.pass((3599 - 125) * 1000);
      await hub.money.ring(aPush());
      assert.is(hub.mpesa.seenOn(oauthPath).length, 1);
      hub.pass(6_000);
      await hub.money.ring(aPush());
      const used = hub.mpesa.seenOn(pushPath).map((request) => request.authorization);
      assert.equal(used, ['Bearer token-one', 'Bearer token-one', 'Bearer token-two']);
    },
  );
}

signingIn('shows key and secret as Basic, and only there', async () => {
  await using hub = await aHub();
  hub.mpesa.answer(pushPath, aRinging);
  await hub.money.ring(aPush());
  const basic = Buffer.from(`${secrets.consumerKey}:${secrets.consumerSecret}`).toString('base64');
  assert.is(hub.mpesa.seenOn(oauthPath)[0]?.authorization, `Basic ${basic}`);
});

signingIn('takes 3000 s for a life that is no number', async () => {
  await using hub = await aHub();
  hub.mpesa.answer(oauthPath, aToken('token-one', 'soon'));
  hub.mpesa.answer(pushPath, aRinging);
  await hub.money.ring(aPush());
  hub.pass(2_870_000);
  await hub.money.ring(aPush());
  assert.is(hub.mpesa.seenOn(oauthPath).length, 1);
  hub.pass(20_000);
  await hub.money.ring(aPush());
  assert.is(hub.mpesa.seenOn(oauthPath).length, 2);
});

signingIn('S2: twenty neighbours at once share one token', async () => {
  await using hub = await aHub();
  hub.mpesa.answer(pushPath, aRinging);
  const answers = await Promise.all(Array.from({ length: 20 }, () => hub.money.ring(aPush())));
  assert.ok(answers.every(({ kind }) => kind === 'accepted'));
  assert.is(hub.mpesa.seenOn(oauthPath).length, 1);
});

signingIn('S5: twenty neighbours whose token was ended fetch one new token together', async () => {
  await using hub = await aHub();
  hub.mpesa.answer(oauthPath, aToken('token-one'), aToken('token-two'));
  hub.mpesa.answer(pushPath, aRinging, ({ authorization }) =>
    authorization === 'Bearer token-two' ? aRinging : anError('404.001.03', '', 404),
  );
  await hub.money.ring(aPush());
  const answers = await Promise.all(Array.from({ length: 20 }, () => hub.money.ring(aPush())));
  assert.ok(answers.every(({ kind }) => kind === 'accepted'));
  assert.is(hub.mpesa.seenOn(oauthPath).length, 2);
});

for (const [code, status] of [
  ['404.001.03', 404],
  ['400.003.01', 400],
  ['401.002.01', 401],
  ['401.003.01', 401],
  ['401.001', 401],
] as const) {
  signingIn(
    `S3: a token that was refused with ${code} is replaced, and the phone rings once`,
    async () => {
      await using hub = await aHub();
      hub.mpesa.answer(oauthPath, aToken('token-one'), aToken('token-two'));
      hub.mpesa.answer(pushPath, anError(code, 'Invalid Access Token', status), aRinging);
      assert.is((await hub.money.ring(aPush())).kind, 'accepted');
      const used = hub.mpesa.seenOn(pushPath).map((request) => request.authorization);
      assert.equal(used, ['Bearer token-one', 'Bearer token-two']);
    },
  );
}

signingIn('S3: a fresh token that is refused too calls a person, without a third try', async () => {
  await using hub = await aHub();
  hub.mpesa.answer(pushPath, anError('404.001.03', 'Invalid Access Token', 404));
  assert.is((await hub.money.ring(aPush())).kind, 'misconfigured');
  assert.is(hub.mpesa.seenOn(pushPath).length, 2);
  assert.is(hub.mpesa.seenOn(oauthPath).length, 2);
  assert.is(hub.money.health().state, 'misconfigured');
});

signingIn(
  'S4: an empty 400 means keys of another environment, and M-Pesa is left alone',
  async () => {
    await using hub = await aHub();
    hub.mpesa.answer(oauthPath, { status: 400 });
    for (let asked = 0; asked < 5; asked += 1)
      assert.is((await hub.money.ring(aPush())).kind, 'misconfigured');
    assert.is(hub.mpesa.seen.length, 1);
    assert.is(hub.news.length, 1);

    hub.mpesa.answer(oauthPath, aToken());
    hub.mpesa.answer(pushPath, aRinging);
    hub.pass(60_001);
    assert.is((await hub.money.ring(aPush())).kind, 'accepted');
    assert.is(hub.money.health().state, 'ok');
  },
);

signingIn('a sign-in that fails for another reason has not rung any phone', async () => {
  await using hub = await aHub();
  for (const answer of [{ status: 502, body: '<html>' }, { hangUp: true }, { body: '{}' }]) {
    hub.mpesa.answer(oauthPath, answer);
    assert.is((await hub.money.ring(aPush())).kind, 'not-sent');
  }
  assert.is(hub.mpesa.seenOn(pushPath).length, 0);
  assert.is(hub.money.health().state, 'unreachable');
});

signingIn('an old token that comes back as refused does not end the newer one', async () => {
  let made = 0;
  const signIn = openSignIn({
    http: async () => {
      made += 1;
      const body = { access_token: `token-${made}`, expires_in: '3599' };
      return { kind: 'answered', status: 200, body, empty: false };
    },
    pace: openPace(1_000, () => 0, new AbortController().signal),
    elapsedMs: () => 0,
    consumerKey: new Secret('key'),
    consumerSecret: new Secret('secret'),
  });
  const first = await signIn.pass();
  if (first.kind !== 'pass') return assert.unreachable(first.why);
  signIn.drop(first.token);
  const second = await signIn.pass();
  signIn.drop(first.token);
  assert.equal(await signIn.pass(), second);
  assert.is(made, 2);
});

signingIn.run();
