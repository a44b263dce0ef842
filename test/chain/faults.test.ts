/** One fault at a time, each with its exact balance and its number of signatures. */
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { markerFor } from '../../gateway/adapters/solana/instructions.ts';
import { openKeyring } from '../../gateway/adapters/solana/keys.ts';
import { openTokenChain } from '../../gateway/adapters/solana/token-chain.ts';
import type { TokenIntentId } from '../../gateway/core/ids.ts';
import type { TokenIntent } from '../../gateway/core/token.ts';
import { wattHours } from '../../gateway/core/units.ts';
import { settleTokens } from '../../gateway/steps/settle-tokens.ts';
import { aLocalChain, heldBy, type LocalChain, valueIn } from '../adapters/solana/neighbours.ts';
import { type GivenHub, given } from '../support/given.ts';
import { corner, kiosk, nine } from '../support/neighbourhood.ts';
import { type Faults, type FaultyNode, faultyNode } from './faulty-node.ts';

type Scene = Disposable & {
  readonly local: LocalChain;
  readonly hub: GivenHub;
  readonly node: FaultyNode;
  readonly intent: TokenIntent;
};

/** The corner house owes the kiosk 10 Wh, over one node that does what `faults` say. */
async function owed(faults: Faults, differs: Partial<TokenIntent> = {}): Promise<Scene> {
  const local = await aLocalChain();
  const slotNow = async () => Number((await local.call('getSlot')).result);
  const node = faultyNode('one fault', {}, local.fetch, slotNow);
  const keyDir = join(local.folder, 'keys');
  const urls = ['http://only.invalid'];
  const chain = await openTokenChain({ cluster: 'embedded', urls, keyDir, fetch: node.fetch });
  valueIn(await chain.prepare());
  node.faults = faults;
  const hub = Object.assign(given(), { chain }) as unknown as GivenHub;
  const id = hub.ids.fresh() as TokenIntentId;
  const intent: TokenIntent = {
    ...{ id, kind: 'transfer', trade: undefined, reference: `gift:${id}`, from: corner, to: kiosk },
    ...{ energyWh: wattHours(10), mintWh: wattHours(10), memo: id, state: 'open' },
    ...{ signature: undefined, ...differs },
  };
  hub.books.tokens.intend(intent, nine);
  return {
    ...{ local, hub, node, intent },
    [Symbol.dispose]: () => {
      hub[Symbol.dispose]();
      local[Symbol.dispose]();
    },
  };
}

/** Turns of the outbox, `slots` apart; ends early when the intent has ended. */
async function turns({ hub, local, intent }: Scene, count: number, slots = 5): Promise<void> {
  for (let turn = 0; turn < count; turn++) {
    await settleTokens(hub, intent.id);
    local.clock.passSlots(slots);
    if (hub.books.tokens.find(intent.id)?.state === 'done') return;
  }
}

async function outcome({ hub, local, intent }: Scene) {
  return {
    state: hub.books.tokens.find(intent.id)?.state,
    movedWh: await heldBy(local.chain, kiosk),
    signatures: hub.books.tokens.attempts(intent.id),
  };
}

const bearing = suite('2: one fault of the chain at a time');

bearing('response lost: it landed, and is found by its signature', async () => {
  using scene = await owed({});
  const { send } = scene.hub.chain;
  const lossy = async (signed: Parameters<typeof send>[0]) => {
    scene.node.faults = { answerLost: 1 };
    await send(signed);
  };
  const once = { ...scene.hub, chain: { ...scene.hub.chain, send: lossy } };
  await settleTokens(once, scene.intent.id);
  assert.equal(await outcome(scene), { state: 'open', movedWh: 10, signatures: 1 });
  scene.node.faults = {};
  await turns(scene, 3);
  assert.equal(await outcome(scene), { state: 'done', movedWh: 10, signatures: 1 });
});

bearing('every answer lost for a while: the same bytes again', async () => {
  using scene = await owed({ answerLost: 0.5 });
  await turns(scene, 60, 1);
  assert.equal(await outcome(scene), { state: 'done', movedWh: 10, signatures: 1 });
});

bearing('sends dropped: the same bytes again', async () => {
  using scene = await owed({ dropped: 1 });
  await turns(scene, 3);
  scene.node.faults = {};
  await turns(scene, 3);
  assert.equal(await outcome(scene), { state: 'done', movedWh: 10, signatures: 1 });
});

