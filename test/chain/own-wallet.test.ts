/** A household that has the key of its wallet: the hub moves what it allows, and sees what it moves off. */
import { createRevokeInstruction } from '@solana/spl-token';
import { Keypair } from '@solana/web3.js';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { HouseholdId } from '../../gateway/core/ids.ts';
import { obstacleOf } from '../../gateway/core/own-wallet.ts';
import { unpaidStates } from '../../gateway/core/trade.ts';
import { wattHours } from '../../gateway/core/units.ts';
import { makeProposal } from '../../gateway/steps/make-proposal.ts';
import { matchBuyers } from '../../gateway/steps/match-buyers.ts';
import { orderTrade } from '../../gateway/steps/order-trade.ts';
import { payTrades } from '../../gateway/steps/pay-trades.ts';
import { aRound, aTrade, heard } from '../support/given.ts';
import { corner, fillWallet, kiosk, nine, phoneOf } from '../support/neighbourhood.ts';

import {
  aGift,
  aHouseWithItsOwnKey,
  burnTonight,
  closeWith,
  goOn,
  moveOff,
  type OwnScene,
  wh,
} from './an-own-wallet.ts';

const stateOf = ({ hub }: OwnScene, trade: { id: string }) =>
  hub.books.trades.find(trade.id as never)?.state;
const walletOf = ({ hub }: OwnScene) => hub.books.trades.walletOf(kiosk);
const reasons = ({ hub }: OwnScene) => heard(hub, 'trade.expired').map(({ why }) => why);

const own = suite('a household that holds the key of its own wallet');

own('sells what it allows: the wallet is looked at before the buyer pays', async () => {
  using scene = await aHouseWithItsOwnKey();
  await scene.approve(3_000);
  const trade = aTrade(scene.hub);
  payTrades(scene.hub, kiosk);
  assert.is(stateOf(scene, trade), 'matched', 'not before the chain was asked');
  assert.is(walletOf(scene), 9_000);
  await goOn(scene);
  assert.is(stateOf(scene, trade), 'settled');
  assert.is(walletOf(scene), 6_000);
  await scene.look();
  const seen = scene.hub.books.wallets.of(corner)?.seen;
  assert.equal([seen?.balanceWh, seen?.allowanceWh, seen?.delegate], [0, 1_000, 'hub']);
  assert.equal(await scene.differences(), []);
});

const stops: Readonly<Record<string, [string, (scene: OwnScene) => Promise<void>]>> = {
  exhausted: ['allows only 1999 Wh', (scene) => scene.approve(1_999)],
  revoked: [
    'does not allow the hub',
    async (scene) => {
      await scene.approve(9_000);
      await scene.act(createRevokeInstruction(scene.account, scene.owner.publicKey));
    },
  ],
  replaced: [
    'allows somebody else',
    async (scene) => {
      await scene.approve(9_000);
      await scene.approve(9_000, Keypair.generate().publicKey);
    },
  ],
  'never given': ['does not allow the hub', async () => {}],
};
for (const [word, [why, spoil]] of Object.entries(stops)) {
  own(
    `acceptance 10: allowance ${word}: the trade stops before the wallet is debited and before any phone rings`,
    async () => {
      for (const cents of [9_000, 100]) {
        using scene = await aHouseWithItsOwnKey({ [kiosk]: cents });
        await spoil(scene);
        const trade = aTrade(scene.hub);
        payTrades(scene.hub, kiosk);
        await goOn(scene);
        assert.is(stateOf(scene, trade), 'expired');
        assert.match(reasons(scene).join(), why);
        assert.is(walletOf(scene), cents);
        assert.equal(heard(scene.hub, 'topup.requested'), []);
        assert.is(scene.hub.books.energy.balanceOf(corner).energyWh, 9_000, 'energy is free again');
        assert.equal(scene.hub.books.trades.inStates(unpaidStates), []);
      }
    },
  );
}

own('revoked after the phone rang: the money stays in the wallet, no token moves', async () => {
  using scene = await aHouseWithItsOwnKey({ [kiosk]: 100 });
  const { hub } = scene;
  await scene.approve(3_000);
  const trade = aTrade(hub);
  payTrades(hub, kiosk);
  await goOn(scene);
  assert.is(heard(hub, 'topup.requested').length, 1);
  await scene.act(createRevokeInstruction(scene.account, scene.owner.publicKey));
  hub.clock.advance(60_000);
  const ringing = hub.books.topups.openOn(phoneOf(kiosk));
  assert.ok(ringing);
  hub.books.topups.abandon(ringing, 'the money came by hand');
  fillWallet(hub.books, kiosk, 2_900);
  hub.tell({ name: 'funds.checked', buyer: kiosk });
  await goOn(scene);
  assert.is(stateOf(scene, trade), 'expired');
  assert.is(walletOf(scene), 3_000);
});

own('revoked after the payment: the transfer is impossible, and the money comes back', async () => {
  using scene = await aHouseWithItsOwnKey();
  const { hub } = scene;
  await scene.approve(3_000);
  const trade = aTrade(hub);
  await scene.look();
  payTrades(hub, kiosk);
  assert.is(stateOf(scene, trade), 'paid');
  await scene.act(createRevokeInstruction(scene.account, scene.owner.publicKey));
  await goOn(scene);
  assert.is(stateOf(scene, trade), 'undone');
  assert.is(walletOf(scene), 9_000);
  assert.is(hub.books.energy.balanceOf(corner).energyWh, 9_000);
  assert.equal(await scene.differences(), []);
});

