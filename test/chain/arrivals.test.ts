/** Tokens that others send in: found in the night, booked as bought, and never more than once left. */
import { Keypair } from '@solana/web3.js';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openTokenChain } from '../../gateway/adapters/solana/token-chain.ts';
import type { TokenIntentId } from '../../gateway/core/ids.ts';
import { dayMs, hourMs, slotAt, startOfDay } from '../../gateway/core/slot.ts';
import { epochMs, slotNumber, wattHours } from '../../gateway/core/units.ts';
import { lookAtWallet, rememberWallets } from '../../gateway/steps/look-at-wallet.ts';
import { aLocalChain, aMove, settle, valueIn } from '../adapters/solana/neighbours.ts';
import { corner, kiosk, nine, school, tailor } from '../support/neighbourhood.ts';
import {
  aGift,
  aHouseWithItsOwnKey,
  burnTonight,
  closeWith,
  goOn,
  moveOff,
  type OwnScene,
  sendIn,
  wh,
} from './an-own-wallet.ts';

const addressOf = ({ hub }: OwnScene, who = kiosk) => hub.chain.addressOf(who);
const balanceOf = ({ hub }: OwnScene, who = kiosk) => hub.books.energy.balanceOf(who);
const isBalanced = ({ hub }: OwnScene) =>
  assert.equal([hub.books.audit.trialBalance('Wh'), hub.books.audit.imbalances()], [0, []]);

/** Everybody's wallet is looked at, as it is every night. */
async function theNight(scene: OwnScene): Promise<void> {
  const four = slotNumber(slotAt(epochMs(startOfDay(nine) + dayMs + 4 * hourMs)) - 1);
  rememberWallets(scene.hub, { name: 'slot.closed', inTime: true, slot: four });
  await goOn(scene);
}

/** The corner house's owner has 2 kWh of tokens and moves 1.5 of them off. */
async function tokensOutside(): Promise<OwnScene> {
  const scene = await aHouseWithItsOwnKey();
  await scene.approve(9_000);
  await aGift(scene);
  await moveOff(scene, 1_500);
  await scene.look();
  return scene;
}

const arriving = suite('tokens that come in from outside');

arriving(
  'are named by verify, found in the night, bought by the household, and burned',
  async () => {
    using scene = await tokensOutside();
    const { hub } = scene;
    await sendIn(scene, addressOf(scene), 1_000);
    assert.equal(await scene.differences(), [
      { what: `held by ${kiosk}`, expectedWh: 0, foundWh: 1_000 },
      { what: 'in wallets of others than our households', expectedWh: 1_500, foundWh: 500 },
    ]);
    for (const night of ['first', 'second']) {
      await theNight(scene);
      assert.is(balanceOf(scene).boughtWh, 1_000, night);
      assert.is(hub.books.energy.onChainWh(kiosk), 1_000);
      assert.equal(await scene.differences(), [], night);
    }
    isBalanced(scene);
    closeWith(hub, [wh('used', `bought:${kiosk}`, `used:${kiosk}`, 400)], []);
    burnTonight(hub);
    await goOn(scene);
    assert.is(hub.books.energy.onChainWh(kiosk), 600);
    assert.equal(await scene.differences(), []);
  },
);

arriving('are found where nobody had a token before, too', async () => {
  using scene = await tokensOutside();
  await sendIn(scene, addressOf(scene, school), 300);
  await theNight(scene);
  assert.equal([balanceOf(scene, school).boughtWh, await scene.differences()], [300, []]);
});

arriving('come home: what the owner moved off and brings back is bought again', async () => {
  using scene = await tokensOutside();
  for (const round of [1, 2, 3]) {
    await sendIn(scene, scene.owner.publicKey.toBase58(), 1_500);
    await scene.look();
    assert.equal([balanceOf(scene, corner).boughtWh, await scene.differences()], [2_000, []]);
    await moveOff(scene, 1_500);
    await scene.look();
    assert.equal([balanceOf(scene, corner).boughtWh, await scene.differences()], [500, []]);
    assert.is(scene.hub.books.views.accountBalance(`left:${corner}`), 1_500 * (round + 1));
  }
  isBalanced(scene);
});

arriving(
  'pay a debt first: used energy whose tokens left and came back costs nothing',
  async () => {
    using scene = await aHouseWithItsOwnKey();
    const { hub } = scene;
    await scene.approve(9_000);
    await aGift(scene);
    closeWith(
      hub,
      [
        wh('used', `bought:${corner}`, `used:${corner}`, 2_000),
        wh('own', `energy:${corner}`, `used:${corner}`, 9_000),
      ],
      [],
    );
    await moveOff(scene, 1_500);
    await scene.look();
    assert.is(hub.books.wallets.leftOwedWh(corner), 1_500);
    await sendIn(scene, scene.owner.publicKey.toBase58(), 1_500);
    await scene.look();
    assert.is(hub.books.wallets.leftOwedWh(corner), 0);
    assert.equal(balanceOf(scene, corner), { energyWh: 0, boughtWh: 0, needWh: 0 });
    assert.is(hub.books.energy.onChainWh(corner), 2_000, 'to be burned, as before');
    assert.equal(await scene.differences(), []);
    isBalanced(scene);
  },
);

