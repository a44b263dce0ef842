import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { TokenIntentId } from '../../gateway/core/ids.ts';
import { dayMs, startOfDay } from '../../gateway/core/slot.ts';
import type { TokenIntent } from '../../gateway/core/token.ts';
import { wattHours } from '../../gateway/core/units.ts';
import { settleTokens } from '../../gateway/steps/settle-tokens.ts';
import { aPaidTrade, type GivenHub, given, waitingDeeds } from '../support/given.ts';
import { corner, kiosk, nine, school } from '../support/neighbourhood.ts';

const others = suite('moving tokens that belong to no trade');

function gift(hub: GivenHub, differs: Partial<TokenIntent> = {}): TokenIntent {
  const usual: TokenIntent = {
    ...{ id: hub.ids.fresh() as TokenIntentId, kind: 'transfer', trade: undefined },
    ...{ reference: 'keep:1', from: corner, to: school, energyWh: wattHours(200) },
    ...{ mintWh: wattHours(200), memo: 'memo', state: 'open', signature: undefined },
  };
  const one = { ...usual, ...differs };
  hub.books.tokens.intend(one, nine);
  return one;
}

others('the school’s share and the night’s burning end with their signature', async () => {
  using hub = given();
  const share = gift(hub);
  await settleTokens(hub, share.id);
  assert.is(hub.chain.balanceOf(school), 200);
  const { mintWh: _none, ...burn } = { ...share, kind: 'burn' as const, to: undefined };
  const burning = gift(hub, {
    ...burn,
    ...{ id: 'burn' as TokenIntentId, from: school, reference: 'burn', mintWh: wattHours(0) },
  });
  await settleTokens(hub, burning.id);
  assert.is(hub.chain.balanceOf(school), 0);
  assert.is(hub.books.tokens.find(burning.id)?.signature, 'signature-2');
  assert.is(hub.books.energy.onChainWh(school), 0);
  assert.equal(waitingDeeds(hub), []);
});

others('what proves impossible is set aside for a person', async () => {
  using hub = given();
  const burning = gift(hub, { kind: 'burn', to: undefined, mintWh: wattHours(0) });
  await settleTokens(hub, burning.id);
  assert.is(hub.books.tokens.find(burning.id)?.state, 'review');
  await settleTokens(hub, burning.id);
  assert.is(hub.chain.signed.length, 1, 'nobody signs while a person looks');
});

others('the daily cap holds for moves that are signed at the same moment', async () => {
  using hub = given();
  hub.books.settings.change('mintDailyMaxWh', 500, nine);
  const gifts = [1, 2, 3, 4].map((n) => gift(hub, { reference: `keep:${n}` }));
  await Promise.all(gifts.map(({ id }) => settleTokens(hub, id)));
  assert.is(hub.books.tokens.mintedSince(startOfDay(nine), 'none' as TokenIntentId), 400);
  assert.is(hub.chain.balanceOf(school), 400);
});

others(
  'the daily cap begins anew at midnight, also for what was signed in vain before',
  async () => {
    using hub = given();
    hub.books.settings.change('mintDailyMaxWh', 200, nine);
    hub.clock.set(startOfDay(nine) + dayMs - 1);
    const [late, next] = [gift(hub), gift(hub, { reference: 'keep:2' })];
    hub.chain.takesIn = false;
    for (const { id } of [late, next]) await settleTokens(hub, id);
    assert.equal(
      [late, next].map(({ id }) => hub.books.tokens.attempts(id)),
      [1, 0],
    );
    hub.clock.advance(1);
    hub.chain.height += 10_000;
    hub.chain.takesIn = true;
    // The lost one is signed again today, and counts today: the other one waits for tomorrow.
    for (let turn = 0; turn < 3; turn++) await settleTokens(hub, late.id);
    await settleTokens(hub, next.id);
    assert.equal(
      [late, next].map(({ id }) => hub.books.tokens.attempts(id)),
      [2, 0],
    );
    hub.clock.advance(dayMs);
    await settleTokens(hub, next.id);
    assert.is(hub.chain.balanceOf(school), 400);
  },
);

others('beyond the daily cap nothing is minted, and a person is told once', async () => {
  using hub = given({ energy: { [corner]: 5_000 }, wallets: { [kiosk]: 3_000 } });
  const { trade, intent } = aPaidTrade(hub);
  const state = () => hub.books.trades.find(trade.id)?.state;
  hub.books.settings.change('mintDailyMaxWh', 1_999, nine);
  for (let n = 0; n < 3; n++) await settleTokens(hub, intent.id);
  assert.equal([state(), hub.chain.signed.length], ['paid', 0]);
  assert.is(hub.warnings.filter((line) => line.includes('minting has stopped')).length, 1);
  hub.books.settings.change('mintDailyMaxWh', 2_000, nine);
  await settleTokens(hub, intent.id);
  assert.is(state(), 'settled');
  hub.clock.advance(1);
  const more = gift(hub, { mintWh: wattHours(1), energyWh: wattHours(1) });
  await settleTokens(hub, more.id);
  assert.is(hub.books.tokens.find(more.id)?.state, 'open', 'the day has had its 2,000');
  hub.clock.set(nine + 86_400_000);
  await settleTokens(hub, more.id);
  assert.is(hub.books.tokens.find(more.id)?.state, 'done', 'tomorrow is another day');
});

others.run();
