// uncounted: it starts whole programs, again and again
// timeout: 240s
/** Types every command of docs/backup.md, in its order, as a keeper does. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openLocalLedger } from '../../gateway/adapters/solana/embedded/server.ts';
import { openKeyring } from '../../gateway/adapters/solana/keys.ts';
import { openBooks } from '../../gateway/adapters/sqlite/open.ts';
import { openKeys } from '../../gateway/open-keys.ts';
import { moveIn } from '../support/neighbourhood.ts';
import { examplesIn, looksAsShown } from '../support/page-examples.ts';
import { aFolder, run } from './programs.ts';

const page = join(import.meta.dirname, '../../docs/backup.md');
const showing = suite('the page about backups');

showing('every command does what is shown', async () => {
  using folder = aFolder();
  const dataDir = join(folder.path, 'data');
  openKeys(dataDir, undefined);
  openKeyring(join(dataDir, 'keys'));
  openLocalLedger({ file: join(dataDir, 'ledger.db') })[Symbol.dispose]();
  {
    using books = openBooks(join(dataDir, 'books.db'));
    books.together(() => moveIn(books, {}));
  }
  const passphrase = join(folder.path, 'passphrase');
  writeFileSync(passphrase, 'under the third mango tree\n', { mode: 0o600 });
  const env = { HUB_DATA_DIR: dataDir, BACKUP_PASSPHRASE_PATH: passphrase };
  const examples = examplesIn(page);
  assert.is(examples.length, 6);
  for (const { command, shown, line } of examples) {
    const { code, stdout, stderr } = await run(command.split(' '), env, { cwd: folder.path });
    assert.is(code, 0, `docs/backup.md:${line}: ${stderr}`);
    if (!looksAsShown(shown, stdout)) assert.is(stdout, shown, `docs/backup.md:${line}`);
  }
});

showing('an example is compared word by word', () => {
  assert.ok(looksAsShown('a … c\n', 'a bb c\n'));
  assert.not.ok(looksAsShown('4 households\n', '5 households\n'));
});

showing.run();