own('offers no more than it allows, and an order by hand hears why', async () => {
  using scene = await aHouseWithItsOwnKey();
  const { hub } = scene;
  await scene.approve(1_000);
  await scene.look();
  const slot = aRound(hub, { [corner]: 5_000 });
  hub.books.rounds.saveProposal({
    ...{ id: 'p' as never, slot, household: corner, energyWh: wattHours(5_000) },
    ...{ passedWh: wattHours(5_000), state: 'passed' as const },
  });
  matchBuyers(hub, { name: 'round.ready', slot });
  const [cleared] = hub.books.views.rounds(1);
  assert.is(cleared?.offeredLots, 1);
  const find = (id: HouseholdId) => hub.books.households.find(id) as never;
  const ordered = orderTrade(hub, {
    ...{ seller: find(corner), buyer: find(kiosk), energyWh: wattHours(2_000) },
    ...{ rate: 1_500 as never, idempotencyKey: undefined },
  });
  assert.equal(ordered, {
    ok: false,
    error: { kind: 'wallet-barred', why: 'the wallet allows only 1000 Wh more' },
  });
});

own(
  'two trades over one allowance: the older goes on, the younger ends with the reason',
  async () => {
    using scene = await aHouseWithItsOwnKey();
    await scene.approve(3_000);
    const [older, younger] = [aTrade(scene.hub), aTrade(scene.hub)];
    payTrades(scene.hub, kiosk);
    await goOn(scene);
    await goOn(scene);
    assert.is(stateOf(scene, older), 'settled');
    assert.is(stateOf(scene, younger), 'expired');
    assert.is(walletOf(scene), 6_000);
  },
);

own('tokens that the owner moves off are found, posted to left, and cover nothing', async () => {
  using scene = await aHouseWithItsOwnKey();
  const { hub } = scene;
  await scene.approve(9_000);
  await aGift(scene);
  await moveOff(scene, 1_500);
  for (const look of ['first', 'second']) {
    await scene.look();
    assert.is(hub.books.views.accountBalance(`left:${corner}`), 1_500, look);
  }
  assert.is(hub.books.energy.balanceOf(corner).boughtWh, 500);
  assert.is(hub.books.energy.onChainWh(corner), 500);
  assert.equal([hub.books.audit.trialBalance('Wh'), hub.books.audit.imbalances()], [0, []]);
  assert.equal(await scene.differences(), [], 'what left is known, and is where it went');
});

own('tokens of energy that was used already are made up for by other energy', async () => {
  using scene = await aHouseWithItsOwnKey();
  const { hub } = scene;
  await scene.approve(9_000);
  await aGift(scene);
  closeWith(hub, [wh('used', `bought:${corner}`, `used:${corner}`, 2_000)], []);
  await moveOff(scene, 1_500);
  await scene.look();
  assert.is(hub.books.views.accountBalance(`left:${corner}`), 1_500);
  assert.is(hub.books.energy.balanceOf(corner).energyWh, 7_500);
});

own('the night burns it alone, within its allowance, and nothing that it may not', async () => {
  using scene = await aHouseWithItsOwnKey();
  const { hub } = scene;
  await scene.approve(500);
  await aGift(scene);
  closeWith(
    hub,
    [
      wh('used', `bought:${corner}`, `used:${corner}`, 800),
      wh('own', `energy:${corner}`, `used:${corner}`, 9_000),
    ],
    [],
  );
  await scene.look();
  burnTonight(hub);
  await goOn(scene);
  assert.is(hub.books.energy.onChainWh(corner), 1_500, '500 of 800 are allowed');
  assert.equal(await scene.differences(), []);
});

own('an address that is taken, or a wallet with tokens, is refused', async () => {
  using scene = await aHouseWithItsOwnKey();
  const { wallets } = scene.hub.books;
  const address = scene.owner.publicKey.toBase58();
  assert.equal(wallets.bring(kiosk, address, nine), { ok: false, error: 'address-taken' });
  assert.equal(wallets.bring('nobody' as HouseholdId, 'x', nine), {
    ok: false,
    error: 'no-household',
  });
  await scene.approve(3_000);
  aTrade(scene.hub);
  payTrades(scene.hub, kiosk);
  await goOn(scene);
  const other = Keypair.generate().publicKey.toBase58();
  assert.equal(wallets.bring(kiosk, other, nine), { ok: false, error: 'tokens-there' });
  assert.equal(wallets.bring(corner, other, nine), { ok: true, value: undefined });
  assert.is(wallets.of(corner)?.seen, undefined, 'a new address was never looked at');
});

own('proposes nothing while it allows nothing, and says why', async () => {
  using scene = await aHouseWithItsOwnKey();
  const { hub } = scene;
  await scene.look();
  const slot = aRound(hub, { [corner]: 5_000 });
  makeProposal(hub, {
    ...{ name: 'advice.given', slot, household: corner, advice: 'a' as never },
    sellWh: wattHours(5_000),
  });
  const [proposal] = hub.books.rounds.proposalsOf(slot);
  assert.equal([proposal?.state, proposal?.energyWh], ['none', 0]);
  const wallet = hub.books.wallets.of(corner);
  assert.match((wallet && obstacleOf(wallet)) ?? '', 'does not allow the hub');
});

own.run();