bearing('dropped until expiry: signed again, once', async () => {
  using scene = await owed({ dropped: 1 });
  await turns(scene, 65);
  scene.node.faults = {};
  await turns(scene, 5);
  assert.equal(await outcome(scene), { state: 'done', movedWh: 10, signatures: 2 });
});

bearing('late landing: the first one counts', async () => {
  using scene = await owed({ late: 1 });
  await turns(scene, 60);
  assert.equal(await outcome(scene), { state: 'done', movedWh: 10, signatures: 1 });
});

bearing('429 means unknown, never failed', async () => {
  using scene = await owed({ limited: 1 });
  await turns(scene, 5);
  assert.equal(await outcome(scene), { state: 'open', movedWh: 0, signatures: 0 });
  scene.node.faults = { limited: 0.5 };
  await turns(scene, 60, 1);
  assert.equal(await outcome(scene), { state: 'done', movedWh: 10, signatures: 1 });
});

bearing(
  'insufficient funds: failed on the chain, a person looks, nothing is signed again',
  async () => {
    using scene = await owed({}, { mintWh: wattHours(0) });
    await turns(scene, 6);
    assert.equal(await outcome(scene), { state: 'review', movedWh: 0, signatures: 1 });
  },
);

bearing('owed twice: moved once', async () => {
  using scene = await owed({});
  const { hub, intent } = scene;
  hub.books.tokens.intend({ ...intent, id: 'another' as TokenIntentId }, nine);
  assert.is(hub.books.tokens.find('another' as TokenIntentId), undefined);
  await turns(scene, 3);
  await turns(scene, 3);
  assert.equal(await outcome(scene), { state: 'done', movedWh: 10, signatures: 1 });
});

bearing(
  'crash after the bytes were kept, and after they were sent; the ledger starts again',
  async () => {
    for (const lost of ['before the send', 'after the send']) {
      using scene = await owed({});
      const { hub, local, intent } = scene;
      const { send } = hub.chain;
      const dying = async (signed: Parameters<typeof send>[0]) => {
        if (lost === 'after the send') await send(signed);
        throw new Error('the lights go out');
      };
      let died = '';
      const last = { ...hub, chain: { ...hub.chain, send: dying } };
      await settleTokens(last, intent.id).catch((error: Error) => {
        died = error.message;
      });
      assert.is(died, 'the lights go out', 'else this test proves nothing');
      local.restart();
      await turns(scene, 5);
      assert.equal(await outcome(scene), { state: 'done', movedWh: 10, signatures: 1 }, lost);
    }
  },
);

bearing(
  '7: a node that denies what landed: signed several times, moved once, the winner is named',
  async () => {
    using scene = await owed({ hidden: 1, hiddenSlots: 1_300 });
    await turns(scene, 70, 20);
    const { state, movedWh, signatures } = await outcome(scene);
    assert.equal([state, movedWh], ['done', 10]);
    assert.ok(signatures > 2, `${signatures} signatures: the lie was too short to prove anything`);
    const winner = scene.hub.books.tokens.find(scene.intent.id)?.signature ?? '';
    const { result } = await scene.local.call('getTransaction', winner);
    assert.is(result.meta.err, null);
  },
);

bearing(
  'a stranger who filled the marker’s address stops the move, and a person hears of it',
  async () => {
    using scene = await owed({ dropped: 1 });
    const { hub, local, intent, node } = scene;
    // Only who has seen the first bytes can know the address.
    await turns(scene, 1);
    const { hub: feePayer, markerSecret } = openKeyring(join(local.folder, 'keys'));
    const marker = await markerFor(feePayer.publicKey, markerSecret, intent.id);
    await local.call('requestAirdrop', marker.address.toBase58(), 1_000_000_000);
    node.faults = {};
    await turns(scene, 5);
    assert.equal(
      await outcome(scene),
      { state: 'open', movedWh: 0, signatures: 1 },
      'not yet sure',
    );
    await turns(scene, 70);
    assert.equal(await outcome(scene), { state: 'review', movedWh: 0, signatures: 1 });
    assert.ok(hub.books.deeds.due(Number.MAX_SAFE_INTEGER as never, 9).length > 0, 'still watched');
  },
);

bearing.run();
