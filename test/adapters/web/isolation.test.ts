/** What a household that is signed in can reach: its own, and nobody else's. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { HouseholdId, TradeId } from '../../../gateway/core/ids.ts';
import { centsPerKwh, epochMs } from '../../../gateway/core/units.ts';
import { aLivedDay, type LivedDay } from '../../pages/a-lived-day.ts';
import { corner, kiosk, phoneOf, school, tailor } from '../../support/neighbourhood.ts';
import { call } from './a-visitor.ts';

const others = suite('a household sees only its own');
const inTheEnd = epochMs(Number.MAX_SAFE_INTEGER);

/** A trade between the corner house and the kiosk. */
const tradeOfNeighbours = ({ hub: { books } }: LivedDay): TradeId => {
  const found = books.me.trades(corner, 50).find(({ id }) => books.me.parties(id)?.buyer === kiosk);
  return (found?.id ?? '') as TradeId;
};

/** Every word that would tell the tailor something of the neighbours. */
const telling = (day: LivedDay): string[] => {
  const people = [corner, kiosk, school].flatMap((id) => {
    const found = day.hub.books.households.find(id);
    return [id, found?.name ?? id, phoneOf(id), phoneOf(id).slice(-6), `"${found?.code}"`];
  });
  return [...people, tradeOfNeighbours(day)];
};

/** What the neighbours have and want; nothing that the tailor does may change it. */
const stateOf = ({ hub: { books } }: LivedDay): string =>
  JSON.stringify([
    books.views.accounts(),
    [corner, kiosk].map((id) => [
      books.households.ruleOf(id, inTheEnd),
      books.choices.at(id, inTheEnd),
      books.topups.ofHousehold(id, 10),
    ]),
  ]);

/** Every call that the hub documents, with an id of a neighbour wherever one fits. */
async function everyCall(day: LivedDay, ids: readonly string[]) {
  const { json } = await call(day, '/api/openapi.json');
  const left = ['/api/events', '/api/session', '/metrics'];
  return Object.entries(json.paths as Record<string, object>)
    .filter(([path]) => !left.includes(path))
    .flatMap(([path, methods]) => Object.keys(methods).map((method) => ({ path, method })))
    .flatMap((one) => ids.map((id) => ({ ...one, id })))
    .flatMap(({ path, method, id }) =>
      ['', `?household=${id}&meter=${id}`].map((query) => ({
        ...{ id, url: `${path.replace(/\{\w+\}/, id)}${query}`, method: method.toUpperCase() },
        body: ['post', 'patch', 'put'].includes(method)
          ? { household: id, phone: phoneOf(corner), decision: 'approve', amount: 20 }
          : undefined,
      })),
    );
}

others('every call, with every id of a neighbour, tells and changes nothing', async () => {
  await using day = await aLivedDay();
  void day.offer(corner);
  const cookie = day.cookieOf(tailor);
  const ids = [corner, kiosk, tradeOfNeighbours(day), `offer-${corner}`, 'meter-of-corner-house'];
  const calls = await everyCall(day, ids);
  const words = telling(day);
  const before = stateOf(day);
  assert.ok(calls.some(({ url }) => url === `/api/me/proposals/offer-${corner}`));
  assert.ok(calls.length > 150, `${calls.length} calls`);
  for (const { id, url, method, body } of calls) {
    const { text } = await call(day, url, { method, body, cookie });
    const told = words.filter((word) => text.replaceAll(id, '').includes(word));
    assert.equal(told, [], `${method} ${url}`);
  }
  assert.is(stateOf(day), before);
  assert.is(day.askFirst.offersOf(corner).length, 1);
});

others('with every body that fits, a neighbour’s receipt and offer are not there', async () => {
  await using day = await aLivedDay();
  void day.offer(corner);
  const cookie = day.cookieOf(tailor);
  const receipt = await call(day, `/api/me/receipts/${tradeOfNeighbours(day)}`, { cookie });
  const offer = await call(day, `/api/me/proposals/offer-${corner}`, {
    body: { decision: 'veto' },
    cookie,
  });
  assert.equal([receipt.status, offer.status], [404, 404]);
  assert.is(day.askFirst.offersOf(corner).length, 1);
});

others('its own offer is answered once', async () => {
  await using day = await aLivedDay();
  const decided = day.offer(corner);
  const answer = () =>
    call(day, `/api/me/proposals/offer-${corner}`, {
      body: { decision: 'approve' },
      cookie: day.cookieOf(corner),
    });
  assert.is((await answer()).status, 200);
  assert.equal(await decided, [{ decision: 'approve' }]);
  assert.is((await answer()).status, 404);
});

others('without a session there is nothing', async () => {
  await using day = await aLivedDay();
  for (const cookie of ['', 'jirani_session=', `jirani_session=${'x'.repeat(43)}`])
    for (const path of ['/api/me', '/api/me/now', '/api/me/receipts/1'])
      assert.is((await call(day, path, { cookie })).status, 401, path);
  const page = await call(day, '/', { cookie: `jirani_session=${'x'.repeat(43)}` });
  assert.match(page.text, /page\.js/);
  assert.match((await call(day, '/', { cookie: day.cookieOf(kiosk) })).text, /home\.js/);
});

