/** What the books tell of each household over some days. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { slotNumber } from '../../../gateway/core/units.ts';
import { giveEnergyAway } from '../../../gateway/steps/give-energy.ts';
import { aSettledTrade, aTrade, given } from '../../support/given.ts';
import { corner, firstSlot, kiosk } from '../../support/neighbourhood.ts';

const facts = suite('what the books tell of each household');

const day = [firstSlot, slotNumber(firstSlot + 96)] as const;

facts('settled trades of those days count, on both sides', () => {
  using hub = given({ energy: { [corner]: 9_000 }, wallets: { [kiosk]: 9_000 } });
  aSettledTrade(hub);
  aTrade(hub);
  const of = (id: string) => hub.books.kpis.households(...day).find((one) => one.household === id);
  assert.is(of(corner)?.soldWh, 2_000);
  assert.is(of(corner)?.earnedCents, 3_000);
  assert.is(of(kiosk)?.boughtWh, 2_000);
  assert.is(of(kiosk)?.paidCents, 3_000);
  assert.is(hub.books.kpis.roundingLostCents(), 0);
  const before = [slotNumber(firstSlot - 96), firstSlot] as const;
  assert.is(hub.books.kpis.households(...before)[0]?.trades, 0);
});

facts('a trade dearer than the buyer’s own tariff is found', () => {
  using hub = given({ energy: { [corner]: 9_000 } });
  aTrade(hub, { rate: 2_700 });
  assert.is(hub.books.kpis.tooDear(...day), 0);
  aTrade(hub, { rate: 2_701 });
  assert.is(hub.books.kpis.tooDear(...day), 1);
});

facts('a gift that covers need is no trade', () => {
  using hub = given({ energy: { [corner]: 1_000 }, need: { [kiosk]: 700 } });
  hub.clock.advance(1);
  const gift = { from: corner, to: kiosk, energyWh: 600, idempotencyKey: undefined };
  assert.ok(giveEnergyAway(hub, gift).ok);
  const one = hub.books.kpis.households(...day).find(({ household }) => household === kiosk);
  assert.is(one?.giftUsedWh, 600);
  assert.is(one?.boughtWh, 0);
});

facts.run();
