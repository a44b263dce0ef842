import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { dayMs, hourMs, minuteMs } from '../../gateway/core/slot.ts';
import { cents, epochMs } from '../../gateway/core/units.ts';
import { requestTopup } from '../../gateway/steps/request-topup.ts';
import { aTrade, type GivenHub, given, heard, waitingDeeds } from '../support/given.ts';
import { corner, kiosk, nine, phoneOf } from '../support/neighbourhood.ts';
import { aRingingTopup, aTopup } from '../support/topups.ts';

const asking = suite('asking the buyer to top up');
const energy = { [corner]: 50_000 };
const ask = (hub: GivenHub) => requestTopup(hub, { name: 'funds.missing', buyer: kiosk });
const asked = (hub: GivenHub) =>
  heard(hub, 'topup.requested').map(({ amountCents }) => amountCents);

asking('asks once for what all open trades lack together, in whole shillings', () => {
  using hub = given({ energy, wallets: { [kiosk]: 1_000 } });
  const trades = [aTrade(hub), aTrade(hub, { energyWh: 1_001, rate: 1_501 })];
  ask(hub);
  assert.equal(asked(hub), [3_600], '30.00 + 15.02 - 10.00, rounded up');
  const [event] = heard(hub, 'topup.requested');
  for (const { id } of trades) assert.is(hub.books.trades.find(id)?.topup, event?.topup);
  const topup = hub.books.topups.openOn(phoneOf(kiosk));
  assert.equal([topup?.state, topup?.household], ['intent', kiosk]);
  assert.equal(waitingDeeds(hub), ['ring-phone']);
});

asking('names a reference of at most twelve letters and digits that is new every time', () => {
  using hub = given({ energy });
  const code = hub.books.households.find(kiosk)?.code ?? '';
  aTrade(hub);
  ask(hub);
  const first = hub.books.topups.openOn(phoneOf(kiosk));
  assert.match(first?.accountReference ?? '', /^[0-9A-Z]{9,12}$/);
  assert.ok(first?.accountReference.startsWith(code));
  assert.ok(first);
  hub.books.topups.abandon(first, 'a test');
  hub.clock.advance(1);
  aTrade(hub);
  ask(hub);
  const second = hub.books.topups.openOn(phoneOf(kiosk));
  assert.ok(second && second.accountReference !== first.accountReference);
});

asking('asks for at least the household’s block', () => {
  using hub = given({ energy, rules: { [kiosk]: { blockCents: cents(5_000) } } });
  aTrade(hub);
  ask(hub);
  assert.equal(asked(hub), [5_000]);
});

asking('asks for what is missing where that is more than the block', () => {
  using hub = given({ energy, rules: { [kiosk]: { blockCents: cents(2_000) } } });
  aTrade(hub);
  ask(hub);
  assert.equal(asked(hub), [3_000]);
});

asking('does not ask twice for the same trade', () => {
  using hub = given({ energy });
  aTrade(hub);
  ask(hub);
  ask(hub);
  assert.equal(asked(hub), [3_000]);
});

asking('does not ask again for a trade whose first push a person must look at', () => {
  using hub = given({ energy });
  const trade = aTrade(hub, { funding: 'phone' });
  hub.books.topups.review(aRingingTopup(hub, { trades: [trade.id] }).topup, 'unclear');
  hub.clock.advance(3 * minuteMs);
  ask(hub);
  assert.equal(asked(hub), []);
});

const silent = (why: string, before: (hub: GivenHub) => void): void =>
  asking(`does not ask ${why}`, () => {
    using hub = given({ energy });
    before(hub);
    const trade = aTrade(hub);
    ask(hub);
    assert.equal(asked(hub), []);
    assert.is(hub.books.trades.find(trade.id)?.topup, undefined, 'it waits or expires');
  });
silent('while a prompt is intended', (hub) => void aTopup(hub));
silent('while a prompt is open', (hub) => void aRingingTopup(hub));
silent('at nine in the evening', (hub) => hub.clock.set(nine + 12 * hourMs));
silent('at a quarter past six', (hub) => hub.clock.set(nine + 21.25 * hourMs));
silent('again on the day of a prompt that came to nothing', (hub) => {
  const { topup } = aRingingTopup(hub);
  hub.books.topups.refuse(topup, '1037', 'no answer', undefined);
  hub.clock.advance(hourMs);
});
silent('within two minutes of the last prompt', (hub) => {
  hub.books.topups.credit(aRingingTopup(hub).topup, nine);
  hub.clock.advance(2 * minuteMs - 1);
});
silent('a fifth time on one day', (hub) => {
  for (let n = 0; n < 4; n++) {
    hub.books.topups.credit(
      aRingingTopup(hub, { checkoutRequestId: `ws_CO_${n}` }).topup,
      hub.clock.now(),
    );
    hub.clock.advance(hourMs);
  }
});

asking('asks again at half past six, after two minutes, and on the next day', () => {
  using hub = given({ energy });
  const { topup } = aRingingTopup(hub);
  hub.books.topups.refuse(topup, '1032', 'cancelled', undefined);
  hub.clock.set(nine + dayMs - 2.5 * hourMs);
  aTrade(hub);
  ask(hub);
  assert.equal(asked(hub), [3_000]);
  const next = hub.books.topups.openOn(phoneOf(kiosk));
  assert.ok(next);
  hub.books.topups.markSent(next, 'hash', epochMs(nine + 9 * dayMs), hub.clock.now());
  hub.books.topups.credit(next, hub.clock.now());
  hub.clock.advance(2 * minuteMs);
  aTrade(hub, { energyWh: 8_000 });
  ask(hub);
  assert.is(asked(hub).length, 2);
});

asking('rings for an order by hand even at night, but never over another prompt', () => {
  using hub = given({ energy, wallets: { [kiosk]: 90_000 } });
  hub.clock.set(nine + 13 * hourMs);
  aTrade(hub, { funding: 'phone' });
  ask(hub);
  assert.equal(asked(hub), [3_000], 'for all of it, although the wallet is full');
  aTrade(hub, { funding: 'phone' });
  ask(hub);
  assert.equal(asked(hub), [3_000]);
});

asking('asks for no more than M-Pesa can carry at once', () => {
  using hub = given({ energy, rules: {} });
  for (let n = 0; n < 3; n++) aTrade(hub, { energyWh: 10_000, rate: 1_000_000 });
  ask(hub);
  assert.equal(asked(hub), [25_000_000]);
});

asking.run();
