import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { defaultSettings } from '../../gateway/core/settings.ts';
import { slotAt, slotEnd, slotStart } from '../../gateway/core/slot.ts';
import { type SlotNumber, slotNumber } from '../../gateway/core/units.ts';
import { beginsWindow, settingsOfRound } from '../../gateway/core/window.ts';
import { clocksShow } from './neighbours.ts';

const ending = suite('the end of the accounting window');

const slotOf = (dateAndTime: string): SlotNumber => slotAt(clocksShow(dateAndTime));
const opened = slotOf('2026-11-01T09:00');
const windowDays = 30;

/** Every slot of two months and a half in which a window begins, as clocks show it in UTC. */
function beginnings(first: SlotNumber, days: number): string[] {
  const slots = Array.from({ length: 75 * 96 }, (_, n) =>
    slotNumber(slotOf('2026-11-01T00:00') + n),
  );
  return slots
    .filter((slot) => beginsWindow(first, slot, days))
    .map((slot) => new Date(slotStart(slot)).toISOString());
}

ending('comes every thirty days at midnight, counted from the first day of the hub', () => {
  assert.equal(beginnings(opened, windowDays), [
    '2026-11-30T21:00:00.000Z',
    '2026-12-30T21:00:00.000Z',
  ]);
});

ending('does not come with the first slot of a hub that opens at midnight, nor before', () => {
  const midnight = slotOf('2026-11-01T00:00');
  assert.is(beginnings(midnight, windowDays).length, 2);
  assert.not.ok(beginsWindow(slotOf('2026-12-15T09:00'), slotOf('2026-12-15T00:00'), windowDays));
});

ending('is unknown before the first slot', () => {
  assert.not.ok(beginsWindow(undefined, opened, windowDays));
});

ending('can come every day', () => {
  assert.is(beginnings(opened, 1).length, 74);
});

ending('lets the last round before it clear to the Wh, from wallets alone', () => {
  const last = slotOf('2026-11-30T23:45');
  assert.is(slotEnd(last), clocksShow('2026-12-01T00:00'));
  assert.equal(settingsOfRound(defaultSettings, opened, last), {
    ...defaultSettings,
    lotWh: 1,
    surplusThresholdWh: 1,
    walletsOnly: true,
  });
});

ending('leaves every other round its lots', () => {
  for (const time of ['2026-11-30T23:30', '2026-12-01T00:00', '2026-11-15T23:45'])
    assert.equal(settingsOfRound(defaultSettings, opened, slotOf(time)), {
      ...defaultSettings,
      walletsOnly: false,
    });
});

ending.run();
