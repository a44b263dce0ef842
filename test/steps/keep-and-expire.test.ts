import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { AdviceId, HouseholdId, TokenIntentId } from '../../gateway/core/ids.ts';
import { dayMs, hourMs, minuteMs, slotAt, slotStart } from '../../gateway/core/slot.ts';
import { centsPerKwh, epochMs, wattHours } from '../../gateway/core/units.ts';
import { closeSlots } from '../../gateway/steps/close-slots.ts';
import { aRound, aTrade, type GivenHub, given, waitingDeeds } from '../support/given.ts';
import { corner, kiosk, meterOf, nine, school } from '../support/neighbourhood.ts';

const keeping = suite('keeping energy until the morning');
const sixNextDay = epochMs(nine + 21 * hourMs);

/** Advice of the first round: the household keeps this much until 06:00. */
function keeps(hub: GivenHub, household: HouseholdId, keepWh: number): void {
  const { energyWh } = hub.books.energy.balanceOf(household);
  const slot = aRound(hub, { [household]: energyWh });
  const none = wattHours(0);
  hub.books.rounds.saveAdvice(
    {
      ...{ id: hub.ids.fresh() as AdviceId, slot, household, energyWh, nightNeedWh: none },
      ...{ sunLeftWh: none, keepWh: wattHours(keepWh), sellWh: none, rate: centsPerKwh(1_500) },
      ...{ ownTariff: centsPerKwh(2_700), source: 'rule', reason: '', at: hub.clock.now() },
    },
    sixNextDay,
  );
  hub.books.rounds.clear(
    slot,
    { rate: centsPerKwh(1_500), offeredLots: 0, askedLots: 0, matchedLots: 0 },
    [],
    hub.clock.now(),
  );
}

const passTo = (hub: GivenHub, atMs: number): void => {
  hub.clock.set(atMs);
  for (let before = -1; before !== hub.books.energy.nextSlot(); ) {
    before = hub.books.energy.nextSlot() ?? -1;
    closeSlots(hub);
  }
};
const grace = 2 * minuteMs;

keeping('costs a fifth of what is still unused at six: the school gets it, with its tokens', () => {
  using hub = given({ energy: { [corner]: 5_003 } });
  keeps(hub, corner, 3_003);
  passTo(hub, sixNextDay - 1);
  assert.is(hub.books.energy.balanceOf(corner).energyWh, 5_003, 'not before six');
  passTo(hub, sixNextDay + grace);
  assert.equal(hub.books.energy.balanceOf(corner).energyWh, 5_003 - 600);
  assert.is(hub.books.energy.balanceOf(school).boughtWh, 600);
  assert.is(hub.books.energy.keepingOf(corner), undefined, 'the rest is on offer again');
  const [deed] = hub.books.deeds.due(hub.clock.now(), 10);
  const intent = hub.books.tokens.find(deed?.subject as TokenIntentId);
  assert.equal(
    [intent?.kind, intent?.from, intent?.to, intent?.energyWh, intent?.mintWh, intent?.trade],
    ['transfer', corner, school, 600, 600, undefined],
  );
  passTo(hub, sixNextDay + dayMs + grace);
  assert.is(hub.books.energy.balanceOf(school).boughtWh, 600, 'once');
  assert.equal(hub.books.audit.imbalances(), []);
});

keeping('costs nothing for what the household used itself in the night', () => {
  using hub = given({ energy: { [corner]: 3_000 } });
  keeps(hub, corner, 3_000);
  const night = slotAt(epochMs(nine + 13 * hourMs));
  hub.meters.show(meterOf(corner), night, 3_000, 0);
  passTo(hub, sixNextDay + grace);
  assert.equal(hub.books.energy.balanceOf(corner), { energyWh: 0, boughtWh: 0, needWh: 0 });
  assert.is(hub.books.energy.balanceOf(school).boughtWh, 0);
  assert.equal(waitingDeeds(hub), []);
});

keeping('costs only a fifth of what is left of it, not of what was kept', () => {
  using hub = given({ energy: { [corner]: 3_000 } });
  keeps(hub, corner, 3_000);
  hub.meters.show(meterOf(corner), slotAt(epochMs(nine + 13 * hourMs)), 2_500, 0);
  passTo(hub, sixNextDay + grace);
  assert.is(hub.books.energy.balanceOf(school).boughtWh, 100);
  assert.is(hub.books.energy.balanceOf(corner).energyWh, 400);
});

