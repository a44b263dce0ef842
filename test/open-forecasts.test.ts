import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { slotEnd } from '../gateway/core/slot.ts';
import { slotNumber, wattHours } from '../gateway/core/units.ts';
import { openForecasts } from '../gateway/open-forecasts.ts';
import { type GivenHub, given } from './support/given.ts';
import { corner, firstSlot, kiosk } from './support/neighbourhood.ts';

const forecasting = suite('the forecasters of the neighbourhood');
const slotsPerDay = 96;

/** The corner house exports at midday, the kiosk imports all day. */
function live(hub: GivenHub, slots: number): void {
  const begin = hub.books.energy.nextSlot() ?? firstSlot;
  hub.books.together(() => {
    for (let slot = begin as number; slot < begin + slots; slot++) {
      const noon = slot % slotsPerDay > 30 && slot % slotsPerDay < 50;
      const usual = { exportedWh: wattHours(0), importedWh: wattHours(0), late: false };
      hub.books.energy.closeSlot({
        ...{ slot: slotNumber(slot), at: slotEnd(slotNumber(slot)), counted: new Map() },
        energies: [
          { ...usual, household: corner, exportedWh: wattHours(noon ? 300 : 0) },
          { ...usual, household: kiosk, importedWh: wattHours(40 + (slot % 7)) },
        ],
        ...{ postings: [], intents: [], roundDue: false },
      });
    }
  });
}

forecasting('learn a little at a time until they know all, and then every slot', () => {
  using hub = given();
  live(hub, 6 * slotsPerDay);
  const forecasts = openForecasts(hub);
  forecasts.catchUp();
  assert.is(forecasts.view().caughtUp, false);
  let times = 1;
  while (!forecasts.view().caughtUp && times < 100) {
    forecasts.catchUp();
    times += 1;
  }
  assert.ok(times > 2 && times < 10, `${times} times`);
  const shown = () => forecasts.view().households.find((one) => one.householdId === kiosk);
  const load = () =>
    forecasts.view().households.find((one) => one.householdId === kiosk && one.series === 'load');
  assert.ok(shown());
  const [before] = load()?.leads ?? [];
  assert.is(before?.comparisons, 3 * slotsPerDay, 'three days are only learned from');
  live(hub, 1);
  forecasts.catchUp();
  assert.is(load()?.leads[0]?.comparisons, (before?.comparisons ?? 0) + 1);
});

forecasting('tell what they expect at every lead, with a range and their skill', () => {
  using hub = given();
  live(hub, 8 * slotsPerDay);
  const forecasts = openForecasts(hub);
  for (let time = 0; time < 20; time++) forecasts.catchUp();
  const { caughtUp, households } = forecasts.view();
  assert.ok(caughtUp);
  const load = households.find((one) => one.householdId === kiosk && one.series === 'load');
  assert.equal(load?.leads.map(({ minutesAhead }) => minutesAhead).slice(0, 3), [15, 30, 60]);
  for (const { meanWh, lowWh, highWh, skill } of load?.leads ?? []) {
    assert.ok(meanWh !== null && lowWh !== null && highWh !== null && skill !== null);
    assert.ok(lowWh <= meanWh && meanWh <= highWh && meanWh > 35 && meanWh < 50, `${meanWh}`);
  }
});

forecasting('say nothing of a neighbourhood that has not begun', () => {
  using hub = given();
  const forecasts = openForecasts(hub);
  forecasts.catchUp();
  assert.ok(
    forecasts.view().households.every(({ leads }) => leads.every(({ skill }) => skill === null)),
  );
});

forecasting.run();
