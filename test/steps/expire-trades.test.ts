import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { minuteMs } from '../../gateway/core/slot.ts';
import { epochMs } from '../../gateway/core/units.ts';
import { expireRefused, expireTrades } from '../../gateway/steps/expire-trades.ts';
import { payTrades } from '../../gateway/steps/pay-trades.ts';
import { aPaidTrade, aTrade, type GivenHub, given, heard } from '../support/given.ts';
import { corner, kiosk, nine, tailor } from '../support/neighbourhood.ts';
import { aRingingTopup } from '../support/topups.ts';

const expiring = suite('ending trades that nobody paid');
const energy = { [corner]: 9_000 };
const stateOf = (hub: GivenHub, { id }: { id: string }) =>
  hub.books.trades.find(id as never)?.state;

expiring('at their time, not a moment earlier, and the seller’s energy is free again', () => {
  using hub = given({ energy });
  const trade = aTrade(hub);
  payTrades(hub, kiosk);
  hub.clock.set(nine + 10 * minuteMs - 1);
  expireTrades(hub);
  assert.is(stateOf(hub, trade), 'awaiting-funds');
  hub.clock.advance(1);
  expireTrades(hub);
  expireTrades(hub);
  assert.is(stateOf(hub, trade), 'expired');
  assert.is(hub.books.energy.balanceOf(corner).energyWh, 9_000);
  assert.is(heard(hub, 'trade.expired').length, 1);
  assert.equal(hub.books.audit.imbalances(), []);
});

expiring('never one that is paid', () => {
  using hub = given({ energy, wallets: { [kiosk]: 3_000 } });
  const { trade } = aPaidTrade(hub, { expiresAt: epochMs(nine + 1) });
  hub.clock.set(nine + 60 * minuteMs);
  expireTrades(hub);
  assert.is(stateOf(hub, trade), 'paid');
});

expiring('a refused push ends the trades that waited for it, and no other', () => {
  using hub = given({ energy });
  const [waited, later, neighbours] = [aTrade(hub), aTrade(hub), aTrade(hub, { buyer: tailor })];
  const { topup } = aRingingTopup(hub, { trades: [waited.id] });
  expireRefused(hub, {
    ...{ name: 'topup.refused', topup: topup.id, household: kiosk },
    ...{ amountCents: topup.amountCents, why: 'code 1032' },
  });
  assert.equal(
    [waited, later, neighbours].map((trade) => stateOf(hub, trade)),
    ['expired', 'matched', 'matched'],
  );
  assert.equal(heard(hub, 'trade.expired'), [
    { name: 'trade.expired', trade: waited.id, why: 'code 1032' },
  ]);
});

expiring.run();
