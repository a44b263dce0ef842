import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { HouseholdId } from '../../gateway/core/ids.ts';
import { hourMs, minuteMs, nextSlot, slotEnd, slotMs } from '../../gateway/core/slot.ts';
import { type SlotNumber, slotNumber } from '../../gateway/core/units.ts';
import { closeSlots } from '../../gateway/steps/close-slots.ts';
import { type GivenHub, given, heard } from '../support/given.ts';
import { corner, firstSlot, kiosk, meterOf, nine, tailor } from '../support/neighbourhood.ts';

const closing = suite('closing a slot');
const graceMs = 120_000;

const shows = (
  hub: GivenHub,
  household: HouseholdId,
  slot: SlotNumber,
  importWh: number,
  exportWh: number,
) => hub.meters.show(meterOf(household), slot, importWh, exportWh);

/** Time goes on until the slot may close although nobody is connected. */
const pass = (hub: GivenHub, slot: SlotNumber = firstSlot): void => {
  hub.clock.set(slotEnd(slot) + graceMs);
  closeSlots(hub);
};
const slotsClosed = (hub: GivenHub) => heard(hub, 'slot.closed').map(({ slot }) => slot);

closing('begins with the slot of its first hour, and does not look back', () => {
  using hub = given();
  using fresh = given({ settled: true });
  closeSlots(fresh);
  assert.is(fresh.books.energy.nextSlot(), firstSlot);
  assert.is(fresh.books.energy.firstSlot(), firstSlot);
  closeSlots(hub);
  assert.equal(slotsClosed(hub), [], 'it is nine o’clock and the quarter has just begun');
});

closing('turns what a household exported and imported into one of the two', () => {
  using hub = given();
  shows(hub, corner, nextSlot(firstSlot), 400, 1_500);
  shows(hub, kiosk, nextSlot(firstSlot), 900, 200);
  pass(hub);
  assert.equal(hub.books.energy.balanceOf(corner), { energyWh: 1_100, boughtWh: 0, needWh: 0 });
  assert.equal(hub.books.energy.balanceOf(kiosk), { energyWh: 0, boughtWh: 0, needWh: 700 });
  const after = slotNumber(firstSlot + 1);
  assert.equal(hub.books.energy.history(corner, firstSlot, after), [
    { slot: firstSlot, household: corner, exportedWh: 1_100, importedWh: 0, late: false },
  ]);
  assert.equal(heard(hub, 'slot.closed'), [{ name: 'slot.closed', slot: firstSlot, inTime: true }]);
  assert.equal(hub.books.audit.imbalances(), []);
});

closing('covers the household’s own need with its own energy first', () => {
  using hub = given({ energy: { [corner]: 1_000 } });
  shows(hub, corner, nextSlot(firstSlot), 300, 0);
  pass(hub);
  assert.equal(hub.books.energy.balanceOf(corner), { energyWh: 700, boughtWh: 0, needWh: 0 });
  const need = hub.books.views.accountBalance(`covered:${corner}`);
  assert.is(need, 300);
});

closing('waits for every meter that is connected, but not beyond the end of their patience', () => {
  using hub = given();
  hub.meters.online.add(meterOf(corner)).add(meterOf(kiosk));
  hub.clock.set(slotEnd(firstSlot) + 1_000);
  shows(hub, corner, nextSlot(firstSlot), 0, 500);
  closeSlots(hub);
  assert.equal(slotsClosed(hub), [], 'the kiosk has not reported past the end');
  hub.clock.set(slotEnd(firstSlot) + graceMs - 1);
  closeSlots(hub);
  assert.equal(slotsClosed(hub), []);
  hub.clock.advance(1);
  closeSlots(hub);
  assert.equal(slotsClosed(hub), [firstSlot], 'the grace is over');
  assert.is(hub.books.energy.balanceOf(corner).energyWh, 500);
});

closing('needs no grace when all connected meters have reported past its end', () => {
  using hub = given();
  hub.meters.online.add(meterOf(corner)).add(meterOf(kiosk));
  for (const household of [corner, kiosk]) shows(hub, household, nextSlot(firstSlot), 0, 500);
  hub.clock.set(slotEnd(firstSlot) - 1);
  closeSlots(hub);
  assert.equal(slotsClosed(hub), [], 'it is not over');
  hub.clock.set(slotEnd(firstSlot));
  closeSlots(hub);
  assert.equal(slotsClosed(hub), [firstSlot]);
});

closing('with nobody connected waits out the grace, because they may come back', () => {
  using hub = given();
  hub.clock.set(slotEnd(firstSlot) + graceMs - 1);
  closeSlots(hub);
  assert.equal(slotsClosed(hub), []);
});

