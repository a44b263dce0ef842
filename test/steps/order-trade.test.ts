import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { minuteMs } from '../../gateway/core/slot.ts';
import { centsPerKwh, wattHours } from '../../gateway/core/units.ts';
import { type HandOrder, orderTrade } from '../../gateway/steps/order-trade.ts';
import { type GivenHub, given, heard } from '../support/given.ts';
import { livingHub } from '../support/living-hub.ts';
import { corner, kiosk, phoneOf } from '../support/neighbourhood.ts';

const ordering = suite('ordering a trade by hand');
const energy = { [corner]: 3_000 };

function order(hub: GivenHub, differs: Partial<HandOrder> = {}) {
  const [seller, buyer] = [corner, kiosk].map((id) => hub.books.households.find(id));
  assert.ok(seller && buyer);
  const usual = { seller, buyer, energyWh: wattHours(2_500), rate: centsPerKwh(1_200) };
  return orderTrade(hub, { ...usual, idempotencyKey: undefined, ...differs });
}
const byHand = { rules: { [kiosk]: { autoBuy: false } } };

ordering('takes any quantity at the given price, and reserves it', () => {
  using hub = given({ energy });
  const ordered = order(hub, { energyWh: wattHours(137) });
  assert.ok(ordered.ok);
  assert.equal(
    [ordered.value.energyWh, ordered.value.amountCents, ordered.value.origin],
    [137, 164, 'order'],
  );
  assert.is(ordered.value.expiresAt, hub.clock.now() + 10 * minuteMs);
  assert.is(hub.books.energy.balanceOf(corner).energyWh, 3_000 - 137);
  assert.is(heard(hub, 'trade.matched').length, 1);
});

ordering('uses the wallet only where the buyer’s rule allows that price', () => {
  const funding = (rule: object) => {
    using hub = given({ energy, rules: { [kiosk]: rule } });
    const ordered = order(hub);
    return ordered.ok && ordered.value.funding;
  };
  assert.is(funding({ buyCeiling: centsPerKwh(1_200) }), 'wallet');
  assert.is(funding({ buyCeiling: centsPerKwh(1_199) }), 'phone');
  assert.is(funding({ autoBuy: false }), 'phone');
});

ordering('says how much there is when it is not enough, and takes nothing', () => {
  using hub = given({ energy });
  assert.equal(order(hub, { energyWh: wattHours(3_001) }), {
    ok: false,
    error: { kind: 'not-enough-energy', thereWh: 3_000 },
  });
  assert.ok(order(hub).ok);
  assert.equal(order(hub), {
    ok: false,
    error: { kind: 'not-enough-energy', thereWh: 500 },
  });
  assert.is(heard(hub, 'trade.matched').length, 1);
});

ordering(
  'refuses a trade with oneself, for less than a cent, or for more than M-Pesa carries',
  () => {
    using hub = given({ energy: { [corner]: 3_000_000 } });
    const house = hub.books.households.find(corner);
    assert.ok(house);
    const kinds = [
      order(hub, { buyer: house }),
      order(hub, { energyWh: wattHours(1), rate: centsPerKwh(999) }),
      order(hub, { energyWh: wattHours(2_500_001), rate: centsPerKwh(10_000) }),
      order(hub, { energyWh: wattHours(2_500_000), rate: centsPerKwh(10_000) }),
    ].map((answer) => (answer.ok ? 'ordered' : answer.error.kind));
    assert.equal(kinds, ['same-household', 'too-cheap', 'too-dear', 'ordered']);
  },
);

ordering('the same key gives the same trade, also after the energy is gone', () => {
  using hub = given({ energy });
  const [first, again, other] = [
    order(hub, { idempotencyKey: 'k-1' }),
    order(hub, { idempotencyKey: 'k-1' }),
    order(hub, { idempotencyKey: 'k-2' }),
  ];
  assert.ok(first.ok && again.ok);
  assert.is(again.value.id, first.value.id);
  assert.is(other.ok, false);
  assert.is(heard(hub, 'trade.matched').length, 1);
});

ordering(
  'rings a closed wallet’s phone for all of it, and pays when the phone has paid',
  async () => {
    using hub = given({ energy, wallets: { [kiosk]: 9_000 }, ...byHand });
    const living = livingHub(hub);
    const ordered = order({ ...hub, tell: living.needs.tell });
    assert.ok(ordered.ok);
    await living.tick();
    assert.equal(
      hub.money.rung.map(({ phone, amountCents }) => [phone, amountCents]),
      [[phoneOf(kiosk), 3_000]],
    );
    hub.money.says.push.push({ kind: 'paid' });
    hub.clock.advance(10_000);
    await living.tick();
    assert.is(hub.books.trades.find(ordered.value.id)?.state, 'settled');
    assert.is(hub.books.trades.walletOf(kiosk), 9_000);
    assert.equal(living.troubles, []);
  },
);

ordering.run();
