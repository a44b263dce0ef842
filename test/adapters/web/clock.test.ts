import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ClockDesk } from '../../../gateway/ports/hub-clock.ts';
import { openedWeb } from './fake-desk.ts';

const asking = suite('asking the hub what time it is');

function aClock(): ClockDesk & { readonly told: number[] } {
  const told: number[] = [];
  return {
    told,
    show: () => ({
      ...{ time: '2026-03-12T06:00:00.000Z', trust: 'provisional', because: 'The keeper said.' },
      ...{ jumps: 1, wallAheadMs: -86_400_000, witnesses: { ntp: 12 } },
    }),
    confirm: (timeMs) => {
      told.push(timeMs);
      return timeMs > 1_700_000_000_000;
    },
  };
}

asking('is the operator’s, and so is telling it', async () => {
  const clock = aClock();
  await using hub = await openedWeb({ clock });
  const body = { time: '2026-03-12T09:00:00+03:00' };
  assert.is((await hub.call('/api/clock', { headers: {} })).status, 401);
  assert.is((await hub.call('/api/clock', { headers: {}, body })).status, 401);
  assert.equal((await hub.call('/api/clock')).json, clock.show());
  assert.equal((await hub.call('/api/clock', { body })).json, clock.show());
  assert.equal(clock.told, [Date.parse(body.time)]);
});

asking('refuses what is no moment, or is long past', async () => {
  const clock = aClock();
  await using hub = await openedWeb({ clock });
  for (const time of ['nine', '2026-03-12 09:00', 9, undefined])
    assert.is((await hub.call('/api/clock', { body: { time } })).status, 400, `${time}`);
  assert.equal(clock.told, []);
  const { status, json } = await hub.call('/api/clock', { body: { time: '1999-12-31T00:00:00Z' } });
  assert.equal([status, json.title], [422, 'Impossible time']);
});

asking.run();
