import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { beTheOnlyHub, refuseSecondHub } from '../../../gateway/adapters/lock/one-hub.ts';

const locking = suite('being the only hub of a data folder');

const aFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), 'jirani-lock-'));
  return {
    file: join(folder, 'hub.lock'),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
};

locking('S82: refuses a second hub until the first has ended', () => {
  using folder = aFolder();
  const first = beTheOnlyHub(folder.file);
  assert.throws(() => beTheOnlyHub(folder.file), /another hub runs on this data folder/);
  assert.throws(() => refuseSecondHub(folder.file), /another hub/);
  first[Symbol.dispose]();
  refuseSecondHub(folder.file);
  using again = beTheOnlyHub(folder.file);
  assert.ok(again);
});

locking('hubs with folders of their own do not mind each other', () => {
  using one = aFolder();
  using two = aFolder();
  using first = beTheOnlyHub(one.file);
  using second = beTheOnlyHub(two.file);
  assert.ok(first && second);
});

locking('a lock that cannot be read is told as that, and not as another hub', () => {
  using folder = aFolder();
  writeFileSync(folder.file, 'no database'.repeat(500));
  assert.throws(() => beTheOnlyHub(folder.file), /file is not a database/);
});

locking('is free again at once when the hub is killed', async () => {
  using folder = aFolder();
  const lock = new URL('../../../gateway/adapters/lock/one-hub.ts', import.meta.url).href;
  const program = `import { beTheOnlyHub } from '${lock}';
    globalThis.held = beTheOnlyHub(process.argv[1]);
    console.log('held');
    setInterval(() => {}, 1000);`;
  const holder = spawn(process.execPath, ['--input-type=module', '-e', program, folder.file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = once(holder, 'exit');
  try {
    await once(holder.stdout, 'data');
    assert.throws(() => beTheOnlyHub(folder.file), /another hub/);
  } finally {
    holder.kill('SIGKILL');
    await gone;
  }
  using next = beTheOnlyHub(folder.file);
  assert.ok(next);
});

locking.run();
