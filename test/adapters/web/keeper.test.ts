import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { epochMs } from '../../../gateway/core/units.ts';
import { openKeeperSessions } from '../../../gateway/open-desk-keeper-session.ts';
import { aLivedDay, type LivedDay } from '../../pages/a-lived-day.ts';
import { corner, kiosk, tailor } from '../../support/neighbourhood.ts';
import { call } from './a-visitor.ts';
import { token } from './fake-desk.ts';

const keeping = suite('the keeper’s calls');

async function keeperCookie(day: LivedDay): Promise<string> {
  const { headers } = await call(day, '/api/keeper/session', { body: { token } });
  return (headers.get('set-cookie') ?? '').split(';')[0] ?? '';
}

keeping('are nobody’s but the operator’s: not a stranger’s, not a household’s', async () => {
  await using day = await aLivedDay();
  const { json } = await call(day, '/api/openapi.json');
  const paths = Object.keys(json.paths).filter(
    (path) => path.startsWith('/api/keeper') && path !== '/api/keeper/session',
  );
  assert.ok(paths.length >= 8, paths.join());
  for (const path of paths)
    for (const method of Object.keys(json.paths[path]))
      for (const cookie of ['', day.cookieOf(tailor), `jirani_keeper=${'x'.repeat(43)}`]) {
        const url = path.replace(/\{name\}/, 'cap').replace(/\{id\}/, kiosk);
        const body = method === 'get' ? undefined : { value: 2_000, household: kiosk };
        const asked = { method: method.toUpperCase(), body, cookie };
        assert.is((await call(day, url, asked)).status, 401, `${method} ${url}`);
      }
  assert.is(day.hub.books.settings.at(day.hub.clock.now()).marketOpen, true);
});

keeping('by cookie only from a page of the hub; signing out ends it', async () => {
  await using day = await aLivedDay();
  const cookie = await keeperCookie(day);
  assert.match(cookie, /^jirani_keeper=[\w-]{43}$/);
  assert.is((await call(day, '/api/keeper', { cookie })).status, 200);
  assert.is((await call(day, '/api/trades', { cookie })).status, 200);
  const elsewhere = { cookie, body: {}, origin: 'http://elsewhere.example' };
  assert.is((await call(day, '/api/keeper/pause', elsewhere)).status, 403);
  assert.is((await call(day, '/api/keeper/pause', { ...elsewhere, origin: null })).status, 403);
  assert.is((await call(day, '/api/execute_trade', elsewhere)).status, 403);
  assert.is(day.hub.books.settings.at(day.hub.clock.now()).marketOpen, true);
  assert.is((await call(day, '/api/keeper/session', { method: 'DELETE', cookie })).status, 200);
  assert.is((await call(day, '/api/keeper', { cookie })).status, 401);
});

keeping(
  'a limit stays within its range and the collar in order; what is wrong changes nothing',
  async () => {
    await using day = await aLivedDay();
    const { books } = day.hub;
    const cookie = await keeperCookie(day);
    const inTheEnd = epochMs(Number.MAX_SAFE_INTEGER);
    const before = books.settings.at(inTheEnd);
    const put = (name: string, value: unknown) =>
      call(day, `/api/keeper/limits/${name}`, { method: 'PUT', body: { value }, cookie });
    for (const [name, value, status] of [
      ['floor', 2_000, 422],
      ['floor', 499, 422],
      ['cap', 4_001, 422],
      ['rate', 1_991, 422],
      ['payoutDayMostCents', 20_000_001, 422],
      ['cap', 12.5, 400],
      ['cap', -1, 400],
      ['lotWh', 1, 400],
      ['marketOpen', 0, 400],
    ] as const)
      assert.is((await put(name, value)).status, status, `${name} ${value}`);
    assert.equal(books.settings.at(inTheEnd), before);
    assert.is((await put('floor', 1_990)).status, 200);
    assert.is((await put('payoutDayMostCents', 20_000_000)).status, 200);
    const now = books.settings.at(day.hub.clock.now());
    assert.equal([now.floor, now.payoutDayMostCents], [before.floor, 20_000_000]);
    assert.equal(
      books.evidence.acts(2).map(({ act, subject, reason }) => [act, subject, reason]),
      [
        ['limit', 'payoutDayMostCents', 'to 20000000'],
        ['limit', 'floor', 'to 1990'],
      ],
    );
  },
);

keeping('enrolling is refused for a phone or an id that somebody has', async () => {
  await using day = await aLivedDay();
  const cookie = await keeperCookie(day);
  const enrol = (change: object) => {
    const body = { id: 'njeri', name: 'Njeri', phone: '0712345678', ...change };
    return call(day, '/api/keeper/households', { body, cookie });
  };
  assert.is((await enrol({ id: corner })).status, 409);
  assert.is((await enrol({ phone: '254700000001' })).status, 409);
  assert.is((await enrol({ phone: '911' })).status, 422);
  assert.is((await enrol({ id: 'Njeri!' })).status, 400);
  assert.is((await enrol({})).status, 200);
  const add = (place: string) =>
    call(day, '/api/keeper/meters', { body: { household: 'njeri', place }, cookie });
  const { json } = await add('grid');
  assert.equal([json.meterId, json.username], ['m-njeri-grid', 'm-njeri-grid']);
  assert.match(json.password, /^[\w-]{32}$/);
  assert.ok(json.qr.length > 20 && json.qr.every((row: string) => row.length === json.qr.length));
  assert.is((await add('grid')).status, 409);
  assert.is(
    (await call(day, '/api/keeper/meters', { body: { household: 'no' }, cookie })).status,
    404,
  );
});

keeping('sessions end by themselves, eight live at once, and guesses are few', () => {
  let now = 0;
  const sessions = openKeeperSessions({ operatorToken: token, elapsedMs: () => now });
  const enter = () => {
    const found = sessions.signIn(token);
    return found.ok ? found.value.token : '';
  };
  const all = Array.from({ length: 9 }, enter);
  assert.equal(all.map(sessions.isKeeper), [false, ...Array(8).fill(true)]);
  now = 12 * 3_600_000;
  assert.equal(all.map(sessions.isKeeper), Array(9).fill(false));
  for (let n = 0; n < 60; n++) assert.equal(sessions.signIn(`guess ${n}`).ok, false);
  assert.equal(sessions.signIn(token), { ok: false, error: { kind: 'wait', waitMs: 60_000 } });
  now += 60_000;
  assert.ok(sessions.signIn(token).ok);
});

keeping.run();
