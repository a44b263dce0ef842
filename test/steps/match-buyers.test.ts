import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ProposalId } from '../../gateway/core/ids.ts';
import { dayMs, hourMs, minuteMs } from '../../gateway/core/slot.ts';
import {
  cents,
  centsPerKwh,
  epochMs,
  type SlotNumber,
  wattHours,
} from '../../gateway/core/units.ts';
import { matchBuyers } from '../../gateway/steps/match-buyers.ts';
import { aRound, aTrade, type GivenHub, given, heard } from '../support/given.ts';
import { corner, kiosk, nine, school, tailor } from '../support/neighbourhood.ts';
import { aRingingTopup } from '../support/topups.ts';

const matching = suite('finding the neighbours who want it');

/** The corner house (or who the test says) has passed so many Wh; the round is ready. */
function match(hub: GivenHub, passedWh: Readonly<Record<string, number>>): SlotNumber {
  const slot = aRound(hub, passedWh);
  for (const [household, energyWh] of Object.entries(passedWh)) {
    const id = hub.ids.fresh() as ProposalId;
    const whole = { id, slot, household: household as never, energyWh: wattHours(energyWh) };
    hub.books.rounds.saveProposal({ ...whole, passedWh: undefined, state: 'open' });
    hub.books.rounds.settleProposal(id, wattHours(energyWh));
  }
  matchBuyers(hub, { name: 'round.ready', slot });
  return slot;
}
const matched = (hub: GivenHub) =>
  heard(hub, 'trade.matched').map(({ seller, buyer, energyWh }) => [seller, buyer, energyWh]);

matching('gives a buyer the whole lots it needs, at the posted rate, and reserves them', () => {
  using hub = given({ energy: { [corner]: 5_000 }, need: { [kiosk]: 2_900 } });
  const slot = match(hub, { [corner]: 5_000 });
  assert.equal(matched(hub), [[corner, kiosk, 2_000]]);
  const [trade] = hub.books.trades.inStates(['matched']);
  assert.equal(
    [trade?.rate, trade?.amountCents, trade?.funding, trade?.origin, trade?.slot],
    [1_500, 3_000, 'wallet', 'round', slot],
  );
  assert.is(trade?.expiresAt, hub.clock.now() + 10 * minuteMs);
  assert.is(hub.books.energy.balanceOf(corner).energyWh, 3_000);
  assert.is(hub.books.views.accountBalance(`reserved:${trade?.id}`), 2_000);
  const [round] = hub.books.views.rounds(1);
  assert.equal([round?.offeredLots, round?.askedLots, round?.matchedLots], [5, 2, 2]);
  assert.is(round?.state, 'cleared');
});

matching('makes no trade when a person has stopped the market since the round began', () => {
  using hub = given({ energy: { [corner]: 5_000 }, need: { [kiosk]: 2_900 } });
  hub.books.settings.change('marketOpen', 0, hub.clock.now());
  const slot = match(hub, { [corner]: 5_000 });
  assert.equal(matched(hub), []);
  assert.equal(heard(hub, 'round.cleared'), [{ name: 'round.cleared', slot, trades: 0 }]);
  assert.equal(
    [hub.books.rounds.open(), hub.books.energy.balanceOf(corner).energyWh],
    [undefined, 5_000],
  );
});

matching('makes one trade per pair of neighbours', () => {
  using hub = given({
    energy: { [corner]: 3_000, [tailor]: 4_000 },
    need: { [kiosk]: 5_000, [school]: 1_000 },
    rules: { [school]: { autoBuy: true } },
  });
  match(hub, { [corner]: 3_000, [tailor]: 4_000 });
  const pairs = matched(hub).map(([seller, buyer]) => `${seller}->${buyer}`);
  assert.is(new Set(pairs).size, pairs.length);
  assert.is(
    matched(hub).reduce((sum, [, , wh]) => sum + Number(wh), 0),
    6_000,
  );
  assert.equal(hub.books.audit.imbalances(), []);
});

matching('rations the long side alike', () => {
  using hub = given({
    energy: { [corner]: 4_000 },
    need: { [kiosk]: 9_000, [tailor]: 2_000, [school]: 1_000 },
    rules: { [school]: { autoBuy: true } },
  });
  match(hub, { [corner]: 4_000 });
  const got = Object.fromEntries(matched(hub).map(([, buyer, wh]) => [buyer, wh]));
  assert.is(got[school], 1_000);
  assert.is(Number(got[kiosk]) + Number(got[tailor]), 3_000);
  assert.ok(Number(got[kiosk]) >= 1_000 && Number(got[tailor]) >= 1_000);
});

