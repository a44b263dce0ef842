import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { dayMs, hourMs, minuteMs, slotEnd } from '../../gateway/core/slot.ts';
import { centsPerKwh, epochMs, wattHours } from '../../gateway/core/units.ts';
import { closeSlots } from '../../gateway/steps/close-slots.ts';
import { orderTrade } from '../../gateway/steps/order-trade.ts';
import { ringPhone } from '../../gateway/steps/ring-phone.ts';
import { sendPayout } from '../../gateway/steps/send-payout.ts';
import { aRound, aTrade, given, heard } from '../support/given.ts';
import { livingHub } from '../support/living-hub.ts';
import { corner, firstSlot, kiosk, nine } from '../support/neighbourhood.ts';
import { aSentPayout, earned } from '../support/payouts.ts';
import { aTopup } from '../support/topups.ts';

const bad = suite('bad days');
const energy = { [corner]: 9_000 };

bad('a doubtful payout stays doubtful when its repetition does not leave the hub', async () => {
  using hub = earned(2);
  const { payout } = aSentPayout(hub);
  hub.money.says.payOut.push({ kind: 'not-sent', why: 'no network' });
  await sendPayout(hub, payout.id);
  assert.is(hub.books.payouts.find(payout.id)?.state, 'unknown');
  hub.money.says.payOut.push({ kind: 'refused', code: '400.002.02', again: false });
  await sendPayout(hub, payout.id);
  assert.is.not(
    hub.books.payouts.find(payout.id)?.state,
    'failed',
    'it may have gone the first time',
  );
  assert.is(hub.books.trades.earningsOf(corner), 0, 'so nobody pays it again');
});

bad('days without a network do not use up the questions about a payout', async () => {
  using hub = earned(2);
  const life = livingHub(hub);
  const { payout } = aSentPayout(hub);
  hub.books.payouts.pending(payout, 'AG_1', hub.clock.now());
  for (let hours = 0; hours < 72; hours++) {
    hub.money.says.status.push({ kind: 'not-asked', why: 'no network' });
    hub.clock.advance(hourMs);
    await life.tick();
  }
  const after = hub.books.payouts.find(payout.id);
  assert.equal([after?.state, after?.asks], ['pending', 0]);
});

bad('a round that a full disk interrupted is finished with the next slot', async () => {
  using hub = given({ energy, need: { [kiosk]: 3_000 }, wallets: { [kiosk]: 9_000 } });
  const slot = aRound(hub, { [corner]: 9_000 });
  const life = livingHub(hub);
  assert.is(hub.books.rounds.open(), slot);
  hub.clock.set(slotEnd(firstSlot) + 20 * minuteMs);
  await life.tick();
  assert.is(hub.books.rounds.open(), undefined, 'it is cleared, not open for ever');
  assert.ok(hub.books.rounds.adviceOf(slot, corner));
});

bad('no phone rings for a trade that is over, whatever waits in the books', async () => {
  using hub = given({ energy });
  const topup = aTopup(hub, { trades: [aTrade(hub).id] });
  hub.clock.advance(14 * hourMs);
  await ringPhone(hub, topup.id);
  assert.equal(hub.money.rung, []);
  assert.is(hub.books.topups.find(topup.id)?.state, 'abandoned');
});

bad('a hub that starts at night expires what is over before it does anything else', async () => {
  using hub = given({ energy });
  aTopup(hub, { trades: [aTrade(hub).id] });
  hub.clock.advance(14 * hourMs);
  await livingHub(hub).start();
  assert.equal(hub.money.rung, []);
  assert.is(hub.books.trades.inStates(['expired']).length, 1);
});

bad('a push that M-Pesa refused outright is no prompt of the day', async () => {
  using hub = given({ energy });
  const topup = aTopup(hub, { trades: [aTrade(hub).id] });
  hub.money.says.ring.push({ kind: 'misconfigured', why: 'passkey' });
  await ringPhone(hub, topup.id);
  const history = hub.books.topups.historyOf(kiosk, topup.phone, hub.clock.now());
  assert.equal([history.promptsToday, history.unansweredAt], [0, undefined]);
});

bad('an idempotency key stands for one order only', () => {
  using hub = given({ energy });
  const [seller, buyer] = [corner, kiosk].map((id) => hub.books.households.find(id));
  assert.ok(seller && buyer);
  const usual = { seller, buyer, rate: centsPerKwh(1_200), idempotencyKey: 'k' };
  const first = orderTrade(hub, { ...usual, energyWh: wattHours(500) });
  assert.equal(orderTrade(hub, { ...usual, energyWh: wattHours(500) }), first);
  const other = orderTrade(hub, { ...usual, energyWh: wattHours(700) });
  assert.equal(other, { ok: false, error: { kind: 'key-used' } });
});

bad('an order by hand asks the phone when the day’s limit would be passed', () => {
  using hub = given({ energy, rules: { [kiosk]: { buyDailyCents: 1_000 as never } } });
  const [seller, buyer] = [corner, kiosk].map((id) => hub.books.households.find(id));
  assert.ok(seller && buyer);
  const order = (energyWh: number) =>
    orderTrade(hub, {
      ...{ seller, buyer, rate: centsPerKwh(1_000), idempotencyKey: undefined },
      energyWh: wattHours(energyWh),
    });
  const [within, beyond] = [order(900), order(200)];
  assert.ok(within.ok && beyond.ok);
  assert.equal([within.value.funding, beyond.value.funding], ['wallet', 'phone']);
});

bad('an untrusted clock that is months ahead closes no slot that no meter has seen', () => {
  using hub = given({ energy });
  hub.clock.set(nine + 60 * dayMs);
  closeSlots({ ...hub, clock: { ...hub.clock, trust: () => 'untrusted' } });
  assert.is(heard(hub, 'slot.closed').length, 0);
  closeSlots(hub);
  assert.ok(heard(hub, 'slot.closed').length > 0, 'a trusted one does');
});

bad('paths that never brought anything are forgotten when they are over', () => {
  using hub = given({ energy });
  const { hash, token } = hub.ids.callbackToken();
  const topup = aTopup(hub, { trades: [aTrade(hub).id] });
  hub.books.topups.markSent(topup, hash, epochMs(nine + hourMs), epochMs(nine));
  hub.books.inbox.forgetPaths(epochMs(nine));
  assert.ok(token);
  const keep = (at: number) =>
    hub.books.inbox.keep(hash, Buffer.from('{}'), 'h', 'i' as never, epochMs(at));
  assert.is(keep(nine), 'kept');
  hub.books.inbox.forgetPaths(epochMs(nine + dayMs));
  assert.ok(hub.books.inbox.find('i' as never), 'what brought something stays as evidence');
});

bad('books that were begun with simulated money say so for ever', () => {
  using hub = given({ energy });
  assert.is(hub.books.settings.once('mpesa-environment', 'simulator'), 'simulator');
  assert.is(hub.books.settings.once('mpesa-environment', 'production'), 'simulator');
});

bad.run();
