/** The page's check, run as the browser runs it; the browser itself adds only boxes and buttons. */
import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { receiptFileOf } from '../../gateway/commands/receipt-form.ts';
import { valueIn } from '../adapters/solana/neighbours.ts';
import { openedWeb } from '../adapters/web/fake-desk.ts';
import { aHubWithReceipts, aTradeOnTheChain, closeTheDay, note } from './a-receipt.ts';

const page = suite('checking a receipt in the browser');
const check = await import(join(import.meta.dirname, '../../gateway/pages/receipt-check.js'));

page('its own SHA-256 is SHA-256, for every length around the edges of a block', () => {
  for (let length = 0; length < 200; length++) {
    const bytes = new Uint8Array(randomBytes(length));
    const expected = createHash('sha256').update(bytes).digest('hex');
    assert.is(Buffer.from(check.ownSha256(bytes)).toString('hex'), expected, String(length));
  }
});

/** Without it a browser on plain http has no SHA-256 of its own. */
async function withoutSubtle<T>(act: () => Promise<T>): Promise<T> {
  const known = Object.getOwnPropertyDescriptor(globalThis, 'crypto') ?? {};
  Object.defineProperty(globalThis, 'crypto', { value: {}, configurable: true });
  try {
    return await act();
  } finally {
    Object.defineProperty(globalThis, 'crypto', known);
  }
}

async function withFetch<T>(fetch: typeof globalThis.fetch, act: () => Promise<T>): Promise<T> {
  const known = globalThis.fetch;
  globalThis.fetch = fetch;
  try {
    return await act();
  } finally {
    globalThis.fetch = known;
  }
}

page(
  'says good, wrong and not checked as the command does, with and without Web Crypto',
  async () => {
    using scene = await aHubWithReceipts();
    const trades = [await aTradeOnTheChain(scene), await aTradeOnTheChain(scene)];
    await aTradeOnTheChain(scene);
    const day = closeTheDay(scene) ?? '';
    const early = valueIn(receiptFileOf(scene.hub.books, trades[1] ?? ''));
    assert.is(await check.checkChain(early, 'http://x.invalid'), 'not-yet');
    await note(scene, day);
    const text = JSON.stringify(valueIn(receiptFileOf(scene.hub.books, trades[1] ?? '')), null, 2);
    const file = check.readReceipt(text);
    assert.ok(await check.checkTree(file));
    assert.ok(await withoutSubtle(() => check.checkTree(file)));
    const spoilt = [
      { ...file, receipt: { ...file.receipt, amountCents: 1 } },
      { ...file, receipt: { ...file.receipt, note: 'more' } },
      { ...file, tree: { ...file.tree, index: 0 } },
      { ...file, tree: { ...file.tree, size: 2 } },
      { ...file, tree: { ...file.tree, day: '2026-06-16' } },
      { ...file, tree: { ...file.tree, path: file.tree.path.slice(1) } },
      { ...file, chain: { ...file.chain, memo: `${file.chain.memo}0` } },
    ];
    for (const one of spoilt) assert.not(await check.checkTree(one), JSON.stringify(one));
    for (const other of ['', '{}', '[]', text.replace('jirani-receipt', 'jirani'), 'null'])
      assert.is(check.readReceipt(other), undefined);

    await withFetch(scene.local.fetch, async () => {
      const ask = (chain: object) =>
        check.checkChain({ ...file, chain: { ...file.chain, ...chain } }, 'http://x.invalid');
      assert.is(await ask({}), 'good');
      assert.is(await ask({ hub: file.receipt.seller }), 'wrong');
      assert.is(await ask({ memo: 'another' }), 'wrong');
      assert.is(await ask({ memoSignature: file.receipt.signature }), 'wrong');
      assert.is(await ask({ genesisHash: file.receipt.seller }), 'other-chain');
    });
    const away = () => Promise.reject(new TypeError('fetch failed'));
    assert.is(await withFetch(away, () => check.checkChain(file, 'http://x.invalid')), 'away');
  },
);

page(
  'is served at /receipt and may ask a node of the reader’s choice, other pages may not',
  async () => {
    await using hub = await openedWeb();
    const policyOf = async (path: string) =>
      (await fetch(`${hub.web.url}${path}`)).headers.get('content-security-policy') ?? '';
    assert.match(await policyOf('/receipt'), 'connect-src *');
    assert.match(await policyOf('/receipt'), "script-src 'self'");
    assert.match(await policyOf('/'), "connect-src 'self'");
  },
);

page.run();
