/** Gifts of energy. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { HouseholdId } from '../../gateway/core/ids.ts';
import { giveEnergyAway } from '../../gateway/steps/give-energy.ts';
import { settleTokens } from '../../gateway/steps/settle-tokens.ts';
import { type GivenHub, given, waitingDeeds } from '../support/given.ts';
import { corner, kiosk, school } from '../support/neighbourhood.ts';

const giving = suite('giving energy away');

const gift = (hub: GivenHub, differs: Partial<Parameters<typeof giveEnergyAway>[1]> = {}) =>
  giveEnergyAway(hub, {
    ...{ from: corner, to: undefined, energyWh: 600, idempotencyKey: undefined },
    ...differs,
  });

giving('goes to the community’s school unless somebody is named, and covers need at once', () => {
  using hub = given({ energy: { [corner]: 1_000 }, need: { [school]: 400, [kiosk]: 50 } });
  assert.ok(gift(hub).ok);
  assert.equal(hub.books.energy.balanceOf(corner).energyWh, 400);
  assert.equal(hub.books.energy.balanceOf(school), { energyWh: 0, boughtWh: 200, needWh: 0 });
  assert.ok(gift(hub, { to: kiosk, energyWh: 100 }).ok);
  assert.equal(hub.books.energy.balanceOf(kiosk), { energyWh: 0, boughtWh: 50, needWh: 0 });
  assert.is(hub.books.audit.trialBalance('Wh'), 0);
  assert.equal(hub.books.audit.imbalances(), []);
});

giving('costs nobody money, and its tokens follow', async () => {
  using hub = given({ energy: { [corner]: 1_000 }, wallets: { [kiosk]: 5_000 } });
  gift(hub, { to: kiosk });
  assert.equal(waitingDeeds(hub), ['send-tokens']);
  assert.is(hub.books.trades.walletOf(kiosk), 5_000);
  assert.is(hub.books.trades.earningsOf(corner), 0);
  const intent = hub.books.deeds.due(hub.clock.now(), 1)[0]?.subject ?? '';
  for (let step = 0; step < 3; step++) await settleTokens(hub, intent);
  assert.is(hub.chain.balanceOf(kiosk), 600);
  assert.is(hub.books.energy.onChainWh(kiosk), 600);
});

giving('is done once under one key', () => {
  using hub = given({ energy: { [corner]: 1_000 } });
  const [first, again] = [1, 2].map(() => gift(hub, { idempotencyKey: 'sunday' }));
  assert.equal(first, again);
  assert.is(hub.books.energy.balanceOf(corner).energyWh, 400);
  assert.is(waitingDeeds(hub).length, 1);
});

giving('needs energy that is there, somebody else, and whole Wh', () => {
  using hub = given({ energy: { [corner]: 1_000 } });
  const refusal = (differs: Parameters<typeof gift>[1]) => {
    const answer = gift(hub, differs);
    return answer.ok ? 'given' : answer.error;
  };
  assert.equal(refusal({ energyWh: 1_001 }), { kind: 'not-enough', freeWh: 1_000 });
  assert.equal(refusal({ to: corner }), { kind: 'to-itself' });
  assert.equal(refusal({ energyWh: 0.5 }), { kind: 'not-whole' });
  assert.equal(refusal({ energyWh: 0 }), { kind: 'not-whole' });
  assert.equal(refusal({ to: 'nobody' as HouseholdId }), { kind: 'unknown-household' });
  assert.is(hub.books.energy.balanceOf(corner).energyWh, 1_000);
  assert.is(refusal({ energyWh: 1_000 }), 'given');
});

giving('is not of what was bought', () => {
  using hub = given({ energy: { [corner]: 1_000 } });
  gift(hub, { to: kiosk });
  const answer = gift(hub, { from: kiosk, to: undefined, energyWh: 1 });
  assert.equal(answer, { ok: false, error: { kind: 'not-enough', freeWh: 0 } });
});

giving.run();
