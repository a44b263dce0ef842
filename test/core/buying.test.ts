import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Buyer, wantedLots } from '../../gateway/core/buying.ts';
import { priceOf } from '../../gateway/core/trade.ts';
import { cents, centsPerKwh, wattHours } from '../../gateway/core/units.ts';
import { aRule } from './neighbours.ts';

const buying = suite('wanting energy');

const rate = centsPerKwh(1500);
const lot = wattHours(1000);

/** The kiosk needs 5 kWh and has money for more. */
const aBuyer = (change: Partial<Buyer> = {}): Buyer => ({
  rule: aRule(),
  needWh: 5000,
  comingWh: 0,
  walletCents: 20_000,
  committedCents: 0,
  askableCents: 0,
  boughtTodayCents: 0,
  ...change,
});
const wanted = (change: Partial<Buyer>): number => wantedLots(aBuyer(change), rate, lot);

buying('asks for the whole lots of its need', () => {
  assert.equal(
    [0, 999, 1000, 1999, 5000].map((needWh) => wanted({ needWh })),
    [0, 0, 1, 1, 5],
  );
});

buying('does not ask again for what is already on its way', () => {
  const still = (comingWh: number) => wanted({ comingWh });
  assert.equal([0, 1, 1000, 4000, 4001, 5000, 9000].map(still), [5, 4, 4, 1, 0, 0, 0]);
});

buying('asks for no more than the wallet can pay', () => {
  const with_ = (walletCents: number) => wanted({ walletCents });
  assert.equal([0, 1499, 1500, 2999, 3000, 7500, 9999].map(with_), [0, 0, 1, 1, 2, 5, 5]);
});

buying('does not count money twice that open trades have yet to take', () => {
  const after = (committedCents: number) => wanted({ walletCents: 6000, committedCents });
  assert.equal([0, 1500, 4500, 4501, 6000, 9000].map(after), [4, 3, 1, 0, 0, 0]);
});

buying('counts what the phone could be asked for, and nothing when it may not ring', () => {
  const poor = { walletCents: 100, committedCents: 0 };
  assert.is(wanted({ ...poor, askableCents: 0 }), 0);
  assert.is(wanted({ ...poor, askableCents: 1399 }), 0);
  assert.is(wanted({ ...poor, askableCents: 1400 }), 1);
  assert.is(wanted({ ...poor, askableCents: 25_000_000 }), 5);
});

buying('asks for nothing above the price that the household pays', () => {
  const upTo = (ceiling: number) => wanted({ rule: aRule({ buyCeiling: centsPerKwh(ceiling) }) });
  assert.equal([1499, 1500, 1501].map(upTo), [0, 5, 5]);
});

buying('asks for nothing where the household buys by hand only', () => {
  assert.is(wanted({ rule: aRule({ autoBuy: false }) }), 0);
});

buying('stops at what the household spends in a day', () => {
  const rule = aRule({ buyDailyCents: cents(6000) });
  const after = (boughtTodayCents: number) => wanted({ rule, boughtTodayCents });
  assert.equal([0, 1500, 1501, 4500, 4501, 6000, 8000].map(after), [4, 3, 2, 1, 0, 0, 0]);
});

const anyBuyer = fc.record({
  needWh: fc.nat(50_000),
  comingWh: fc.nat(50_000),
  walletCents: fc.nat(100_000),
  committedCents: fc.nat(100_000),
  askableCents: fc.nat(100_000),
  boughtTodayCents: fc.nat(100_000),
});
const anyLot = fc.constantFrom(1, 100, 250, 333, 1000, 1500).map(wattHours);
const anyRate = fc.integer({ min: 1, max: 3000 }).map(centsPerKwh);

buying('never wants more than it needs or can pay, in lots of any size', () => {
  fc.assert(
    fc.property(anyBuyer, anyLot, anyRate, (change, lotWh, price) => {
      const rule = aRule({ buyCeiling: centsPerKwh(3000) });
      const buyer = aBuyer({ ...change, rule });
      const lots = wantedLots(buyer, price, lotWh);
      assert.ok(Number.isSafeInteger(lots) && lots >= 0);
      if (lots === 0) return;
      const cost = priceOf(wattHours(lots * lotWh), price);
      assert.ok(lots * lotWh <= buyer.needWh - buyer.comingWh);
      assert.ok(cost <= buyer.walletCents - buyer.committedCents + buyer.askableCents);
      assert.ok(cost <= rule.buyDailyCents - buyer.boughtTodayCents);
    }),
    { numRuns: 2_000 },
  );
});

buying('wants the next lot as soon as it needs it and can pay it', () => {
  fc.assert(
    fc.property(fc.nat(20), anyLot, anyRate, (lots, lotWh, price) => {
      const walletCents = priceOf(wattHours(lots * lotWh), price);
      const rule = aRule({ buyCeiling: centsPerKwh(3000), buyDailyCents: cents(10_000_000) });
      const buyer = aBuyer({ rule, walletCents, needWh: lots * lotWh });
      assert.is(wantedLots(buyer, price, lotWh), lots);
    }),
  );
});

buying.run();
