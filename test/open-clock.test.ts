import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openHubClock } from '../gateway/adapters/clock/hub-clock.ts';
import { storedReadings } from '../gateway/adapters/readings/stored-readings.ts';
import type { MeterId } from '../gateway/core/ids.ts';
import { dayMs, minuteMs, nextSlot } from '../gateway/core/slot.ts';
import { cents } from '../gateway/core/units.ts';
import { clockFigures, clockView, datedBy, openClockDesk } from '../gateway/open-clock.ts';
import { openOrders } from '../gateway/open-desk-orders.ts';
import type { ClockTrust } from '../gateway/ports/clock.ts';
import { aFile, aReading, offered, opened, tenOClock, until } from './adapters/readings/given.ts';
import { given, heard } from './support/given.ts';
import { livingHub } from './support/living-hub.ts';
import { corner, firstSlot, kiosk, meterOf, phoneOf } from './support/neighbourhood.ts';

const clocks = suite('a hub without a clock of its own');

/** The corner house exports 4.2 kWh and the kiosk imports 2.3 kWh, while the time is believed as `trust` says. */
async function morning(trust: { now: ClockTrust }, walletCents: number) {
  const hub = given(walletCents === 0 ? {} : { wallets: { [kiosk]: cents(walletCents) } });
  const living = livingHub({ ...hub, clock: { ...hub.clock, trust: () => trust.now } });
  hub.meters.show(meterOf(corner), nextSlot(firstSlot), 0, 4_200);
  hub.meters.show(meterOf(kiosk), nextSlot(firstSlot), 2_300, 0);
  const pass = async (ms: number) => {
    for (const end = hub.clock.now() + ms; hub.clock.now() < end; ) {
      hub.clock.advance(5_000);
      await living.tick();
    }
  };
  await pass(17 * minuteMs);
  return { hub, living, pass, [Symbol.dispose]: () => hub[Symbol.dispose]() };
}

clocks(
  'trades from wallets while its time is provisional, and asks no phone for money',
  async () => {
    const trust: { now: ClockTrust } = { now: 'provisional' };
    {
      using rich = await morning(trust, 6_000);
      const [trade] = rich.hub.books.views.trades(10);
      assert.ok(['paid', 'transferring', 'settled'].includes(trade?.state ?? ''), trade?.state);
      assert.equal(rich.hub.money.paidOut, [], 'M-Pesa waits');
    }
    using poor = await morning(trust, 0);
    assert.equal(poor.hub.money.rung, []);
    assert.equal(poor.hub.books.views.trades(10), [], 'who cannot pay now wins nothing');
    trust.now = 'trusted';
    poor.hub.meters.show(meterOf(corner), nextSlot(nextSlot(firstSlot)), 0, 4_200);
    poor.hub.meters.show(meterOf(kiosk), nextSlot(nextSlot(firstSlot)), 2_300, 0);
    await poor.pass(15 * minuteMs);
    assert.is(poor.hub.money.rung.length, 1, 'a later round asks');
  },
);

clocks('closes no slot and makes no trade while nobody knows the time', async () => {
  using dark = await morning({ now: 'untrusted' }, 6_000);
  assert.equal(heard({ told: dark.living.told }, 'slot.closed'), []);
  assert.equal(dark.hub.books.views.trades(10), []);
  const orders = openOrders({
    ...dark.hub,
    clock: { ...dark.hub.clock, trust: () => 'untrusted' },
  });
  const ordered = await orders.executeTrade({
    ...{ buyerPhone: phoneOf(kiosk), sellerPhone: phoneOf(corner) },
    ...{ energyWh: 1_000, priceCentsPerKwh: 1_000, idempotencyKey: undefined },
  });
  assert.is(ordered.ok ? 'ordered' : ordered.error.status, 503);
});

clocks(
  'operations 5: keeps readings, then dates them anew, and says so before it is believed',
  async () => {
    await using disk = await aFile();
    const folder = mkdtempSync(join(tmpdir(), 'open-clock-'));
    const syncFile = join(folder, 'synchronized');
    let [truth, wrongMs] = [Number(tenOClock), -30 * dayMs];
    const said: string[] = [];
    const log = { info: (what: string) => void said.push(what), warn: () => {}, error: () => {} };
    using clock = openHubClock({
      ...{ file: join(folder, 'clock.json'), syncFile, witnesses: {}, boot: 'b', log },
      wallMs: () => truth + wrongMs,
      machineMs: () => truth - tenOClock,
    });
    await using readings = await opened(disk.file, { now: () => clock.now() });
    datedBy(clock, readings, log);
    await until(() => clock.trust() === 'untrusted');
    for (let minute = 1; minute <= 20; minute++) {
      truth += minuteMs;
      await offered(readings, aReading(minute, { t: 0, tq: 0, up: minute * 60 }));
    }
    assert.is(clockView(clock).state, 'untrusted');
    wrongMs = 0;
    writeFileSync(syncFile, '');
    await until(() => clock.trust() === 'trusted');
    const times = [...storedReadings(disk.file)].map(({ at }) => (at - tenOClock) / minuteMs);
    assert.equal(
      times,
      Array.from({ length: 20 }, (_, n) => n + 1),
      'all is dated when the time is believed',
    );
    assert.ok(said.includes('readings of an unknown time are dated anew'));
    assert.equal(clockView(clock), {
      ...{ mode: 'clock', state: 'ok', detail: 'This machine has synchronised its time.' },
    });
    rmSync(folder, { recursive: true });
  },
);

clocks('hears what the clocks of meters say, and not of what they kept for later', async () => {
  await using disk = await aFile();
  const folder = mkdtempSync(join(tmpdir(), 'open-clock-'));
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  using clock = openHubClock({
    ...{ file: join(folder, 'clock.json'), syncFile: join(folder, 'none'), witnesses: {} },
    ...{ boot: 'b', log, wallMs: () => tenOClock + 10_000, machineMs: () => 77 },
  });
  await using readings = await opened(disk.file, { now: () => clock.now() });
  datedBy(clock, readings, log);
  await offered(readings, aReading(1), 'meter-a' as MeterId);
  await offered(readings, aReading(1, { fl: 8 }), 'meter-b' as MeterId);
  clock.look();
  assert.is(clock.trust(), 'untrusted');
  await offered(readings, aReading(1), 'meter-c' as MeterId);
  clock.look();
  await until(() => clock.trust() === 'provisional');
  rmSync(folder, { recursive: true });
});

clocks('is told by its keeper, and shows figures without a secret', () => {
  const folder = mkdtempSync(join(tmpdir(), 'open-clock-'));
  using clock = openHubClock({
    ...{ file: join(folder, 'clock.json'), syncFile: join(folder, 'none'), witnesses: {} },
    ...{ boot: 'b', log: { info: () => {}, warn: () => {}, error: () => {} } },
    ...{ wallMs: () => tenOClock - dayMs, machineMs: () => 77 },
  });
  const desk = openClockDesk(clock);
  assert.is(desk.confirm(Date.parse('1999-12-31T00:00:00Z')), false);
  assert.is(desk.confirm(tenOClock), true);
  assert.is(desk.show().time, new Date(tenOClock).toISOString());
  assert.is(desk.show().trust, 'provisional');
  const figures = Object.fromEntries(clockFigures(clock).map(({ name, value }) => [name, value]));
  assert.is(figures['jirani_clock_trust'], 1);
  assert.is(figures['jirani_clock_wall_ahead_seconds'], -86_400);
  rmSync(folder, { recursive: true });
});

clocks.run();
