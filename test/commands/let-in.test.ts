// uncounted: it starts whole programs, again and again
/** The keeper lets a household in, with a PIN or a code on the screen. */
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hashOf } from '../../gateway/adapters/ids/ids.ts';
import { isPin } from '../../gateway/adapters/ids/pin-hash.ts';
import { openBooks } from '../../gateway/adapters/sqlite/open.ts';
import type { HouseholdId } from '../../gateway/core/ids.ts';
import { aFolder, run } from './programs.ts';

const letting = suite('letting a household in');
const kiosk = 'kiosk' as HouseholdId;

async function aHub() {
  const folder = aFolder();
  const dataDir = join(folder.path, 'data');
  const hub = (...words: string[]) => run(words, { HUB_DATA_DIR: dataDir }, { cwd: folder.path });
  await hub('households', 'add', '--id', kiosk, '--name', 'Kiosk', '--phone', '0712345678');
  const books = () => openBooks(join(dataDir, 'books.db'));
  return { hub, books, [Symbol.dispose]: () => folder[Symbol.dispose]() };
}

letting('shows a PIN of six digits once and keeps only its hash', async () => {
  using a = await aHub();
  const { code, stdout } = await a.hub('households', 'pin', kiosk);
  assert.is(code, 0);
  const pin = /PIN (\d{6}) \(not shown again\)/.exec(stdout)?.[1] ?? '';
  using books = a.books();
  const kept = books.sessions.pinOf(kiosk);
  assert.not((kept ?? '').includes(pin));
  assert.is(await isPin(pin, kept), true);
  assert.is(await isPin(pin === '123456' ? '654321' : '123456', kept), false);
  assert.is(await isPin(pin, undefined), false);
});

letting('prints a code to scan that opens once, and says where', async () => {
  using a = await aHub();
  const { stdout } = await a.hub('households', 'qr', kiosk, '--at', 'http://192.168.1.20:5000/x');
  assert.match(stdout, /█/);
  const code = /^http:\/\/192\.168\.1\.20:5000\/sign-in#([\w-]{22})$/m.exec(stdout)?.[1] ?? '';
  using books = a.books();
  assert.is(books.sessions.useCode(hashOf(code), Date.now() + 15 * 60_000), undefined);
  assert.is(books.sessions.useCode(hashOf(code), Date.now()), kiosk);
  assert.is(books.sessions.useCode(hashOf(code), Date.now()), undefined);
});

letting('knows no stranger', async () => {
  using a = await aHub();
  for (const word of ['pin', 'qr']) {
    const { code, stderr } = await a.hub('households', word, 'stranger');
    assert.is(code, 1);
    assert.match(stderr, /There is no household stranger/);
  }
});

letting.run();
