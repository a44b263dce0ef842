import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ComputeBudgetProgram, Transaction } from '@solana/web3.js';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openTokenChain } from '../../../gateway/adapters/solana/token-chain.ts';
import { aLocalChain, aMove, heldBy, kiosk, type LocalChain, valueIn } from './neighbours.ts';

const sending = suite('several nodes, none of which is trusted alone');

type Way = 'open' | 'closed' | 'deaf' | 'behind';

type Rpc = { readonly method: string; readonly params: readonly unknown[] };

/** What a node says instead of the truth; undefined where it says the truth. */
const lies: Readonly<Record<Way, (call: Rpc) => unknown>> = {
  open: () => undefined,
  closed: () => {
    throw new TypeError('fetch failed');
  },
  deaf: ({ method, params }) => {
    if (method === 'sendTransaction') return 'yes, and no leader ever sees it';
    if (method === 'getSignaturesForAddress') return [];
    if (method !== 'getSignatureStatuses') return undefined;
    return { context: { slot: 1 }, value: (params[0] as string[]).map(() => null) };
  },
  behind: ({ method }) => (method === 'getBlockHeight' ? 1 : undefined),
};

/** The ledger through two nodes: closed ones do not answer, deaf ones know of no transaction, others are behind. */
async function twoNodes(local: LocalChain, ways: Record<'first' | 'second', Way>) {
  const fetch: typeof globalThis.fetch = async (url, init) => {
    const way = ways[String(url).includes('first') ? 'first' : 'second'];
    const call = JSON.parse(String(init?.body)) as Rpc & { id: unknown };
    const result = lies[way](call);
    if (result === undefined) return local.fetch(url, init);
    return new Response(JSON.stringify({ jsonrpc: '2.0', id: call.id, result }));
  };
  const urls = ['http://first.invalid', 'http://second.invalid'];
  const keyDir = join(local.folder, 'keys');
  const price = { priceMicroLamports: 10_000 };
  const chain = await openTokenChain({ cluster: 'embedded', urls, keyDir, fetch, ...price });
  valueIn(await chain.prepare());
  return chain;
}

sending('sends to every node, and one that hears is enough', async () => {
  using local = await aLocalChain();
  const chain = await twoNodes(local, { first: 'deaf', second: 'open' });
  const move = aMove(1, { mintWh: 100 });
  const signed = valueIn(await chain.sign(move));
  await chain.send(signed);
  assert.is(await heldBy(local.chain, kiosk), 100);
  assert.is(
    valueIn(await chain.statusOf(move, signed)).kind,
    'seen',
    'the second node was asked, too',
  );
  assert.is(valueIn(await chain.winnerOf(move, signed))?.signature, signed.signature);
});

sending('calls nothing expired while one node is silent, behind, or remembers', async () => {
  using local = await aLocalChain();
  const ways: Record<'first' | 'second', Way> = { first: 'open', second: 'open' };
  const chain = await twoNodes(local, ways);
  const move = aMove(1, { mintWh: 100 });
  const signed = valueIn(await chain.sign(move));
  const unclear = { ok: false, error: 'unreachable' };
  assert.equal(await chain.winnerOf(move, signed), unclear, 'it may still land');
  local.clock.passSlots(400);
  for (const way of ['closed', 'behind'] as const) {
    ways.second = way;
    assert.equal(await chain.winnerOf(move, signed), unclear, way);
  }
  ways.second = 'open';
  assert.equal(await chain.winnerOf(move, signed), { ok: true, value: undefined });
  assert.ok(valueIn(await chain.finalizedHeight()) > signed.lastValidHeight + 150);
});

sending('asks the lowest of all nodes how far the chain is', async () => {
  using local = await aLocalChain();
  const ways: Record<'first' | 'second', Way> = { first: 'open', second: 'behind' };
  const chain = await twoNodes(local, ways);
  local.clock.passSlots(10);
  assert.is(valueIn(await chain.finalizedHeight()), 1);
  ways.second = 'closed';
  assert.ok(valueIn(await chain.finalizedHeight()) > 1);
});

sending(
  'pays twice as much for haste with each attempt, up to the cap, and limits its compute',
  async () => {
    using local = await aLocalChain();
    const chain = await twoNodes(local, { first: 'open', second: 'open' });
    const budgetOf = async (earlier: number) => {
      const { raw } = valueIn(await chain.sign(aMove(1, { mintWh: 100 }), earlier));
      const found = Transaction.from(raw).instructions.filter(({ programId }) =>
        programId.equals(ComputeBudgetProgram.programId),
      );
      const price = found.find(({ data }) => data[0] === 3)?.data.readBigUInt64LE(1);
      return [Number(price), found.some(({ data }) => data[0] === 2)];
    };
    assert.equal(await budgetOf(0), [10_000, true]);
    assert.equal(await budgetOf(1), [20_000, true]);
    assert.equal(await budgetOf(7), [50_000, true]);
  },
);

sending('never opens a websocket and never lets the library send or wait by itself', () => {
  const forbidden =
    /confirmTransaction|sendAndConfirm|onSignature|onAccountChange|onSlotChange|\.sendTransaction\(|new WebSocket/;
  const files = globSync('gateway/adapters/solana/*.ts');
  assert.ok(files.length > 10);
  for (const file of files) assert.not.match(readFileSync(file, 'utf8'), forbidden, file);
});

sending.run();