closing('posts what a silent meter counted later to the slot that runs, and calls it late', () => {
  using hub = given();
  const [second, third] = [slotNumber(firstSlot + 1), slotNumber(firstSlot + 2)];
  pass(hub, firstSlot);
  pass(hub, second);
  assert.is(hub.books.energy.balanceOf(corner).energyWh, 0);
  shows(hub, corner, nextSlot(third), 0, 2_400);
  pass(hub, third);
  assert.is(hub.books.energy.balanceOf(corner).energyWh, 2_400, 'nothing is lost');
  const [only] = hub.books.energy.history(corner, firstSlot, nextSlot(third));
  assert.equal([only?.slot, only?.late], [third, true]);
});

closing('begins to count a new meter at the first boundary that it shows', () => {
  using hub = given();
  const meter = meterOf(tailor);
  hub.books.households.revoke(meter, nine);
  hub.books.households.register(meter, tailor, 'grid', '0'.repeat(64), nine);
  shows(hub, tailor, nextSlot(firstSlot), 70_000, 90_000);
  pass(hub);
  assert.is(hub.books.energy.balanceOf(tailor).energyWh, 0, 'an earlier life of the registers');
  const second = nextSlot(firstSlot);
  shows(hub, tailor, nextSlot(second), 70_000, 90_250);
  pass(hub, second);
  assert.is(hub.books.energy.balanceOf(tailor).energyWh, 250);
});

closing('does not sell what the panels made, only what left the house', () => {
  using hub = given();
  const meter = meterOf(tailor);
  hub.books.households.revoke(meter, nine);
  hub.books.households.register(meter, tailor, 'pv', '0'.repeat(64), nine);
  for (const slot of [1, 2]) shows(hub, tailor, slotNumber(firstSlot + slot), 0, slot * 1_000);
  pass(hub, firstSlot);
  pass(hub, nextSlot(firstSlot));
  assert.is(hub.books.energy.balanceOf(tailor).energyWh, 0);
});

closing('after a power cut closes all that passed, and holds a market only in the newest', () => {
  using hub = given();
  for (let n = 1; n <= 8; n++) shows(hub, corner, slotNumber(firstSlot + n), 0, n * 300);
  hub.clock.set(nine + 2 * hourMs + graceMs);
  closeSlots(hub);
  const all = Array.from({ length: 8 }, (_, n) => firstSlot + n);
  assert.equal(slotsClosed(hub), all);
  assert.equal(
    heard(hub, 'slot.closed').map(({ inTime }) => inTime),
    [false, false, false, false, false, false, false, true],
  );
  assert.is(hub.books.rounds.due(), firstSlot + 7);
  assert.is(hub.books.energy.balanceOf(corner).energyWh, 2_400);
  assert.equal(
    hub.books.energy.history(corner, firstSlot, slotNumber(firstSlot + 8)).map((one) => one.late),
    Array(8).fill(false),
    'readings that were kept in the meter belong to their own slots',
  );
});

closing('takes a long time without power in portions', () => {
  using hub = given();
  hub.clock.set(nine + 300 * slotMs);
  closeSlots(hub);
  assert.is(slotsClosed(hub).length, 20);
  assert.is(hub.books.rounds.due(), undefined, 'the newest is not reached yet');
  for (let portions = 1; portions < 15; portions++) closeSlots(hub);
  assert.is(slotsClosed(hub).length, 299, 'the last one is still in its grace');
  hub.clock.advance(2 * minuteMs);
  closeSlots(hub);
  assert.is(hub.books.rounds.due(), firstSlot + 299);
});

closing('holds no market while the keeper has closed it', () => {
  using hub = given();
  hub.books.settings.change('marketOpen', 0, nine);
  pass(hub);
  assert.is(hub.books.rounds.due(), undefined);
  assert.equal(heard(hub, 'slot.closed')[0]?.inTime, false);
});

closing('leaves the books untouched when one posting cannot be made', () => {
  using hub = given();
  shows(hub, corner, nextSlot(firstSlot), 0, 500);
  const [real, energy] = [hub.books, hub.books.energy];
  const broken = {
    ...energy,
    closeSlot: (close: Parameters<typeof energy.closeSlot>[0]) =>
      energy.closeSlot({ ...close, postings: [...close.postings, ...close.postings] }),
  };
  hub.clock.set(slotEnd(firstSlot) + graceMs);
  assert.throws(() => closeSlots({ ...hub, books: { ...real, energy: broken } }), /written once/);
  assert.is(real.energy.nextSlot(), firstSlot);
  assert.is(real.energy.balanceOf(corner).energyWh, 0);
  closeSlots(hub);
  assert.is(real.energy.balanceOf(corner).energyWh, 500, 'and the next tick does it');
});

closing.run();
