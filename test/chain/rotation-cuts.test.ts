// uncounted: it starts whole programs, again and again
// timeout: 600s
/** A rotation of keys whose power goes at any moment: one rotation, one transfer, the same books. */
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openKeyring } from '../../gateway/adapters/solana/keys.ts';
import { type RotatedKey, rotateKey } from '../../gateway/commands/rotate-keys.ts';
import { noteChain } from '../../gateway/open-chain.ts';
import { aFolder, valueIn } from '../adapters/solana/neighbours.ts';
import {
  aFolderWithASale,
  aSale,
  aSignedTrade,
  differences,
  finish,
  keysOf,
  type Lying,
  lyingIn,
} from './a-rotating-hub.ts';

const cutting = suite('the power goes while keys are rotated');

function aCopy(of: string): ReturnType<typeof aFolder> {
  const folder = aFolder();
  cpSync(of, folder.path, { recursive: true });
  chmodSync(`${folder.path}/keys`, 0o700);
  return folder;
}

/** A wait that never ends: whoever asks is as good as dead. */
const never = new Promise<void>(() => {});

/**
 * The power goes at the n-th moment of a rotation. Answers whether it came so far. Everything that a rotation writes is
 * written at once, between two calls to the chain, so these are all moments that differ.
 */
async function cutAt(path: string, which: 'fee-payer' | 'mint-authority', n: number) {
  let moments = 0;
  const cut = Promise.withResolvers<'cut'>();
  using lying = lyingIn(path, async () => {
    if (++moments < n) return;
    cut.resolve('cut');
    await never;
  });
  const done = rotateKey(lying.rotating, which).then(() => 'done' as const);
  done.catch(() => {});
  // The folder is closed only when one of them has come.
  return await Promise.race([done, cut.promise]);
}

type Cut = { readonly first: string; readonly which: RotatedKey; readonly n: number };

/** After a cut the hub starts, or the command is given again; a rotation that was begun is over then. */
async function goOnAfter({ first, which, n }: Cut, lying: Lying, wasCut: boolean): Promise<void> {
  const before = openKeyring(`${first}/keys`);
  const isAgain = n % 2 === 1;
  if (isAgain && wasCut) await rotateKey(lying.rotating, which);
  if (!isAgain) noteChain(lying.books.tokens, valueIn(await (await lying.chain()).prepare()));
  const { hub, formerHubs, mintAuthority, nextMintAuthority } = keysOf(lying);
  assert.is(nextMintAuthority, undefined, `moment ${n}`);
  const changed = {
    'fee-payer': !hub.publicKey.equals(before.hub.publicKey),
    'mint-authority': !mintAuthority.publicKey.equals(before.mintAuthority.publicKey),
  };
  assert.is(formerHubs.length, changed['fee-payer'] ? 1 : 0, `moment ${n}: one rotation at most`);
  if (isAgain) assert.ok(changed[which], `moment ${n}`);
  assert.is(lying.books.tokens.chain()?.hub, hub.publicKey.toBase58(), `moment ${n}`);
}

const isReduced = process.env['JIRANI_TEST_SEEDS'] === 'reduced';

for (const which of ['fee-payer', 'mint-authority'] as const)
  cutting(`the power goes at every moment of the rotation of the ${which}`, async () => {
    using first = aFolder();
    await aFolderWithASale(first.path);
    let signed: Awaited<ReturnType<typeof aSignedTrade>> | undefined;
    {
      using lying = lyingIn(first.path);
      signed = await aSignedTrade(lying);
    }
    const { trade, intent } = signed;
    const step = isReduced ? 23 : 1;
    let ending: 'cut' | 'done' = 'cut';
    let n = 1;
    for (; ending === 'cut'; n += step) {
      using folder = aCopy(first.path);
      ending = await cutAt(folder.path, which, n);
      using lying = lyingIn(folder.path);
      await goOnAfter({ first: first.path, which, n }, lying, ending === 'cut');
      await finish(lying, await lying.hub(), intent.id);
      assert.is(lying.books.trades.find(trade.id)?.state, 'settled', `moment ${n}`);
      await aSale(lying, 100);
      assert.equal(await differences(lying), [], `moment ${n}`);
    }
    assert.ok(n > 20, `${n} moments`);
  });

for (const which of ['fee-payer', 'mint-authority'] as const)
  cutting(`SIGKILL in the middle of the rotation of the ${which}`, async () => {
    using first = aFolder();
    await aFolderWithASale(first.path);
    const die = fileURLToPath(new URL('die-while-rotating.ts', import.meta.url));
    for (const n of isReduced ? [12] : [3, 12, 21]) {
      using folder = aCopy(first.path);
      const child = spawnSync(process.execPath, [die, folder.path, which, String(n)]);
      assert.is(child.signal, 'SIGKILL', String(child.stderr));
      using lying = lyingIn(folder.path);
      await goOnAfter({ first: first.path, which, n }, lying, true);
      await aSale(lying, 100);
      assert.equal(await differences(lying), [], `moment ${n}`);
    }
  });

cutting.run();
