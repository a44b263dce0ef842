/** The operator tells meters what to do. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { MeterId } from '../../../gateway/core/ids.ts';
import { openMeterDesk } from '../../../gateway/open-desk-meters.ts';
import { given } from '../../support/given.ts';
import { openedWeb } from './fake-desk.ts';

const telling = suite('telling a meter over the API');

async function aHub() {
  const hub = given();
  const meter = hub.books.households.registrations()[0]?.meter as MeterId;
  const due = { times: 0 };
  const meters = openMeterDesk(hub, () => {
    due.times += 1;
  });
  const web = await openedWeb({ meters });
  return {
    ...{ hub, meter, due, call: web.call },
    path: `/api/meters/${meter}/commands`,
    [Symbol.asyncDispose]: async () => {
      await web[Symbol.asyncDispose]();
      hub[Symbol.dispose]();
    },
  };
}
const on = { command: { name: 'relay', args: { on: true } } };

telling('is the operator’s, and so is looking', async () => {
  await using a = await aHub();
  assert.is((await a.call(a.path, { headers: {}, body: on })).status, 401);
  assert.is((await a.call(a.path, { headers: {} })).status, 401);
  assert.equal([(await a.call(a.path)).json, a.due.times], [[], 0]);
});

telling('keeps it, and shows what became of it', async () => {
  await using a = await aHub();
  const { status, json } = await a.call(a.path, { body: on });
  assert.equal([status, json.state, json.outcome, a.due.times], [202, 'waiting', null, 1]);
  assert.is(Date.parse(json.expiresAt) - Date.parse(json.madeAt), 60_000);
  a.hub.books.meters.commandTold(json.id, a.hub.clock.now());
  assert.is((await a.call(`${a.path}/${json.id}`)).json.state, 'told');
  a.hub.books.meters.commandAnswered(json.id, a.meter, 'done', a.hub.clock.now());
  const [shown] = (await a.call(a.path)).json;
  assert.equal([shown.state, shown.outcome, shown.tellings], ['answered', 'done', 1]);
  assert.is((await a.call(`/api/meters/other/commands/${json.id}`)).status, 404);
});

telling('refuses what no meter would obey, and meters that nobody has', async () => {
  await using a = await aHub();
  const bodies = [
    {},
    { command: { name: 'explode', args: {} } },
    { command: { name: 'relay', args: { on: false } } },
    { command: { name: 'relay', args: { on: true, for_s: 5 } } },
    { command: { name: 'limit', args: { watts: 100_001, for_s: 60 } } },
    { command: { name: 'limit', args: { watts: 1.5, for_s: 60 } } },
    { command: { name: 'identify', args: { for_s: 0 } } },
    { command: { name: 'calibrate', args: { u_ppm: 200_001, i_ppm: 0, lag_ns: 0 } } },
    { ...on, expires_s: 541 },
    { ...on, more: 1 },
  ];
  for (const body of bodies)
    assert.is((await a.call(a.path, { body })).status, 400, JSON.stringify(body));
  assert.is((await a.call('/api/meters/nobody/commands', { body: on })).status, 404);
  assert.is((await a.call('/api/meters/nobody/commands')).status, 404);
  assert.equal([a.hub.books.meters.commandsOf(a.meter, 9), a.due.times], [[], 0]);
  for (let n = 0; n < 16; n++) assert.is((await a.call(a.path, { body: on })).status, 202);
  assert.is((await a.call(a.path, { body: on })).status, 409);
});

telling.run();