arriving('beyond what ever left are not booked: nobody has metered them', async () => {
  using scene = await aHouseWithItsOwnKey();
  const { hub } = scene;
  await settle(
    hub.chain,
    aMove(1, { mintWh: 70, energyWh: 70, from: 'thief' as typeof kiosk, to: kiosk }),
  );
  scene.pass(3);
  await theNight(scene);
  assert.is(balanceOf(scene).boughtWh, 0);
  assert.equal(await scene.differences(), [
    { what: `held by ${kiosk}`, expectedWh: 0, foundWh: 70 },
  ]);
});

arriving(
  'what is missing in a wallet that the hub keeps is named, and nobody pays for it',
  async () => {
    using scene = await aHouseWithItsOwnKey();
    const { hub } = scene;
    const lost = wh('lost', `energy:${corner}`, `bought:${kiosk}`, 500);
    const id = hub.ids.fresh() as TokenIntentId;
    closeWith(
      hub,
      [lost],
      [
        {
          ...{ id, kind: 'transfer', trade: undefined, reference: 'lost', from: tailor, to: kiosk },
          ...{ energyWh: wattHours(500), mintWh: wattHours(500), memo: id, state: 'open' },
          signature: undefined,
        },
      ],
    );
    const intent = hub.books.tokens.find(id);
    assert.ok(intent);
    hub.books.tokens.finish(intent, '1'.repeat(64));
    await theNight(scene);
    assert.equal([balanceOf(scene).boughtWh, hub.books.energy.onChainWh(kiosk)], [500, 500]);
    assert.ok((await scene.differences()).length > 0);
  },
);

arriving('straight from one household to another wait until they are missed there', async () => {
  using scene = await aHouseWithItsOwnKey();
  await scene.approve(9_000);
  await aGift(scene);
  const kioskKey = Keypair.fromSeed(Buffer.alloc(32, 9)).publicKey;
  valueIn(scene.hub.books.wallets.bring(kiosk, kioskKey.toBase58(), nine));
  await moveOff(scene, 800, kioskKey);
  await lookAtWallet(scene.hub, kiosk);
  assert.is(balanceOf(scene).boughtWh, 0);
  await scene.look();
  await lookAtWallet(scene.hub, kiosk);
  assert.equal([balanceOf(scene).boughtWh, balanceOf(scene, corner).boughtWh], [800, 1_200]);
  assert.equal(await scene.differences(), []);
  isBalanced(scene);
});

arriving('are not seen while a move of ours is under way', async () => {
  using scene = await tokensOutside();
  const { hub } = scene;
  const id = hub.ids.fresh() as TokenIntentId;
  hub.books.tokens.intend(
    {
      ...{ id, kind: 'transfer', trade: undefined, reference: 'on its way', from: corner },
      ...{ to: kiosk, energyWh: wattHours(100), mintWh: wattHours(0), memo: id },
      ...{ state: 'open', signature: undefined },
    },
    nine,
  );
  await sendIn(scene, addressOf(scene), 1_000);
  await lookAtWallet(hub, kiosk);
  assert.is(balanceOf(scene).boughtWh, 0);
});

arriving('and what left is believed only when all nodes say the same', async () => {
  using local = await aLocalChain();
  await settle(local.chain, aMove(1, { mintWh: 100 }));
  local.clock.passSlots(3);
  const held: Response[] = [];
  let second: 'honest' | 'behind' | 'silent' = 'honest';
  const lines: typeof fetch = async (url, init) => {
    const body = String(init?.body);
    if (String(url).includes('two') && body.includes('getMultipleAccounts')) {
      if (second === 'silent') throw new TypeError('fetch failed');
      if (second === 'behind') return (held[0] as Response).clone();
      held[0] = (await local.fetch(url, init)).clone();
      return held[0].clone();
    }
    return local.fetch(url, init);
  };
  const urls = ['http://one.invalid', 'http://two.invalid'];
  const keyDir = `${local.folder}/keys`;
  const chain = await openTokenChain({ cluster: 'embedded', urls, keyDir, fetch: lines });
  valueIn(await chain.prepare());
  const look = async () => valueIn(await chain.lookAtWallet(kiosk));
  assert.is((await look()).disputed, undefined);
  await settle(local.chain, aMove(2, { mintWh: 50, energyWh: 50 }));
  second = 'behind';
  assert.is((await look()).disputed, true);
  second = 'silent';
  assert.equal([(await look()).disputed, (await look()).balanceWh], [true, 150]);
  second = 'honest';
  assert.equal([(await look()).disputed, (await look()).balanceWh], [undefined, 150]);
});

arriving.run();
