import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { slotAt, slotEnd, startOfDay } from '../../gateway/core/slot.ts';
import { centsPerKwh, epochMs, type SlotNumber, slotNumber } from '../../gateway/core/units.ts';
import { moveRate } from '../../gateway/steps/move-rate.ts';
import { aRound, type GivenHub, given } from '../support/given.ts';
import { nine } from '../support/neighbourhood.ts';

const posting = suite('posting tomorrow’s rate');
const midnight = epochMs(startOfDay(nine) + 86_400_000);
const lastSlot = slotNumber(slotAt(midnight) - 1);
const rateAt = (hub: GivenHub, atMs: number) => hub.books.settings.at(epochMs(atMs)).rate;

/** A day on which so many lots were offered and asked. */
function aDay(hub: GivenHub, offeredLots: number, askedLots: number): void {
  const slot = aRound(hub, {});
  const lots = { offeredLots, askedLots, matchedLots: 0 };
  hub.books.rounds.clear(slot, { rate: centsPerKwh(1_500), ...lots }, [], hub.clock.now());
  hub.clock.set(midnight);
}
const move = (hub: GivenHub, slot: SlotNumber = lastSlot) =>
  moveRate(hub, { name: 'slot.closed', slot, inTime: true });

posting('goes up by at most a shilling when more was asked than offered', () => {
  using hub = given();
  aDay(hub, 2, 20);
  move(hub);
  assert.is(rateAt(hub, midnight + 1), 1_600);
  assert.is(rateAt(hub, midnight - 1), 1_500, 'today’s stays today’s');
});

posting('goes down when more was offered, and never through the floor', () => {
  using hub = given();
  aDay(hub, 20, 2);
  hub.books.settings.change('floor', 1_450, nine);
  move(hub);
  assert.is(rateAt(hub, midnight + 1), 1_450);
});

posting('stays where one side was missing all day', () => {
  using hub = given();
  aDay(hub, 20, 0);
  move(hub);
  assert.is(rateAt(hub, midnight + 1), 1_500);
});

posting('moves at midnight only, and once, also when midnight is told twice', () => {
  using hub = given();
  aDay(hub, 2, 20);
  move(hub, slotNumber(lastSlot - 1));
  assert.is(rateAt(hub, slotEnd(lastSlot)), 1_500);
  move(hub);
  move(hub);
  assert.is(rateAt(hub, midnight + 1), 1_600);
});

posting.run();
