/** A payment callback never moves a token: it only makes the hub ask, and what is paid belongs to a wallet first. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { minuteMs, nextSlot } from '../../gateway/core/slot.ts';
import { aPushClaim } from '../support/fake-money.ts';
import { type GivenHub, given, knock } from '../support/given.ts';
import { type LivingHub, livingHub } from '../support/living-hub.ts';
import { corner, firstSlot, kiosk, meterOf, nine } from '../support/neighbourhood.ts';

type Scene = GivenHub & { readonly living: LivingHub };

/** The corner house has 4.2 kWh too many and the kiosk, without money, needs 2.3 kWh. */
function aMorning(): Scene {
  const hub = given();
  hub.books.settings.change('payoutLeastCents', 1_000, nine);
  hub.meters.show(meterOf(corner), nextSlot(firstSlot), 0, 4_200);
  hub.meters.show(meterOf(kiosk), nextSlot(firstSlot), 2_300, 0);
  return Object.assign(hub, { living: livingHub(hub) });
}

async function passing(hub: Scene, ms: number, stepMs = 5_000): Promise<void> {
  for (const end = hub.clock.now() + ms; hub.clock.now() < end; ) {
    hub.clock.advance(Math.min(stepMs, end - hub.clock.now()));
    await hub.living.tick();
  }
}

const yes = aPushClaim({ receipt: 'UJ22T8IYOU', amountCents: 3_000 });
const no = aPushClaim({ code: '1032' });
const pathOf = ({ money }: Scene) => money.rung[0]?.callbackToken ?? '';
/** What was ever credited to the kiosk's wallet, and what tokens were ever owed, signed and moved. */
function soFar({ books, chain, living }: Scene) {
  const trades = books.views.trades(10);
  return {
    creditedCents: living.told.filter(({ name }) => name === 'topup.confirmed').length * 3_000,
    intents: trades.filter(({ id }) => books.tokens.ofTrade(id as never) !== undefined).length,
    signed: chain.signed.length,
    moved: chain.movedIntents().length,
    states: trades.map(({ state }) => state),
  };
}
const untouched = { creditedCents: 0, intents: 0, signed: 0, moved: 0 };
const once = { creditedCents: 3_000, intents: 1, signed: 1, moved: 1 };

const calling = suite('11: payment callbacks and tokens');

calling(
  '11: a callback alone credits nothing and owes no token, however often it comes',
  async () => {
    using hub = aMorning();
    await passing(hub, 17 * minuteMs);
    assert.equal(soFar(hub), { ...untouched, states: ['awaiting-funds'] });
    for (const claim of [yes, yes, no, yes]) {
      knock(hub, pathOf(hub), claim);
      await hub.living.tick();
    }
    assert.ok(hub.money.asked.length > 0, 'else nothing was read');
    assert.equal(
      soFar(hub),
      { ...untouched, states: ['awaiting-funds'] },
      'M-Pesa has not said yes',
    );
  },
);

calling('11: twice, late and out of order: one credit, one transfer for one trade', async () => {
  using hub = aMorning();
  // The first one is quicker than M-Pesa's own answer to the push.
  hub.money.whileRinging = ({ callbackToken }) => void knock(hub, callbackToken, yes);
  await passing(hub, 17 * minuteMs);
  hub.money.says.push.push({ kind: 'paid' });
  knock(hub, pathOf(hub), no);
  knock(hub, pathOf(hub), yes);
  await passing(hub, minuteMs);
  assert.equal(soFar(hub), { ...once, states: ['settled'] });
  const balance = hub.books.trades.walletOf(kiosk);
  for (const late of [yes, no, yes]) {
    knock(hub, pathOf(hub), late);
    await passing(hub, 5 * minuteMs);
  }
  const { states, ...moved } = soFar(hub);
  assert.equal(moved, once);
  assert.ok(['settled', 'closed'].includes(states[0] ?? ''));
  assert.is(hub.books.trades.walletOf(kiosk), balance);
  assert.equal([hub.living.troubles, hub.books.audit.imbalances()], [[], []]);
});

calling(
  '11: money that comes when its trade is over stays in the wallet and moves no token',
  async () => {
    using hub = aMorning();
    await passing(hub, 17 * minuteMs);
    const [trade] = hub.books.views.trades(10);
    hub.meters.show(meterOf(kiosk), nextSlot(nextSlot(firstSlot)), 2_300, 0);
    await passing(hub, 30_000);
    hub.books.trades.expire(
      hub.books.trades.find(trade?.id as never) as never,
      'no funds in time',
      hub.clock.now(),
    );
    hub.money.says.push.push({ kind: 'paid' });
    knock(hub, pathOf(hub), yes);
    await passing(hub, minuteMs);
    assert.is(hub.books.trades.walletOf(kiosk), 3_000);
    const { creditedCents, signed, moved, states } = soFar(hub);
    assert.equal([creditedCents, signed, moved, states], [3_000, 0, 0, ['expired']]);
  },
);

calling.run();
