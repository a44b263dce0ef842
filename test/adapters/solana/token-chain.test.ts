import { createServer } from 'node:net';
import { join } from 'node:path';
import { Connection } from '@solana/web3.js';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openLocalLedger, serveLedger } from '../../../gateway/adapters/solana/embedded/server.ts';
import { markerFor, referenceFor } from '../../../gateway/adapters/solana/instructions.ts';
import { openKeyring } from '../../../gateway/adapters/solana/keys.ts';
import { openTokenChain } from '../../../gateway/adapters/solana/token-chain.ts';
import {
  aFolder,
  aLocalChain,
  aMove,
  cornerHouse,
  heldBy,
  kiosk,
  named,
  settle,
  valueIn,
} from './neighbours.ts';

const moving = suite('moving tokens between neighbours');

moving('mints what the seller exported and moves what the buyer paid for, over HTTP', async () => {
  using folder = aFolder();
  await using server = await serveLedger({
    file: join(folder.path, 'ledger.db'),
    host: '127.0.0.1',
    port: 0,
  });
  const keyDir = join(folder.path, 'keys');
  const chain = await openTokenChain({ cluster: 'embedded', urls: [server.url], keyDir });
  assert.equal(chain.health().state, 'unknown');
  valueIn(await chain.prepare());
  const move = aMove(1, { mintWh: 2_500, energyWh: 1_000 });
  const signed = valueIn(await chain.sign(move));
  assert.equal(valueIn(await chain.statusOf(move, signed)), { kind: 'unseen' });
  assert.equal(valueIn(await chain.winnerOf(move)), undefined);
  await chain.send(signed);
  assert.is(valueIn(await chain.statusOf(move, signed)).kind, 'seen');
  assert.is(await heldBy(chain, cornerHouse), 1_500);
  assert.is(await heldBy(chain, kiosk), 1_000);
  const all = valueIn(await chain.supply([cornerHouse, kiosk]));
  assert.equal(all, { supplyWh: 2_500, heldWh: 2_500 });
  assert.is(chain.health().state, 'ok');

  const connection = new Connection(server.url, { commitment: 'confirmed', httpAgent: false });
  const [entry] = await connection.getSignaturesForAddress(referenceFor(move.memo));
  assert.is(entry?.signature, signed.signature);
  assert.is(entry?.memo, `[26] ${move.memo}`);
  const found = await connection.getTransaction(signed.signature, {
    maxSupportedTransactionVersion: 0,
  });
  assert.is(found?.meta?.err, null);
  assert.ok(found?.meta?.logMessages?.some((line) => line.includes('Memo')));
  const memos = found?.transaction.message.compiledInstructions.map(({ data }) =>
    Buffer.from(data).toString('utf8'),
  );
  assert.ok(memos?.includes(move.memo));
});

moving('is final one slot after the ledger wrote it down', async () => {
  using local = await aLocalChain();
  const move = aMove(1, { mintWh: 500 });
  const signature = await settle(local.chain, move);
  const seen = await local.chain.statusOf(move, named(signature));
  assert.equal(valueIn(seen), { kind: 'seen', final: false });
  const height = valueIn(await local.chain.finalizedHeight());
  local.clock.passSlots(1);
  const final = await local.chain.statusOf(move, named(signature));
  assert.equal(valueIn(final), { kind: 'seen', final: true });
  assert.is(valueIn(await local.chain.finalizedHeight()), height + 1);
});

moving('moves once, however often the same bytes are sent', async () => {
  using local = await aLocalChain();
  const signed = valueIn(await local.chain.sign(aMove(1, { mintWh: 500 })));
  for (let turn = 0; turn < 3; turn++) await local.chain.send(signed);
  assert.is(await heldBy(local.chain, kiosk), 100);
  assert.is(await heldBy(local.chain, cornerHouse), 400);
});

moving('moves once when an intent was signed twice, and the loser names the winner', async () => {
  using local = await aLocalChain();
  const { chain, clock } = local;
  await settle(chain, aMove(1, { mintWh: 500 }));
  const move = aMove(2);
  const first = valueIn(await chain.sign(move));
  clock.passSlots(3);
  const second = valueIn(await chain.sign(move));
  assert.is.not(first.signature, second.signature);
  await chain.send(first);
  await chain.send(second);
  clock.passSlots(1);
  assert.is(await heldBy(chain, kiosk), 200);
  const winner = { signature: first.signature, final: true };
  assert.equal(valueIn(await chain.winnerOf(move)), winner);
  const lost = valueIn(await chain.statusOf(move, second));
  assert.equal(lost, { kind: 'landed-otherwise', ...winner });
});

moving('gives a buyer who sells on, and a burn of what was used, their exact amounts', async () => {
  using local = await aLocalChain();
  await settle(local.chain, aMove(1, { mintWh: 3_000, energyWh: 2_000 }));
  await settle(local.chain, aMove(2, { from: kiosk, to: cornerHouse, energyWh: 500 }));
  await settle(local.chain, aMove(3, { from: kiosk, to: undefined, energyWh: 1_200 }));
  await settle(local.chain, aMove(4, { to: undefined, energyWh: 100, mintWh: 50 }));
  assert.is(await heldBy(local.chain, kiosk), 300);
  assert.is(await heldBy(local.chain, cornerHouse), 1_450);
  const all = valueIn(await local.chain.supply([cornerHouse, kiosk]));
  assert.equal(all, { supplyWh: 1_750, heldWh: 1_750 });
});

