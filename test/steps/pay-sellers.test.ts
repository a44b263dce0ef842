import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { dayMs, hourMs, minuteMs } from '../../gateway/core/slot.ts';
import { cents, epochMs } from '../../gateway/core/units.ts';
import { closeTrades } from '../../gateway/steps/close-trades.ts';
import { paySellers } from '../../gateway/steps/pay-sellers.ts';
import { aSettledTrade, type GivenHub, given, heard, waitingDeeds } from '../support/given.ts';
import { corner, kiosk, nine, phoneOf } from '../support/neighbourhood.ts';
import { aSentPayout, earned } from '../support/payouts.ts';

const paying = suite('paying the sellers');
const started = (hub: GivenHub) =>
  heard(hub, 'payout.started').map(({ amountCents }) => amountCents);
const finish = (hub: GivenHub) => {
  const { payout } = aSentPayout(hub);
  hub.books.payouts.finish(payout, undefined, cents(0), hub.clock.now());
  return payout;
};

paying('starts at the threshold, with whole shillings, to the seller’s own phone', () => {
  using hub = earned(0, { wallets: { [kiosk]: 9_000 } });
  aSettledTrade(hub, { energyWh: 999, rate: 1_000 });
  paySellers(hub);
  assert.equal(started(hub), [], 'KES 9.99 wait');
  aSettledTrade(hub, { energyWh: 60, rate: 1_000 });
  paySellers(hub);
  assert.equal(started(hub), [1_000], 'of KES 10.59');
  const payout = hub.books.payouts.openOf(corner);
  assert.equal([payout?.phone, payout?.sequence, payout?.state], [phoneOf(corner), 1, 'intent']);
  assert.match(payout?.conversationId ?? '', /^[0-9A-Z]{18}$/);
  assert.is(hub.books.trades.earningsOf(corner), 59, 'the odd cents stay in the earnings');
  assert.is(hub.books.views.accountBalance('out-in-flight'), 1_000);
  assert.equal(waitingDeeds(hub).includes('pay-out'), true);
});

paying('S64: usually waits for KES 50 and for six in the evening, then pays once', () => {
  using hub = given({ energy: { [corner]: 9_000 }, wallets: { [kiosk]: 9_000 } });
  hub.clock.advance(8 * hourMs);
  aSettledTrade(hub);
  paySellers(hub);
  assert.equal(started(hub), []);
  aSettledTrade(hub);
  hub.clock.advance(hourMs - 1);
  paySellers(hub);
  assert.equal(started(hub), [], 'one moment before six');
  hub.clock.advance(1);
  paySellers(hub);
  assert.equal(started(hub), [6_000]);
});

paying('starts nothing while payouts rest: what is earned stays where its owner sees it', () => {
  using hub = earned(2);
  const pause = { why: 'a test', since: nine, until: undefined };
  hub.books.pauses.pause({ cause: 'receiver', household: kiosk, ...pause });
  hub.books.pauses.pause({ cause: 'receiver', household: corner, ...pause });
  paySellers(hub);
  assert.equal([started(hub), hub.books.trades.earningsOf(corner)], [[], 6_000]);
  hub.books.pauses.resume('receiver', corner, 'the number is right now', nine);
  paySellers(hub);
  assert.equal(started(hub), [6_000], 'the kiosk’s own pause holds nobody else');
});

paying('has one payout per seller on its way, whatever it is waiting for', () => {
  using hub = earned(2, { wallets: { [kiosk]: 9_000 } });
  const { payout } = aSentPayout(hub);
  aSettledMore(hub);
  for (const change of [
    () => {},
    () => hub.books.payouts.pending(payout, 'AG_1', nine),
    () => hub.books.payouts.review(payout, 'a person must look', nine),
  ]) {
    change();
    paySellers(hub);
    assert.equal(started(hub), [6_000]);
  }
  hub.books.payouts.finish(payout, undefined, cents(0), nine);
  paySellers(hub);
  assert.equal(started(hub), [6_000, 3_000]);
  assert.is(hub.books.payouts.openOf(corner)?.sequence, 2);
});
function aSettledMore(hub: GivenHub): void {
  const wallet = hub.books.trades.walletOf(kiosk);
  if (wallet < 3_000) throw new Error('the kiosk is poor');
  aSettledTrade(hub);
}

paying('pays daily where the neighbourhood wants it so', () => {
  using hub = earned(3, { wallets: { [kiosk]: 15_000 } });
  hub.books.settings.change('payoutDaily', 1, nine);
  hub.books.settings.change('payoutFromMinute', 9 * 60, nine);
  finish(hub);
  aSettledMore(hub);
  hub.clock.advance(23 * hourMs);
  paySellers(hub);
  assert.is(started(hub).length, 1);
  hub.clock.advance(hourMs);
  paySellers(hub);
  assert.equal(started(hub), [9_000, 3_000], 'at nine the next day');
});

