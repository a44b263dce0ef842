import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { HubEvent } from '../../../gateway/events/hub-event.ts';
import { openedWeb, token } from './fake-desk.ts';

const hearing = suite('hearing what happens, live');
const patienceMs = 5_000;

type Hub = Awaited<ReturnType<typeof openedWeb>>;

/** Listens until `enough` text has come, then hangs up. */
async function listen(hub: Hub, headers: Record<string, string> = {}) {
  const stop = new AbortController();
  const response = await fetch(`${hub.web.url}/api/events`, { headers, signal: stop.signal });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  return {
    response,
    stop: () => stop.abort(),
    until: async (enough: string): Promise<string> => {
      const end = Date.now() + patienceMs;
      while (!text.includes(enough) && Date.now() < end) {
        const part = await reader?.read();
        if (part === undefined || part.done) break;
        text += part.value;
      }
      assert.match(text, enough);
      return text;
    },
  };
}

const matched = {
  name: 'trade.matched',
  trade: '01TRADE',
  seller: 'corner-house',
  buyer: 'kiosk',
  energyWh: 2500,
  amountCents: 3000,
} as unknown as HubEvent;
const credited = {
  name: 'topup.confirmed',
  topup: '01TOPUP',
  household: 'kiosk',
  amountCents: 3000,
} as unknown as HubEvent;
const late = {
  name: 'trade.expired',
  trade: '01TRADE',
  why: 'Achieng 254708374149 did not answer',
} as unknown as HubEvent;

hearing('a stranger hears of trades and amounts, but never whose they are', async () => {
  await using hub = await openedWeb();
  const stranger = await listen(hub);
  await stranger.until('welcome');
  for (const event of [matched, credited, late]) hub.events.tell(event);
  const heard = await stranger.until('trade.expired"');
  stranger.stop();

  assert.is(stranger.response.headers.get('content-type'), 'text/event-stream; charset=utf-8');
  assert.match(heard, 'id: 1\nevent: trade.matched\n');
  assert.match(
    heard,
    'data: {"name":"trade.matched","trade":"01TRADE","energyWh":2500,"amountCents":3000}\n\n',
  );
  assert.match(heard, 'data: {"name":"topup.confirmed","amountCents":3000}\n\n');
  assert.match(heard, 'data: {"name":"trade.expired","trade":"01TRADE"}\n\n');
  for (const secret of ['kiosk', 'corner', 'Achieng', '2547', '01TOPUP']) {
    assert.not.match(heard, secret);
  }
});

hearing('the operator hears all of it', async () => {
  await using hub = await openedWeb();
  const operator = await listen(hub, { authorization: `Bearer ${token}` });
  await operator.until('welcome');
  hub.events.tell(matched);
  assert.match(await operator.until('"amountCents"'), '"buyer":"kiosk"');
  operator.stop();
});

hearing('a wrong token is refused instead of hearing less', async () => {
  await using hub = await openedWeb();
  const answer = await hub.call('/api/events', { headers: { authorization: 'Bearer guess' } });
  assert.is(answer.status, 401);
});

hearing('a quiet feed still shows that the hub is there', async () => {
  await using hub = await openedWeb({ limits: { heartbeatMs: 20 } });
  const stranger = await listen(hub, { 'last-event-id': '77' });
  await stranger.until(': still here\n\n');
  stranger.stop();
});

hearing(
  'places are counted; strangers cannot take the operator’s, and a place left is free',
  async () => {
    await using hub = await openedWeb({ limits: { liveClientsMax: 3, livePlacesForOperator: 1 } });
    const first = await listen(hub);
    const second = await listen(hub);
    const full = await hub.call('/api/events', { headers: {} });
    assert.is(full.status, 503);
    assert.is(full.json.title, 'Too many listeners');
    const operator = await listen(hub, { authorization: `Bearer ${token}` });
    assert.is(operator.response.status, 200);

    for (const listener of [first, second, operator]) listener.stop();
    const end = Date.now() + patienceMs;
    let again = 503;
    while (again === 503 && Date.now() < end) {
      await pause(10);
      const next = await listen(hub);
      again = next.response.status;
      next.stop();
    }
    assert.is(again, 200);
  },
);

hearing('who does not listen loses the place, and the hub’s memory stays small', async () => {
  await using hub = await openedWeb();
  const sleeper = connect(hub.web.port, '127.0.0.1');
  sleeper.write('GET /api/events HTTP/1.1\r\nhost: hub\r\n\r\n');
  await once(sleeper, 'data');
  sleeper.pause();
  const closed = once(sleeper, 'close');
  sleeper.on('error', () => {});

  const large = { ...matched, trade: 'x'.repeat(200_000) } as HubEvent;
  for (let told = 0; told < 200; told += 1) {
    hub.events.tell(large);
    await pause(0);
  }
  sleeper.resume();
  await Promise.race([
    closed,
    pause(patienceMs, undefined, { ref: false }).then(() => assert.unreachable('still connected')),
  ]);
});

hearing('closing the hub ends every stream and hears no more', async () => {
  const hub = await openedWeb();
  const stranger = await listen(hub);
  await stranger.until('welcome');
  await hub[Symbol.asyncDispose]();
  assert.is(hub.events.listeners.size, 0);
  const rest = await stranger.until('welcome');
  assert.ok(rest.length > 0);
});

hearing.run();
