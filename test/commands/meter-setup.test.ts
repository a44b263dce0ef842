// uncounted: it starts whole programs, again and again
/** What a meter is given on the keeper's table, with no hub running. */
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hashOf } from '../../gateway/adapters/ids/ids.ts';
import { openBooks } from '../../gateway/adapters/sqlite/open.ts';
import type { MeterId } from '../../gateway/core/ids.ts';
import { epochMs } from '../../gateway/core/units.ts';
import { aFolder, run } from './programs.ts';

const giving = suite('giving a household its meter');

async function aHub() {
  const folder = aFolder();
  const env = { HUB_DATA_DIR: join(folder.path, 'data'), MQTTS_PORT: '8883' };
  const hub = (...words: string[]) => run(words, env, { cwd: folder.path });
  await hub('households', 'add', '--id', 'k', '--name', 'Kiosk', '--phone', '0712345678');
  return {
    ...{ path: folder.path, hub },
    books: () => openBooks(join(folder.path, 'data/books.db')),
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}
const modeOf = (file: string) => (statSync(file).mode & 0o777).toString(8);
const secretIn = (file: string) => /^secret=(.*)$/m.exec(readFileSync(file, 'utf8'))?.[1] ?? '';

giving('the file has the password that was just made, for its owner’s eyes only', async () => {
  using a = await aHub();
  const out = join(a.path, 'new.conf');
  const words = ['meters', 'add', '--household', 'k', '--out', out, '--hub', '10.0.0.2', '--json'];
  const added = JSON.parse((await a.hub(...words)).stdout);
  assert.is(modeOf(out), '600');
  assert.is(secretIn(out), added.password);
  assert.match(readFileSync(out, 'utf8'), /^hub=mqtts:\/\/10\.0\.0\.2:8883$/m);
  assert.ok(added.label.includes(`P:${added.claim};`));

  writeFileSync(join(a.path, 'm-k-grid.conf'), 'old', { mode: 0o644 });
  const again = await a.hub('meters', 'flash-config', added.meterId);
  assert.match(again.stdout, /keeps no secret in plain, so this one is new/);
  assert.match(again.stdout, /█/);
  assert.match(again.stderr, /HUB_LISTEN=0\.0\.0\.0/);
  const file = join(a.path, 'm-k-grid.conf');
  assert.is(modeOf(file), '600');
  assert.is.not(secretIn(file), added.password);
  assert.not.ok(again.stdout.includes(secretIn(file)));
  using books = a.books();
  assert.is(books.households.passwordHashOf(added.meterId), hashOf(secretIn(file)));
});

giving('a file that cannot be written changes no password, and strangers get none', async () => {
  using a = await aHub();
  const added = JSON.parse((await a.hub('meters', 'add', '--household', 'k', '--json')).stdout);
  const far = join(a.path, 'no/such/folder/x.conf');
  assert.is((await a.hub('meters', 'flash-config', added.meterId, '--out', far)).code, 1);
  using books = a.books();
  assert.is(books.households.passwordHashOf(added.meterId), hashOf(added.password));
  const nobody = await a.hub('meters', 'flash-config', 'nobody');
  assert.equal([nobody.code, existsSync(join(a.path, 'nobody.conf'))], [1, false]);
  const bad = await a.hub('meters', 'flash-config', added.meterId, '--hub', 'a host');
  assert.is(bad.code, 2);
});

giving('another key counts only when its very fingerprint is typed', async () => {
  using a = await aHub();
  const meter = JSON.parse((await a.hub('meters', 'add', '--household', 'k', '--json')).stdout)
    .meterId as MeterId;
  using books = a.books();
  const [old, other] = ['11', '22'].map((digits) => digits.repeat(32)) as [string, string];
  books.meters.meetKey(meter, old, epochMs(1));
  const none = await a.hub('meters', 'trust-key', meter);
  assert.match(none.stderr, /no other key than the one that counts/);
  books.meters.meetKey(meter, other, epochMs(2));
  const look = JSON.parse((await a.hub('meters', 'trust-key', meter, '--json')).stdout);
  assert.is((await a.hub('meters', 'trust-key', meter, look.counts)).code, 1);
  assert.is(books.households.publicKeyOf(meter), old);
  const { stdout } = await a.hub('meters', 'trust-key', meter, look.offered.toUpperCase());
  assert.ok(stdout.includes(look.counts) && stdout.includes(look.offered));
  assert.is(books.households.publicKeyOf(meter), other);
});

giving.run();