moving('fails plainly, and changes nothing, when the seller has too little', async () => {
  using local = await aLocalChain();
  const move = aMove(1, { mintWh: 10, energyWh: 11 });
  const signature = await settle(local.chain, move);
  const status = valueIn(await local.chain.statusOf(move, named(signature)));
  assert.is(status.kind, 'failed');
  assert.match(status.kind === 'failed' ? status.why : '', '"Custom":1');
  assert.equal(valueIn(await local.chain.supply([cornerHouse])), { supplyWh: 0, heldWh: 0 });
  assert.equal(valueIn(await local.chain.winnerOf(move)), undefined);
});

moving("does not take a stranger's gift to the marker for the move itself", async () => {
  using local = await aLocalChain();
  const { chain, clock } = local;
  const move = aMove(1, { mintWh: 500 });
  const keys = openKeyring(join(local.folder, 'keys'));
  const marker = await markerFor(keys.hub.publicKey, keys.markerSecret, move.intent);
  await local.call('requestAirdrop', marker.address.toBase58(), 1_000_000);
  const signature = await settle(chain, move);
  clock.passSlots(1);
  assert.equal(valueIn(await chain.winnerOf(move)), undefined);
  const status = valueIn(await chain.statusOf(move, named(signature)));
  assert.equal(status, { kind: 'landed-otherwise', signature: undefined, final: false });
  assert.is(await heldBy(chain, kiosk), 0);
});

moving('answers within its deadline when the node accepts calls and stays silent', async () => {
  using folder = aFolder();
  const silent = createServer((socket) => socket.resume()).listen(0, '127.0.0.1');
  await new Promise((resolve) => silent.once('listening', resolve));
  const address = silent.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const keyDir = join(folder.path, 'keys');
  const urls = [`http://127.0.0.1:${port}`];
  const chain = await openTokenChain({ cluster: 'embedded', urls, keyDir, callDeadlineMs: 200 });
  const start = performance.now();
  assert.equal(await chain.prepare(), { ok: false, error: 'unreachable' });
  assert.ok(performance.now() - start < 2_000);
  assert.is(chain.health().state, 'unreachable');
  await new Promise((resolve) => silent.close(resolve));
  assert.equal(await chain.prepare(), { ok: false, error: 'unreachable' });
  assert.equal(await chain.sign(aMove(1)), { ok: false, error: 'unreachable' });
});

moving(
  'goes on with the second node, but concludes nothing while the first is silent',
  async () => {
    using local = await aLocalChain();
    let firstIsSilent = false;
    const urls = ['http://first.invalid', 'http://second.invalid'];
    const fetch: typeof globalThis.fetch = (url, init) =>
      firstIsSilent && String(url).includes('first')
        ? Promise.reject(new TypeError('fetch failed'))
        : local.fetch(url, init);
    const keyDir = join(local.folder, 'keys');
    const chain = await openTokenChain({ cluster: 'embedded', urls, keyDir, fetch });
    valueIn(await chain.prepare());
    firstIsSilent = true;
    const move = aMove(1, { mintWh: 100 });
    const signed = valueIn(await chain.sign(move));
    assert.equal(await chain.winnerOf(move), { ok: false, error: 'unreachable' });
    await chain.send(signed);
    assert.is(valueIn(await chain.winnerOf(move))?.signature, signed.signature);
    assert.is(await heldBy(chain, kiosk), 100);
  },
);

moving(
  'keeps its mint at every start, and refuses another ledger under the same keys',
  async () => {
    using local = await aLocalChain();
    await settle(local.chain, aMove(1, { mintWh: 100 }));
    valueIn(await local.chain.prepare());
    local.restart();
    valueIn(await local.chain.prepare());
    assert.is(await heldBy(local.chain, kiosk), 100);

    using other = openLocalLedger({ file: join(local.folder, 'other.db') });
    const keyDir = join(local.folder, 'keys');
    const urls = ['http://embedded.invalid'];
    const stray = await openTokenChain({ cluster: 'embedded', urls, keyDir, fetch: other.fetch });
    assert.equal(await stray.prepare(), { ok: false, error: 'wrong-chain' });
    assert.is(stray.health().state, 'wrong-chain');
    assert.equal(await stray.sign(aMove(2)), { ok: false, error: 'unreachable' });
  },
);

moving('never takes a local ledger for a public cluster', async () => {
  using local = await aLocalChain();
  const { fetch } = local;
  const urls = ['http://embedded.invalid'];
  const keyDir = join(local.folder, 'public-keys');
  const chain = await openTokenChain({ cluster: 'devnet', urls, keyDir, fetch });
  assert.equal(await chain.prepare(), { ok: false, error: 'wrong-chain' });
});

moving.run();
