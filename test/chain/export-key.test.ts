import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { getAssociatedTokenAddressSync } from '@solana/spl-token';
import { Keypair } from '@solana/web3.js';
import bs58 from 'bs58';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openKeyring } from '../../gateway/adapters/solana/keys.ts';
import { isWalletAddress } from '../../gateway/adapters/solana/owners.ts';
import { openBooks } from '../../gateway/adapters/sqlite/open.ts';
import { aFolder } from '../adapters/solana/neighbours.ts';
import { corner, moveIn } from '../support/neighbourhood.ts';

const taking = suite('taking the key of a wallet along');
const cli = fileURLToPath(new URL('../../gateway/cli.ts', import.meta.url));
const hub = (env: Record<string, string>, ...args: string[]) =>
  new Promise<{ code: number; out: string; err: string }>((resolve) => {
    const options = { env: { PATH: process.env['PATH'], ...env }, timeout: 60_000 };
    execFile(process.execPath, [cli, ...args], options, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? 137), out, err }),
    );
  });

taking(
  '`--export` prints the derived key once, says what it means, and the hub lets go',
  async () => {
    using folder = aFolder();
    const env = { HUB_DATA_DIR: folder.path };
    const books = openBooks(join(folder.path, 'books.db'));
    moveIn(books, {});
    books[Symbol.dispose]();
    const none = await hub(env, 'households', 'wallet', corner, '--export');
    assert.is(none.code, 1, 'there are no keys yet, and none are made by the way');
    const address = openKeyring(join(folder.path, 'keys')).household(corner).publicKey.toBase58();

    const stranger = await hub(env, 'households', 'wallet', 'nobody', '--export');
    assert.equal([stranger.code, stranger.out], [1, '']);
    const shown = await hub(env, 'households', 'wallet', corner, '--export');
    assert.is(shown.code, 0, shown.err);
    const key = /Secret key \(.*\): (\w+)/.exec(shown.out)?.[1] ?? '';
    assert.is(Keypair.fromSecretKey(bs58.decode(key)).publicKey.toBase58(), address);
    assert.match(shown.out, 'can move the tokens');
    const again = await hub(env, 'households', 'wallet', corner, '--export');
    assert.equal([again.code, again.out], [1, '']);
    assert.match(again.err, 'shown once');
    using after = openBooks(join(folder.path, 'books.db'));
    assert.is(after.wallets.of(corner)?.address, address);
    assert.is(after.tokens.ownAddress(corner), address);
  },
);

taking('an approval by phone needs https', async () => {
  const asked = await hub({}, 'households', 'wallet', 'h', '--approve', '3', '--at', 'http://hub');
  assert.is(asked.code, 2);
  assert.match(asked.err, 'https');
});

taking('an address is 32 bytes on the curve, written in one way', () => {
  const good = Keypair.generate().publicKey.toBase58();
  assert.ok(isWalletAddress(good));
  for (const text of ['', 'x', `${good}1`, `0${good.slice(1)}`, ` ${good}`])
    assert.not(isWalletAddress(text), text);
  const owner = Keypair.generate().publicKey;
  const nobodys = getAssociatedTokenAddressSync(owner, owner).toBase58();
  assert.not(isWalletAddress(nobodys), 'no key fits an account of a program');
});

taking.run();
