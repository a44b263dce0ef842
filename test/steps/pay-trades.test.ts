import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { TokenIntentId } from '../../gateway/core/ids.ts';
import { wattHours } from '../../gateway/core/units.ts';
import { payTrades } from '../../gateway/steps/pay-trades.ts';
import {
  aSettledTrade,
  aTrade,
  type GivenHub,
  given,
  heard,
  waitingDeeds,
} from '../support/given.ts';
import { corner, fillWallet, kiosk, nine, tailor } from '../support/neighbourhood.ts';
import { aRingingTopup } from '../support/topups.ts';

const paying = suite('paying from the wallet');
const energy = { [corner]: 9_000 };
const stateOf = (hub: GivenHub, { id }: { id: string }) =>
  hub.books.trades.find(id as never)?.state;

paying('pays at once when the wallet has enough, and owes the tokens in the same write', () => {
  using hub = given({ energy, wallets: { [kiosk]: 3_000 } });
  const trade = aTrade(hub);
  payTrades(hub, kiosk);
  assert.is(stateOf(hub, trade), 'paid');
  assert.is(hub.books.trades.walletOf(kiosk), 0);
  assert.is(hub.books.views.accountBalance(`trade-held:${trade.id}`), 3_000);
  const intent = hub.books.tokens.ofTrade(trade.id);
  assert.equal(
    [intent?.from, intent?.to, intent?.energyWh, intent?.mintWh, intent?.state],
    [corner, kiosk, 2_000, 2_000, 'open'],
  );
  assert.match(intent?.memo ?? '', /^[0-9A-HJKMNP-TV-Z]{26}$/, 'no phone, no name, no receipt');
  assert.equal(heard(hub, 'trade.paid'), [
    { name: 'trade.paid', trade: trade.id, intent: intent?.id },
  ]);
  assert.equal(heard(hub, 'funds.missing'), []);
  assert.equal(waitingDeeds(hub), ['send-tokens']);
});

paying('one cent short is short', () => {
  using hub = given({ energy, wallets: { [kiosk]: 2_900 } });
  const trade = aTrade(hub, { energyWh: 2_000, rate: 1_451 });
  assert.is(trade.amountCents, 2_902);
  payTrades(hub, kiosk);
  assert.is(stateOf(hub, trade), 'awaiting-funds');
  assert.is(hub.books.trades.walletOf(kiosk), 2_900);
  assert.equal(heard(hub, 'funds.missing'), [{ name: 'funds.missing', buyer: kiosk }]);
});

paying('pays the oldest trade first', () => {
  using hub = given({ energy, wallets: { [kiosk]: 4_000 } });
  const old = aTrade(hub);
  hub.clock.advance(1);
  const young = aTrade(hub);
  payTrades(hub, kiosk);
  assert.equal([stateOf(hub, old), stateOf(hub, young)], ['paid', 'awaiting-funds']);
  fillWallet(hub.books, kiosk, 2_000);
  payTrades(hub, kiosk);
  assert.equal([stateOf(hub, old), stateOf(hub, young)], ['paid', 'paid']);
});

paying('pays once, however often it is told', () => {
  using hub = given({ energy, wallets: { [kiosk]: 9_000 } });
  aTrade(hub);
  payTrades(hub, kiosk);
  payTrades(hub, kiosk);
  assert.is(hub.books.trades.walletOf(kiosk), 6_000);
  assert.is(heard(hub, 'trade.paid').length, 1);
});

paying('touches no wallet but the buyer’s', () => {
  using hub = given({ energy, wallets: { [tailor]: 9_000 } });
  const trade = aTrade(hub);
  payTrades(hub, tailor);
  assert.is(stateOf(hub, trade), 'matched');
  payTrades(hub, kiosk);
  assert.is(stateOf(hub, trade), 'awaiting-funds');
  assert.is(hub.books.trades.walletOf(tailor), 9_000);
});

paying(
  'takes nothing from a full wallet that the rule keeps closed, until the phone has paid',
  () => {
    using hub = given({ energy, wallets: { [kiosk]: 9_000 } });
    const trade = aTrade(hub, { funding: 'phone' });
    payTrades(hub, kiosk);
    assert.is(stateOf(hub, trade), 'awaiting-funds');
    assert.is(hub.books.trades.walletOf(kiosk), 9_000);
    const { topup } = aRingingTopup(hub, { trades: [trade.id] });
    payTrades(hub, kiosk);
    assert.is(stateOf(hub, trade), 'awaiting-funds', 'the phone still rings');
    hub.books.topups.credit(topup, nine);
    payTrades(hub, kiosk);
    assert.is(stateOf(hub, trade), 'paid');
    assert.is(hub.books.trades.walletOf(kiosk), 9_000);
  },
);

paying('mints only what the seller’s tokens lack', () => {
  using hub = given({ energy: { [corner]: 9_000, [kiosk]: 1_500 }, wallets: { [kiosk]: 9_000 } });
  aSettledTrade(hub);
  fillWallet(hub.books, tailor, 5_000);
  const resold = aTrade(hub, { seller: kiosk, buyer: tailor, energyWh: 1_500 });
  payTrades(hub, tailor);
  assert.is(hub.books.tokens.ofTrade(resold.id)?.mintWh, 0, 'the kiosk holds 2 kWh on chain');
  const more = aTrade(hub, { energyWh: 700 });
  payTrades(hub, kiosk);
  assert.is(hub.books.tokens.ofTrade(more.id)?.mintWh, 700);
});

paying('mints anew while the seller’s own tokens are still on their way to it', () => {
  using hub = given({ energy: { [corner]: 9_000, [kiosk]: 1_500 }, wallets: { [kiosk]: 9_000 } });
  const coming = aTrade(hub);
  payTrades(hub, kiosk);
  fillWallet(hub.books, tailor, 5_000);
  const resold = aTrade(hub, { seller: kiosk, buyer: tailor, energyWh: 1_500 });
  payTrades(hub, tailor);
  assert.is(hub.books.tokens.ofTrade(coming.id)?.state, 'open');
  const intent = hub.books.tokens.find(hub.books.tokens.ofTrade(resold.id)?.id as TokenIntentId);
  assert.is(intent?.mintWh, wattHours(1_500), 'whichever lands first, neither lacks tokens');
});

paying.run();
