/** Signing in: with phone and PIN or with a code, slowly for whoever guesses. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hashOf } from '../../../gateway/adapters/ids/ids.ts';
import { pauseAfterMs } from '../../../gateway/core/sign-in.ts';
import { aLivedDay, type LivedDay } from '../../pages/a-lived-day.ts';
import { kiosk, phoneOf, tailor } from '../../support/neighbourhood.ts';
import { type Call, call } from './a-visitor.ts';

const signing = suite('a household signs in');

const session = (day: LivedDay, body: unknown, more: Call = {}) =>
  call(day, '/api/session', { body, ...more });

signing('with phone and PIN, and the cookie is for this hub and no script', async () => {
  await using day = await aLivedDay();
  const { phone, pin } = await day.pinOf(kiosk);
  const answer = await session(day, { phone: `0${phone.slice(3)}`, pin });
  assert.is(answer.status, 200);
  const cookie = answer.headers.get('set-cookie') ?? '';
  assert.match(
    cookie,
    /^jirani_session=[\w-]{43}; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Strict$/,
  );
  assert.is((await call(day, '/api/me', { cookie })).json.household.id, kiosk);
  // What the books hold opens no door.
  const token = /=([\w-]{43});/.exec(cookie)?.[1] ?? '';
  const kept = { cookie: `jirani_session=${hashOf(token).slice(0, 43)}` };
  assert.is((await call(day, '/api/me', kept)).status, 401);
});

signing('never learns whether phone or PIN was wrong, or that there is no PIN', async () => {
  await using day = await aLivedDay();
  const { phone, pin } = await day.pinOf(kiosk);
  const wrong = pin === '000000' ? '000001' : '000000';
  const answers = [
    await session(day, { phone, pin: wrong }),
    await session(day, { phone: '254799999999', pin }),
    await session(day, { phone: 'my phone', pin }),
    await session(day, { phone: phoneOf(tailor), pin }),
  ];
  for (const { status, text, headers } of answers) {
    assert.is(status, 401);
    assert.is(text, answers[0]?.text);
    assert.is(headers.get('set-cookie'), null);
  }
});

signing(
  'waits after wrong guesses, longer each time, and an unknown phone just as long',
  async () => {
    let elapsedMs = 1_000;
    await using day = await aLivedDay({ elapsedMs: () => elapsedMs });
    const { phone, pin } = await day.pinOf(kiosk);
    const wrong = pin === '000000' ? '000001' : '000000';
    for (const guessed of [phone, '254799999999']) {
      for (let guess = 1; guess <= 5; guess++)
        assert.is(
          (await session(day, { phone: guessed, pin: wrong })).status,
          401,
          `guess ${guess}`,
        );
      const locked = await session(day, { phone: guessed, pin });
      assert.equal([locked.status, locked.headers.get('retry-after')], [429, '30']);
    }
    elapsedMs += 30_000;
    assert.is((await session(day, { phone, pin: wrong })).status, 401);
    assert.is((await session(day, { phone, pin })).headers.get('retry-after'), '60');
    elapsedMs += 60_000;
    assert.is((await session(day, { phone, pin })).status, 200);
    // The right PIN forgets the wrong ones.
    assert.is((await session(day, { phone, pin: wrong })).status, 401);
    assert.is((await session(day, { phone, pin })).status, 200);
  },
);

signing('pauses double up to an hour, so that a million PINs outlast everybody', () => {
  assert.equal([1, 4, 5, 6, 7].map(pauseAfterMs), [0, 0, 30_000, 60_000, 120_000]);
  assert.is(pauseAfterMs(50), 3_600_000);
  assert.is(pauseAfterMs(50_000), 3_600_000);
});

signing('many guesses at once are not one', async () => {
  await using day = await aLivedDay({ elapsedMs: () => 1_000 });
  const { phone } = await day.pinOf(kiosk);
  const guesses = Array.from({ length: 12 }, (_, n) => day.sessions.signIn(phone, `00000${n}`));
  const outcomes = (await Promise.all(guesses)).map((one) => (one.ok ? 'in' : one.error.kind));
  assert.is(outcomes.filter((kind) => kind === 'wait').length, 7);
});

signing('all guesses together have a limit, and a code still opens', async () => {
  await using day = await aLivedDay({ elapsedMs: () => 1_000 });
  const { phone, pin } = await day.pinOf(kiosk);
  const strangers = Array.from({ length: 60 }, (_, n) =>
    day.sessions.signIn(`2547${String(10_000_000 + n)}`, '123456'),
  );
  await Promise.all(strangers);
  const late = await day.sessions.signIn(phone, pin);
  assert.is(!late.ok && late.error.kind, 'wait');
  assert.is((await call(day, '/api/me', { cookie: day.cookieOf(kiosk) })).status, 200);
});

signing('with a code, once and not later', async () => {
  await using day = await aLivedDay();
  const { sessions } = day.hub.books;
  const now = Date.now();
  sessions.addCode(hashOf('fresh'), kiosk, now + 60_000, now);
  sessions.addCode(hashOf('over'), kiosk, now - 1, now - 2);
  assert.is((await session(day, { code: 'fresh' })).status, 200);
  for (const code of ['fresh', 'over', 'never']) {
    const answer = await session(day, { code });
    assert.equal([answer.status, answer.headers.get('set-cookie')], [401, null], code);
  }
});

signing('signs out for good; a new PIN signs every phone of the household out', async () => {
  await using day = await aLivedDay();
  const [first, second, neighbour] = [kiosk, kiosk, tailor].map(day.cookieOf);
  const out = await call(day, '/api/session', { method: 'DELETE', cookie: first ?? '' });
  assert.match(out.headers.get('set-cookie') ?? '', /^jirani_session=; Path=\/; Max-Age=0;/);
  assert.is((await call(day, '/api/me', { cookie: first ?? '' })).status, 401);
  assert.is((await call(day, '/api/me', { cookie: second ?? '' })).status, 200);
  await day.pinOf(kiosk);
  assert.is((await call(day, '/api/me', { cookie: second ?? '' })).status, 401);
  assert.is((await call(day, '/api/me', { cookie: neighbour ?? '' })).status, 200);
});

signing('a seventh phone signs the first out, and a session ends by itself', async () => {
  await using day = await aLivedDay();
  const { sessions } = day.hub.books;
  const at = 1_000;
  for (let phone = 1; phone <= 7; phone++)
    sessions.begin({ hash: hashOf(`${phone}`), household: kiosk, expires: 5_000 }, 6, at + phone);
  assert.is(sessions.of(hashOf('1'), 2_000), undefined);
  assert.is(sessions.of(hashOf('2'), 2_000), kiosk);
  assert.is(sessions.of(hashOf('2'), 5_000), undefined);
});

signing('no page of somebody else can use the cookie', async () => {
  await using day = await aLivedDay();
  const cookie = day.cookieOf(tailor);
  for (const origin of ['http://evil.example', 'null', 'http://127.0.0.1', null])
    for (const [path, method] of [
      ['/api/me/rule', 'PATCH'],
      ['/api/me/topup', 'POST'],
      ['/api/me/withdraw', 'POST'],
      ['/api/me/proposals/1', 'POST'],
      ['/api/session', 'DELETE'],
      ['/api/session', 'POST'],
    ] as const) {
      const answer = await call(day, path, { method, body: {}, cookie, origin });
      assert.is(answer.status, 403, `${method} ${path} from ${origin}`);
    }
  assert.is((await call(day, '/api/me', { cookie })).status, 200);
});

signing.run();
