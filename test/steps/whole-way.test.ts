import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { dayMs, hourMs, minuteMs, nextSlot } from '../../gateway/core/slot.ts';
import { cents } from '../../gateway/core/units.ts';
import { aPushClaim, aResult, notPaid } from '../support/fake-money.ts';
import { type GivenHub, given, knock } from '../support/given.ts';
import { type LivingHub, livingHub } from '../support/living-hub.ts';
import { corner, firstSlot, kiosk, meterOf, nine, phoneOf } from '../support/neighbourhood.ts';

const travelling = suite('the way of a unit of energy');

/** In the first quarter the corner house exports 4.2 kWh and the kiosk imports 2.3 kWh. */
function morning(changes: Parameters<typeof given>[0] = {}): GivenHub & { living: LivingHub } {
  const hub = given(changes);
  hub.books.settings.change('payoutLeastCents', 1_000, nine);
  hub.books.settings.change('payoutDaily', 0, nine);
  hub.meters.show(meterOf(corner), nextSlot(firstSlot), 0, 4_200);
  hub.meters.show(meterOf(kiosk), nextSlot(firstSlot), 2_300, 0);
  return Object.assign(hub, { living: livingHub(hub) });
}
async function passing(hub: ReturnType<typeof morning>, ms: number, stepMs = 5_000) {
  for (const end = hub.clock.now() + ms; hub.clock.now() < end; ) {
    hub.clock.advance(Math.min(stepMs, end - hub.clock.now()));
    await hub.living.tick();
  }
}
const names = ({ told }: LivingHub) => told.map(({ name }) => name);
const onlyTrade = ({ books }: GivenHub) => {
  const [trade, ...others] = books.views.trades(10);
  assert.equal(others, []);
  return trade;
};

travelling('from the meter over the phone and the chain to the seller’s phone', async () => {
  using hub = morning();
  await passing(hub, 17 * minuteMs);
  assert.equal(
    hub.money.rung.map(({ phone, amountCents }) => [phone, amountCents]),
    [[phoneOf(kiosk), 3_000]],
  );
  assert.is(onlyTrade(hub)?.state, 'awaiting-funds');
  const token = hub.money.rung[0]?.callbackToken ?? '';
  hub.money.says.push.push({ kind: 'paid' });
  for (let n = 0; n < 3; n++)
    knock(hub, token, aPushClaim({ receipt: 'UJ22T8IYOU', amountCents: 3_000 }));
  await hub.living.tick();
  assert.is(onlyTrade(hub)?.state, 'settled', 'the callback made the hub ask at once');
  assert.is(hub.money.paidOut[0]?.amountCents, 3_000);
  knock(hub, hub.money.paidOut[0]?.resultToken ?? '', aResult());
  await hub.living.tick();
  const { createdMs: _when, slot: _slot, ...trade } = { slot: 0, ...onlyTrade(hub) };
  const payoutId = hub.books.payouts.lastDone(corner);
  assert.equal(
    [trade.state, trade.receipt, trade.checkoutRequestId],
    [...['closed', 'UJ22T8IYOU', 'ws_CO_1']],
  );
  assert.equal([trade.signature, trade.payoutId], ['signature-1', payoutId]);
  assert.equal(
    hub.books.views.history(trade.id ?? '').map(({ event }) => event),
    [
      ...['trade.matched', 'wallet.short', 'topup.requested', 'topup.confirmed', 'trade.paid'],
      ...['tokens.sent', 'tokens.settled', 'earnings.paid-out'],
    ],
  );
  assert.equal(names(hub.living).slice(0, 9), [
    ...['slot.closed', 'surplus.found', 'advice.given', 'proposal.made'],
    ...['proposal.settled', 'round.ready'],
    ...['round.cleared', 'trade.matched', 'funds.missing'],
  ]);
  assert.equal(hub.books.energy.balanceOf(kiosk), { energyWh: 0, boughtWh: 0, needWh: 300 });
  assert.equal([hub.living.troubles, hub.books.audit.imbalances()], [[], []]);
  assert.equal(hub.books.deeds.waiting(), 0);
});

travelling('with money in the wallet no phone rings', async () => {
  using hub = morning({ wallets: { [kiosk]: 5_000 } });
  await passing(hub, 17 * minuteMs);
  assert.equal(hub.money.rung, []);
  assert.is(onlyTrade(hub)?.state, 'settled');
  assert.equal([onlyTrade(hub)?.checkoutRequestId, onlyTrade(hub)?.receipt], [null, null]);
  assert.is(hub.books.trades.walletOf(kiosk), 2_000);
});

travelling('a buyer who cancels ends the trade; the energy is offered again', async () => {
  using hub = morning();
  hub.money.says.push.push({ kind: 'in-flight' }, notPaid('1032'));
  await passing(hub, 18 * minuteMs);
  assert.is(onlyTrade(hub)?.state, 'expired');
  assert.is(hub.books.energy.balanceOf(corner).energyWh, 4_200);
  await passing(hub, hourMs, minuteMs);
  assert.is(hub.money.rung.length, 1, 'the phone is left alone for today');
  assert.is(hub.books.views.trades(10).length, 1);
});

travelling('a PIN typed too late fills the wallet, which pays the next trade', async () => {
  using hub = morning();
  await passing(hub, 28 * minuteMs);
  assert.is(onlyTrade(hub)?.state, 'expired');
  hub.money.says.push.push({ kind: 'paid' });
  knock(hub, hub.money.rung[0]?.callbackToken ?? '', aPushClaim());
  await passing(hub, minuteMs);
  assert.is(hub.books.trades.walletOf(kiosk), 3_000);
  await passing(hub, 4 * minuteMs);
  assert.equal(
    hub.books.views
      .trades(10)
      .map(({ state }) => state)
      .sort(),
    ['expired', 'settled'],
    'the next quarter’s round was paid from it',
  );
  assert.is(hub.money.rung.length, 1);
  assert.is(hub.books.trades.walletOf(kiosk), 0);
  assert.equal(hub.books.audit.imbalances(), []);
});

travelling('a chain that is away for hours holds tokens back, and no money', async () => {
  using hub = morning({ wallets: { [kiosk]: 5_000 } });
  hub.chain.reachable = false;
  await passing(hub, 5 * hourMs, minuteMs);
  assert.is(onlyTrade(hub)?.state, 'paid');
  assert.is(hub.money.paidOut.length, 0, 'the seller waits for final tokens');
  hub.chain.reachable = true;
  await passing(hub, 2 * minuteMs);
  assert.is(onlyTrade(hub)?.state, 'settled');
  assert.is(hub.money.paidOut.length, 1);
});

travelling(
  'a week of mornings leaves books that balance and no deed that turns in circles',
  async () => {
    using hub = morning({ wallets: { [kiosk]: 5_000 } });
    hub.money.whilePayingOut = ({ resultToken }) =>
      void queueMicrotask(() =>
        knock(hub.living.needs, resultToken, aResult({ transactionId: resultToken })),
      );
    await passing(hub, 7 * dayMs, 15 * minuteMs);
    assert.equal(hub.living.troubles, []);
    assert.equal(hub.books.audit.imbalances(), []);
    assert.is(hub.books.deeds.waiting(), 0);
    assert.is(onlyTrade(hub)?.state, 'closed');
    assert.is(hub.books.views.accountBalance('out-in-flight'), cents(0));
  },
);

travelling.run();