matching('a buyer who cannot pay wins nothing and blocks nobody', () => {
  using hub = given({
    energy: { [corner]: 2_000 },
    need: { [kiosk]: 5_000, [tailor]: 2_000 },
    wallets: { [tailor]: 3_000 },
    rules: { [kiosk]: { promptsDaily: 0 } },
  });
  match(hub, { [corner]: 2_000 });
  assert.equal(matched(hub), [[corner, tailor, 2_000]]);
  assert.is(hub.books.views.rounds(1)[0]?.askedLots, 2);
});

const stays = (why: string, belongings: object, before: (hub: GivenHub) => void = () => {}): void =>
  matching(`buys only what the wallet holds ${why}`, () => {
    const usual = { energy: { [corner]: 5_000 }, need: { [kiosk]: 4_000 } };
    using hub = given({ ...usual, wallets: { [kiosk]: 1_600 }, ...belongings });
    before(hub);
    match(hub, { [corner]: 5_000 });
    assert.equal(matched(hub), [[corner, kiosk, 1_000]]);
  });
stays('in quiet hours', {}, (hub) => hub.clock.set(nine + 12 * hourMs));
stays('while M-Pesa is out', {}, ({ money }) => {
  money.state = 'unreachable';
});
stays('while M-Pesa refuses the hub', {}, ({ money }) => {
  money.state = 'misconfigured';
});
stays('while the phone rings', {}, (hub) => void aRingingTopup(hub));
stays('after a prompt that came to nothing', {}, (hub) => {
  const { topup } = aRingingTopup(hub);
  hub.books.topups.refuse(topup, '1032', 'cancelled', undefined);
  hub.clock.advance(3 * hourMs);
});

matching('asks again the day after a prompt that came to nothing', () => {
  using hub = given({ energy: { [corner]: 5_000 }, need: { [kiosk]: 4_000 } });
  const { topup } = aRingingTopup(hub);
  hub.books.topups.refuse(topup, '1032', 'cancelled', undefined);
  hub.clock.set(nine + dayMs);
  match(hub, { [corner]: 5_000 });
  assert.equal(matched(hub), [[corner, kiosk, 4_000]]);
});

matching('counts what open trades will bring and cost', () => {
  using hub = given({
    energy: { [corner]: 8_000 },
    need: { [kiosk]: 4_000 },
    wallets: { [kiosk]: 4_500 },
    rules: { [kiosk]: { promptsDaily: 0 } },
  });
  aTrade(hub);
  match(hub, { [corner]: 5_000 });
  assert.equal(matched(hub), [[corner, kiosk, 1_000]]);
});

matching('keeps to the buyer’s ceiling, daily limit and wish to buy by hand', () => {
  const belongings = { energy: { [corner]: 5_000 }, need: { [kiosk]: 4_000 } };
  for (const [rule, wh] of [
    [{ buyCeiling: centsPerKwh(1_499) }, undefined],
    [{ buyCeiling: centsPerKwh(1_500) }, 4_000],
    [{ buyDailyCents: cents(3_100) }, 2_000],
    [{ autoBuy: false }, undefined],
  ] as const) {
    using hub = given({ ...belongings, rules: { [kiosk]: rule } });
    match(hub, { [corner]: 5_000 });
    assert.is(matched(hub)[0]?.[2], wh);
  }
});

matching('sells no more than is still there after an order by hand', () => {
  using hub = given({ energy: { [corner]: 5_000 }, need: { [kiosk]: 9_000 } });
  aTrade(hub, { buyer: tailor, energyWh: 3_500 });
  match(hub, { [corner]: 5_000 });
  assert.equal(matched(hub), [[corner, kiosk, 1_000]]);
});

matching('clears a round once, and one without a market with nothing', () => {
  using hub = given({ energy: { [corner]: 5_000 }, need: { [kiosk]: 9_000 } });
  const slot = match(hub, { [corner]: 5_000 });
  matchBuyers(hub, { name: 'round.ready', slot });
  assert.is(matched(hub).length, 1);
  hub.clock.set(epochMs(hub.clock.now() + 1));
  match(hub, {});
  assert.equal(
    heard(hub, 'round.cleared').map(({ trades }) => trades),
    [1, 0],
  );
});

matching.run();
