import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { table } from '../../gateway/commands/table.ts';
import { aFolder, type Environment, run } from './programs.ts';

const plain = suite('telling the keeper what is wrong');

const noOneElse: Environment = { SOLANA_RPC_URLS: 'http://127.0.0.1:9' };
const lastLine = (text: string) => text.trimEnd().split('\n').at(-1) ?? '';

async function failing(env: Environment, cwd: string): Promise<string> {
  const { code, stderr } = await run(['start'], { ...noOneElse, ...env }, { cwd });
  assert.is(code, 1, stderr);
  assert.not.match(stderr, /\n {4}at /);
  return lastLine(stderr);
}

plain('names the variable whose port is taken', async () => {
  using folder = aFolder();
  await using other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  for (const name of ['HTTP_PORT', 'CALLBACK_PORT', 'MQTT_PORT', 'MQTTS_PORT']) {
    const env = { HUB_DATA_DIR: join(folder.path, name), [name]: String(port) };
    const said = `${name} ${port} is taken: choose another one, 0 takes any.`;
    assert.is(await failing(env, folder.path), said);
  }
});

plain('says that the data folder is none, or may not be written', async () => {
  using folder = aFolder();
  const file = join(folder.path, 'file');
  writeFileSync(file, '');
  for (const place of [file, join(file, 'below')])
    assert.match(await failing({ HUB_DATA_DIR: place }, folder.path), / is no folder: choose/);
  // The user root may write everywhere.
  if (process.getuid?.() === 0) return;
  const locked = join(folder.path, 'locked');
  mkdirSync(locked);
  chmodSync(locked, 0o500);
  assert.match(await failing({ HUB_DATA_DIR: locked }, folder.path), / cannot be written: give/);
});

plain('says that a file of the data folder is no database', async () => {
  using folder = aFolder();
  writeFileSync(join(folder.path, 'books.db'), 'no database at all '.repeat(100));
  const said = await failing({ HUB_DATA_DIR: folder.path }, folder.path);
  assert.match(said, /^A file in the data folder is no database: /);
});

plain('lines up the columns of a table by the longest cell', () => {
  assert.equal(
    table([
      ['a', 'long cell', 'x'],
      ['bbb', '', ''],
    ]),
    ['a    long cell  x', 'bbb'],
  );
  assert.equal(table([]), []);
});

plain.run();
