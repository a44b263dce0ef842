import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  dayMs,
  dayOf,
  hourMs,
  nextSlot,
  nextTimeOfDay,
  slotAt,
  slotEnd,
  slotMs,
  slotStart,
  startOfDay,
  timeOfDayMs,
} from '../../gateway/core/slot.ts';
import { epochMs, slotNumber } from '../../gateway/core/units.ts';
import { clocksShow } from './neighbours.ts';

const counting = suite('counting slots and days');

const aMoment = fc.integer({ min: dayMs, max: 4_000_000_000_000 }).map(epochMs);

counting('begins a slot at every quarter of an hour of UTC', () => {
  const quarter = epochMs(Date.UTC(2026, 10, 23, 9, 15));
  assert.is(slotAt(quarter), quarter / slotMs);
  assert.is(slotAt(epochMs(quarter - 1)), quarter / slotMs - 1);
  assert.is(slotAt(epochMs(quarter + slotMs - 1)), quarter / slotMs);
  assert.is(slotAt(epochMs(0)), 0);
});

counting('lets each slot end where the next one begins', () => {
  fc.assert(
    fc.property(aMoment, (at) => {
      const slot = slotAt(at);
      assert.ok(slotStart(slot) <= at && at < slotEnd(slot));
      assert.is(slotEnd(slot), slotStart(nextSlot(slot)));
      assert.is(slotAt(slotStart(slot)), slot);
    }),
  );
});

counting('begins the day at midnight in East Africa, three hours before UTC does', () => {
  const midnight = clocksShow('2026-11-23T00:00');
  assert.is(midnight, Date.UTC(2026, 10, 22, 21));
  assert.is(dayOf(midnight), dayOf(epochMs(midnight - 1)) + 1);
  assert.is(dayOf(clocksShow('2026-11-23T23:59:59')), dayOf(midnight));
  assert.is(dayOf(epochMs(Date.UTC(2026, 10, 23))), dayOf(midnight));
});

counting('knows what the clocks of the neighbourhood show', () => {
  assert.is(timeOfDayMs(clocksShow('2026-11-23T00:00')), 0);
  assert.is(timeOfDayMs(clocksShow('2026-11-23T06:30')), 6.5 * hourMs);
  assert.is(timeOfDayMs(clocksShow('2026-11-23T23:59:59.999')), dayMs - 1);
});

counting('finds the next time that the clocks show something, now included', () => {
  const six = 6 * hourMs;
  assert.is(nextTimeOfDay(clocksShow('2026-11-23T05:59'), six), clocksShow('2026-11-23T06:00'));
  assert.is(nextTimeOfDay(clocksShow('2026-11-23T06:00'), six), clocksShow('2026-11-23T06:00'));
  assert.is(nextTimeOfDay(clocksShow('2026-11-23T06:01'), six), clocksShow('2026-11-24T06:00'));
  assert.is(nextTimeOfDay(clocksShow('2026-12-31T23:00'), 0), clocksShow('2027-01-01T00:00'));
});

counting('finds the last midnight, now included', () => {
  const midnight = clocksShow('2026-11-23T00:00');
  assert.is(startOfDay(midnight), midnight);
  assert.is(startOfDay(clocksShow('2026-11-23T23:59')), midnight);
  assert.is(startOfDay(epochMs(midnight - 1)), clocksShow('2026-11-22T00:00'));
});

counting('has 96 slots in every day, and no day of another length', () => {
  fc.assert(
    fc.property(aMoment, (at) => {
      const midnight = startOfDay(at);
      assert.is(timeOfDayMs(midnight), 0);
      assert.is(at - midnight, timeOfDayMs(at));
      assert.is(nextTimeOfDay(epochMs(midnight + 1), 0) - midnight, dayMs);
      const slots = Array.from({ length: 96 }, (_, n) => slotNumber(slotAt(midnight) + n));
      assert.ok(slots.every((slot) => dayOf(slotStart(slot)) === dayOf(at)));
    }),
    { numRuns: 100 },
  );
});

/** What a hub in another zone makes of some moments, as text; its summer time begins and ends among them. */
function countedIn(timezone: string): string {
  const source = new URL('../../gateway/core/slot.ts', import.meta.url).href;
  const program = `
    import { dayOf, nextTimeOfDay, slotAt, startOfDay, timeOfDayMs } from '${source}';
    const seen = [];
    for (let at = Date.UTC(2026, 0, 1); at < Date.UTC(2027, 0, 1); at += 4_321_000 * 7)
      seen.push([slotAt(at), dayOf(at), timeOfDayMs(at), startOfDay(at), nextTimeOfDay(at, 0)]);
    console.log(new Date(Date.UTC(2026, 6, 1)).getTimezoneOffset(), JSON.stringify(seen));`;
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--input-type=module', '--eval', program],
    { env: { ...process.env, TZ: timezone }, encoding: 'utf8', timeout: 30_000 },
  );
  assert.is(status, 0, stderr);
  return stdout;
}

counting('is the same wherever the computer believes that it stands', () => {
  const [offsetThere, there] = countedIn('America/New_York').split(' ');
  const [offsetHere, here] = countedIn('Africa/Nairobi').split(' ');
  assert.equal([offsetThere, offsetHere], ['240', '-180']);
  assert.is(there, here);
  assert.ok((here ?? '').length > 10_000);
});

counting.run();