paying('does not run against a payout that M-Pesa refused: the next day’s run takes it', () => {
  using hub = earned(2);
  hub.books.settings.change('payoutDaily', 1, nine);
  hub.books.settings.change('payoutFromMinute', 9 * 60, nine);
  const { payout } = aSentPayout(hub);
  hub.books.payouts.fail(payout, '400.002.02', nine);
  assert.is(hub.books.trades.earningsOf(corner), 6_000);
  hub.clock.advance(minuteMs);
  paySellers(hub);
  assert.is(started(hub).length, 1);
  hub.clock.set(nine + dayMs);
  paySellers(hub);
  assert.equal(started(hub), [6_000, 6_000]);
  const next = hub.books.payouts.openOf(corner);
  assert.is(next?.sequence, 2);
  assert.is.not(next?.conversationId, payout.conversationId, 'a new payout has a new id');
});

paying('splits what is more than KES 250,000 over days', () => {
  using hub = earned(0, {
    ...{ energy: { [corner]: 3e7 }, wallets: { [kiosk]: 25_000_000 }, resultsTrusted: true },
  });
  hub.books.topups.request(more(hub), [], nine);
  hub.books.topups.credit(more(hub), nine);
  aSettledTrade(hub, { energyWh: 30_000_000, rate: 1_000 });
  finish(hub);
  paySellers(hub);
  assert.equal(started(hub), [25_000_000]);
  hub.clock.set(nine + dayMs);
  paySellers(hub);
  assert.equal(started(hub), [25_000_000, 5_000_000]);
});

paying('starts no payout that the cap of a day could not carry, while results are hints', () => {
  using hub = earned(2);
  hub.books.settings.change('payoutDayMostCents', 4_050, nine);
  paySellers(hub);
  assert.equal(started(hub), [4_000]);
});
const more = (hub: GivenHub) => ({
  ...{
    id: 'more' as never,
    household: kiosk,
    phone: phoneOf(kiosk),
    amountCents: cents(9_000_000),
  },
  ...{ accountReference: 'MORE', state: 'intent' as const, createdAt: hub.clock.now(), polls: 0 },
  ...{ sentAt: undefined, checkoutRequestId: undefined, merchantRequestId: undefined },
  ...{ code: undefined, receipt: undefined, detail: '', byHand: false, claim: undefined },
});

const closing = suite('closing the trades that a payout covered');
const states = (hub: GivenHub) =>
  hub.books.trades.inStates(['settled', 'closed']).map(({ state }) => state);

closing('closes first in first out what the payout paid for', () => {
  using hub = earned(2, { wallets: { [kiosk]: 15_000 } });
  const payout = finish(hub);
  aSettledMore(hub);
  closeTrades(hub, corner, payout.id);
  assert.equal(states(hub), ['closed', 'closed', 'settled']);
  assert.is(heard(hub, 'trade.closed').length, 2);
  assert.equal(
    hub.books.trades.inStates(['closed']).map((trade) => trade.payout),
    [payout.id, payout.id],
  );
  closeTrades(hub, corner, payout.id);
  assert.is(heard(hub, 'trade.closed').length, 2, 'once');
});

closing('does not mind less than a shilling, which waits in the earnings', () => {
  using hub = earned(0, { wallets: { [kiosk]: 9_000 } });
  aSettledTrade(hub, { energyWh: 2_059, rate: 1_000 });
  const payout = finish(hub);
  assert.is(payout.amountCents, 2_000);
  closeTrades(hub, corner, payout.id);
  assert.equal(states(hub), ['closed']);
  aSettledTrade(hub, { energyWh: 1_000, rate: 1_000 });
  const next = finish(hub);
  assert.is(next.amountCents, 1_000, 'of KES 10.59');
  closeTrades(hub, corner, next.id);
  assert.equal(states(hub), ['closed', 'closed']);
  assert.is(hub.books.trades.earningsOf(corner), 59);
});

closing('after a power cut remembers which payout it was', () => {
  using hub = earned(2);
  const payout = finish(hub);
  closeTrades(hub, corner, undefined);
  assert.is(hub.books.trades.inStates(['closed'])[0]?.payout, payout.id);
});

closing('closes nothing before anything was paid out', () => {
  using hub = earned(2);
  aSentPayout(hub);
  closeTrades(hub, corner, undefined);
  assert.equal(states(hub), ['settled', 'settled']);
  assert.is(hub.books.payouts.lastAt(corner), epochMs(nine));
});

paying.run();
closing.run();