keeping('covers own need first with what was kept for it, and not with what is new', () => {
  using hub = given({ energy: { [corner]: 3_000 } });
  keeps(hub, corner, 1_000);
  const evening = slotAt(epochMs(nine + 11 * hourMs));
  hub.meters.show(meterOf(corner), evening, 700, 0);
  passTo(hub, slotStart(evening) + grace);
  assert.is(hub.books.energy.keepingOf(corner)?.energyWh, 300);
  hub.meters.show(meterOf(corner), slotAt(epochMs(nine + 20 * hourMs)), 700, 5_000);
  passTo(hub, sixNextDay + grace);
  assert.is(hub.books.energy.balanceOf(school).boughtWh, 60, 'a fifth of what was left of it');
});

keeping('costs nothing where the neighbourhood has set it so', () => {
  using hub = given({ energy: { [corner]: 3_000 } });
  hub.books.settings.change('keepCostPercent', 0, nine);
  keeps(hub, corner, 3_000);
  passTo(hub, sixNextDay + grace);
  assert.is(hub.books.energy.balanceOf(corner).energyWh, 3_000);
});

keeping('mints only what the household’s tokens on chain lack', () => {
  using hub = given({ energy: { [corner]: 5_000 } });
  keeps(hub, corner, 5_000);
  const earlier = {
    ...{ id: 'earlier' as TokenIntentId, kind: 'transfer' as const, trade: undefined },
    ...{ reference: 'gift', from: kiosk, to: corner, energyWh: wattHours(400) },
    ...{ mintWh: wattHours(400), memo: 'm', state: 'open' as const, signature: undefined },
  };
  hub.books.tokens.intend(earlier, nine);
  hub.books.tokens.finish(earlier, 'landed');
  passTo(hub, sixNextDay + grace);
  const [deed] = hub.books.deeds.due(hub.clock.now(), 10);
  const intent = hub.books.tokens.find(deed?.subject as TokenIntentId);
  assert.equal([intent?.energyWh, intent?.mintWh], [1_000, 600]);
});

keeping.run();

const windows = suite('the end of the window of thirty days');
const windowEnds = epochMs(nine - 9 * hourMs + 30 * dayMs);

windows('clears the slate: what was not sold expires, what was not covered is billed', () => {
  using hub = given({ energy: { [corner]: 5_000 }, need: { [kiosk]: 700 } });
  passTo(hub, windowEnds - 1);
  assert.is(hub.books.energy.balanceOf(corner).energyWh, 5_000);
  const firstOfNew = slotAt(windowEnds);
  hub.meters.show(meterOf(corner), slotAt(epochMs(windowEnds + 15 * minuteMs)), 0, 250);
  passTo(hub, slotStart(firstOfNew) + 15 * minuteMs + grace);
  assert.is(hub.books.energy.balanceOf(corner).energyWh, 250, 'the new window’s own');
  assert.is(hub.books.energy.balanceOf(kiosk).needWh, 0);
  const { accountBalance } = hub.books.views;
  assert.is(accountBalance('expired'), 5_000);
  assert.is(accountBalance(`billed:${kiosk}`), 700);
  passTo(hub, windowEnds + dayMs);
  assert.is(accountBalance('expired'), 5_000, 'once in thirty days');
  assert.is(hub.books.audit.trialBalance('Wh'), 0);
});

windows('leaves what is bought, and what an open trade still holds', () => {
  using hub = given({ energy: { [corner]: 5_000 } });
  const trade = aTrade(hub, { expiresAt: epochMs(windowEnds + dayMs) });
  passTo(hub, windowEnds + 15 * minuteMs + grace);
  assert.is(hub.books.views.accountBalance(`reserved:${trade.id}`), 2_000);
  hub.books.trades.expire(trade, 'nobody paid', hub.clock.now());
  assert.is(hub.books.energy.balanceOf(corner).energyWh, 2_000, 'it belongs to the new window');
  assert.equal(hub.books.audit.imbalances(), []);
});

windows.run();