/** What each of these households hears until the last event has arrived. */
async function hearing(day: LivedDay, who: readonly HouseholdId[], tell: () => void) {
  const heard = new Map<HouseholdId, string>(who.map((one) => [one, '']));
  const stop = new AbortController();
  for (const one of who) {
    const headers = { cookie: day.cookieOf(one) };
    const { body } = await fetch(`${day.url}/api/events`, { headers, signal: stop.signal });
    const listen = async () => {
      for await (const chunk of body ?? [])
        heard.set(one, `${heard.get(one)}${Buffer.from(chunk).toString()}`);
    };
    listen().catch(() => {});
  }
  tell();
  day.events.tell({ name: 'slot.closed', slot: 7 as never, inTime: true });
  const isOver = () => [...heard.values()].every((text) => text.includes('slot.closed'));
  for (let wait = 0; wait < 200 && !isOver(); wait++)
    await new Promise((resolve) => setTimeout(resolve, 20));
  stop.abort();
  return (one: HouseholdId) => {
    const text = heard.get(one) ?? '';
    const mine = [...text.matchAll(/event: mine\ndata: (.*)\n/g)].map(([, data]) => data ?? '');
    return { text, mine: mine.map((data) => JSON.parse(data)) };
  };
}

others('hears that something is its own, and of neighbours what everybody hears', async () => {
  await using day = await aLivedDay();
  const trade = tradeOfNeighbours(day);
  const heardBy = await hearing(day, [corner, tailor, kiosk], () => {
    const mine = { household: tailor, amountCents: 100 as never, topup: 't' as never };
    const theirs = { household: corner, proposal: 'p-1' as never, energyWh: 1 as never };
    day.events.tell({ name: 'trade.paid', trade, intent: 'i-1' as never });
    day.events.tell({ name: 'topup.confirmed', ...mine });
    day.events.tell({ name: 'proposal.made', slot: 1 as never, ...theirs });
  });
  assert.equal(heardBy(corner).mine, [{ name: 'trade.paid' }, { name: 'proposal.made' }]);
  assert.equal(heardBy(kiosk).mine, [{ name: 'trade.paid' }]);
  assert.equal(heardBy(tailor).mine, [{ name: 'topup.confirmed' }]);
  for (const word of [corner, kiosk, 'p-1', 'i-1'])
    assert.not(heardBy(tailor).text.includes(word), word);
});

others('a rule changes from the next slot on, and the past stays as it was', async () => {
  await using day = await aLivedDay();
  const { books, clock } = day.hub;
  const cookie = day.cookieOf(tailor);
  const change = (body: object) => call(day, '/api/me/rule', { method: 'PATCH', body, cookie });
  const before = books.households.ruleOf(tailor, clock.now());
  assert.is((await change({ sellFloorCents: 1_400 })).json.sellFloorCents, 1_400);
  const { json } = await change({ quietFromMinute: 1_200, tonight: 'keep', language: 'sw' });
  assert.equal([json.sellFloorCents, json.quietFromMinute, json.tonight], [1_400, 1_200, 'keep']);
  assert.equal(books.households.ruleOf(tailor, clock.now()), before);
  clock.advance(15 * 60_000);
  const after = books.households.ruleOf(tailor, clock.now());
  assert.equal([after.sellFloor, after.quietFromMs], [centsPerKwh(1_400), 72_000_000]);
  assert.is(books.households.find(tailor)?.language, 'sw');
  const refused = [{}, { sellFloorCents: -1 }, { tonight: 'all' }, { ownTariff: 1 }];
  for (const wrong of refused) assert.is((await change(wrong)).status, 400, JSON.stringify(wrong));
});

others('tops up and withdraws by itself, to its own phone', async () => {
  await using day = await aLivedDay();
  const { books } = day.hub;
  const cookie = day.cookieOf(tailor);
  const amount = (word: string, kes: number) =>
    call(day, `/api/me/${word}`, { body: { amount: kes }, cookie });
  assert.is((await amount('topup', 50)).status, 200);
  const [asked] = books.topups.ofHousehold(tailor, 1);
  assert.equal([asked?.amountCents, asked?.phone], [5_000, phoneOf(tailor)]);
  assert.is((await call(day, '/api/me', { cookie })).json.wallet.askedCents, 5_000);
  const wallet = books.trades.walletOf(tailor);
  assert.is((await amount('withdraw', 100)).status, 200);
  assert.is(books.trades.walletOf(tailor), wallet - 10_000);
  assert.is((await amount('withdraw', 9_999)).status, 409);
  assert.is((await amount('topup', 0.001)).status, 400);
});

others('gives energy to the community, once for one key, and never more than it has', async () => {
  await using day = await aLivedDay();
  const { books } = day.hub;
  const has = (who: HouseholdId) => books.energy.balanceOf(who);
  const give = (who: HouseholdId, energyWh: number, key: string) =>
    fetch(`${day.url}/api/me/gift`, {
      method: 'POST',
      headers: {
        ...{ origin: day.url, cookie: day.cookieOf(who), 'idempotency-key': key },
        'content-type': 'application/json',
      },
      body: JSON.stringify({ energyWh }),
    });
  const [before, cornerBefore] = [has(tailor).energyWh, has(corner).energyWh];
  for (let again = 0; again < 2; again++) assert.is((await give(tailor, 600, 'k')).status, 200);
  assert.equal([has(tailor).energyWh, has(school).boughtWh], [before - 600, 600]);
  assert.is((await give(corner, 700, 'k')).status, 200);
  assert.is(has(corner).energyWh, cornerBefore - 700);
  assert.is((await give(tailor, 90_000, 'm')).status, 409);
});

others.run();
