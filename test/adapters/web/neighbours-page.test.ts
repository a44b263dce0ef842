/** What is open on a neighbour's page: its offer, its cards, its events, its order. */
import { setTimeout as pause } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { HouseholdId } from '../../../gateway/core/ids.ts';
import { aLivedDay, type LivedDay } from '../../pages/a-lived-day.ts';
import { corner, kiosk, tailor } from '../../support/neighbourhood.ts';
import { call } from './a-visitor.ts';
import { token } from './fake-desk.ts';

const others = suite('what is open on a neighbour’s page');
const patienceMs = 5_000;

const sayCard = ({ cards }: LivedDay, household: HouseholdId, value: string | number) =>
  cards.hear(
    `households/${household}/card/pump`,
    Buffer.from(
      JSON.stringify({
        ...{ v: 1, title: { en: 'Pump', sw: 'Pampu' }, kind: 'text', value, unit: '' },
      }),
    ),
  );

others('an offer waits for its own household: a neighbour’s yes or no is a 404', async () => {
  await using day = await aLivedDay();
  const decided = day.offer(corner);
  let isDecided = false;
  void Promise.resolve(decided).then(() => {
    isDecided = true;
  });
  const [before] = day.askFirst.offersOf(corner);
  for (const cookie of [day.cookieOf(tailor), day.cookieOf(kiosk)])
    for (const decision of ['approve', 'veto']) {
      const path = `/api/me/proposals/offer-${corner}`;
      assert.is((await call(day, path, { cookie, body: { decision } })).status, 404);
      const elsewhere = { cookie, body: { decision }, origin: 'http://elsewhere.example' };
      assert.is((await call(day, path, elsewhere)).status, 403);
    }
  for (const cookie of [day.cookieOf(tailor), day.cookieOf(kiosk)])
    assert.equal((await call(day, '/api/me', { cookie })).json.offers, []);
  assert.is(isDecided, false);
  const [after] = day.askFirst.offersOf(corner);
  assert.equal([after?.id, after?.energyWh], [before?.id, before?.energyWh]);
  const own = { cookie: day.cookieOf(corner), body: { decision: 'approve' } };
  assert.is((await call(day, `/api/me/proposals/offer-${corner}`, own)).status, 200);
  assert.equal(await decided, [{ decision: 'approve' }]);
});

/** What a household's page hears. */
async function hearing(day: LivedDay, who: HouseholdId) {
  const stop = new AbortController();
  const headers = { cookie: day.cookieOf(who) };
  const { body } = await fetch(`${day.url}/api/events`, { headers, signal: stop.signal });
  let text = '';
  const listen = async () => {
    for await (const chunk of body ?? []) text += Buffer.from(chunk).toString();
  };
  listen().catch(() => {});
  return { text: () => text, stop: () => stop.abort() };
}

others('a card is on its own household’s page alone, which hears of it at once', async () => {
  await using day = await aLivedDay();
  const [own, neighbour] = [await hearing(day, corner), await hearing(day, tailor)];
  sayCard(day, corner, 'only for the corner house');
  const end = performance.now() + patienceMs;
  while (!own.text().includes('card.changed') && performance.now() < end) await pause(20);
  assert.match(own.text(), 'event: mine\ndata: {"name":"card.changed"}\n\n');
  assert.not.match(neighbour.text(), 'mine');
  assert.not.match(own.text() + neighbour.text(), 'only for the corner house');
  own.stop();
  neighbour.stop();
  const cardsOf = async (who: HouseholdId) =>
    (await call(day, '/api/me', { cookie: day.cookieOf(who) })).json.cards;
  assert.equal(await cardsOf(corner), [
    {
      ...{ name: 'pump', title: { en: 'Pump', sw: 'Pampu' } },
      ...{ value: 'only for the corner house', unit: '' },
    },
  ]);
  assert.equal([await cardsOf(tailor), await cardsOf(kiosk)], [[], []]);
});

const order = { buy: true, ceilingCents: 1_800, dayMostCents: 20_000, blockCents: 5_000 };

others('an order is the household’s own, counts from the next slot, and is whole', async () => {
  await using day = await aLivedDay();
  const { books, clock } = day.hub;
  const put = (who: HouseholdId, body: object) =>
    call(day, '/api/me/order', { method: 'PUT', body, cookie: day.cookieOf(who) });
  const [before, neighbour] = [tailor, kiosk].map((who) =>
    books.households.ruleOf(who, clock.now()),
  );
  assert.equal((await put(tailor, order)).json, order);
  assert.equal(books.households.ruleOf(tailor, clock.now()), before);
  clock.advance(15 * 60_000);
  const { autoBuy, buyCeiling, buyDailyCents, blockCents } = books.households.ruleOf(
    tailor,
    clock.now(),
  );
  assert.equal([autoBuy, buyCeiling, buyDailyCents, blockCents], [true, 1_800, 20_000, 5_000]);
  assert.equal(books.households.ruleOf(kiosk, clock.now()), neighbour);
  const { json } = await call(day, '/api/me', { cookie: day.cookieOf(tailor) });
  assert.equal(json.order, order);
  const { blockCents: _, ...part } = order;
  for (const wrong of [
    part,
    { ...order, blockCents: 50 },
    { ...order, ceilingCents: -1 },
    { ...order, dayMostCents: 5_000_001 },
    { ...order, household: kiosk },
  ])
    assert.is((await put(tailor, wrong)).status, 400, JSON.stringify(wrong));
  assert.is((await put(corner, order)).status, 409);
});

others('the page of a household in the keeper’s browser stays a household’s page', async () => {
  await using day = await aLivedDay();
  const signedIn = await call(day, '/api/keeper/session', { body: { token } });
  const [keeper = ''] = (signedIn.headers.get('set-cookie') ?? '').split(';');
  const cookie = `${day.cookieOf(tailor)}; ${keeper}`;
  const stop = new AbortController();
  const { body } = await fetch(`${day.url}/api/events`, {
    headers: { cookie },
    signal: stop.signal,
  });
  const reader = body?.getReader();
  await reader?.read();
  const theirs = { household: corner, proposal: 'p-1' as never, energyWh: 1 as never };
  day.events.tell({ name: 'proposal.made', slot: 1 as never, ...theirs });
  const heard = Buffer.from((await reader?.read())?.value ?? []).toString();
  stop.abort();
  assert.match(heard, 'proposal.made');
  assert.not.match(heard, corner);
});

others.run();
