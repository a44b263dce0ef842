// uncounted: it starts whole programs, again and again
// timeout: 400s
/** `backup`, `verify` and `restore` as their keeper types them, with everything that may be wrong. */
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { beTheOnlyHub } from '../../gateway/adapters/lock/one-hub.ts';
import { openLocalLedger } from '../../gateway/adapters/solana/embedded/server.ts';
import { openKeyring } from '../../gateway/adapters/solana/keys.ts';
import { openBooks } from '../../gateway/adapters/sqlite/open.ts';
import { openKeys } from '../../gateway/open-keys.ts';
import { corner, kiosk, moveIn } from '../support/neighbourhood.ts';
import { aFolder, type Ended, run } from './programs.ts';

const passphrase = 'under the third mango tree';

/** A hub that ran and stopped. */
function aStoppedHub() {
  const folder = aFolder();
  const dataDir = join(folder.path, 'data');
  const passphraseFile = join(folder.path, 'passphrase');
  writeFileSync(passphraseFile, `${passphrase}\n`, { mode: 0o600 });
  const { hubKey } = openKeys(dataDir, undefined);
  openKeyring(join(dataDir, 'keys'));
  openLocalLedger({ file: join(dataDir, 'ledger.db') })[Symbol.dispose]();
  const books = openBooks(join(dataDir, 'books.db'));
  books.together(() => moveIn(books, { energy: { [corner]: 5_000 }, wallets: { [kiosk]: 6_000 } }));
  books[Symbol.dispose]();
  const env = { HUB_DATA_DIR: dataDir, BACKUP_PASSPHRASE_PATH: passphraseFile };
  const at = (name: string) => join(folder.path, name);
  return {
    ...{ dataDir, passphraseFile, env, at, hubKey },
    types: (...words: string[]) => run(words, env),
    walletOfKiosk: () => {
      using now = openBooks(join(dataDir, 'books.db'));
      return now.trades.walletOf(kiosk);
    },
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

/** What is in the clear must not stay behind. */
const leftBehind = (folder: string) =>
  readdirSync(folder).filter((name) => /work|\.part$/.test(name));

const backing = suite('backing up');

backing(
  'without a passphrase of the keeper’s nothing is written, and it says what to do',
  async () => {
    using hub = aStoppedHub();
    const { code, stderr } = await run(['backup', hub.at('a')], { HUB_DATA_DIR: hub.dataDir });
    assert.is(code, 1);
    assert.match(stderr, /BACKUP_PASSPHRASE_PATH/);
    chmodSync(hub.passphraseFile, 0o644);
    assert.match((await hub.types('backup', hub.at('a'))).stderr, /read by others: chmod 600/);
    chmodSync(hub.passphraseFile, 0o600);
    assert.is((await hub.types('backup')).code, 2);
    assert.is((await hub.types('backup', hub.at('a'), '--nightly')).code, 2);
    assert.is((await hub.types('backup', hub.at('a'), '--paspharse', 'x')).code, 2);
    assert.not.ok(existsSync(hub.at('a')));
  },
);

backing(
  'no key, no marker secret and no passphrase is in a backup of data; `backup keys` has them',
  async () => {
    using hub = aStoppedHub();
    assert.is((await hub.types('backup', hub.at('a'))).code, 0);
    const keys = await hub.types('backup', 'keys', hub.at('k'));
    assert.is(keys.code, 0, keys.stderr);
    assert.is(statSync(hub.at('k')).mode & 0o777, 0o600);
    const elsewhere = { ...hub.env, HUB_DATA_DIR: hub.at('new-card') };
    const tooSoon = await run(['restore', hub.at('a')], elsewhere);
    assert.match(tooSoon.stderr, /keys of these books are not in .*restore --keys FILE/);
    assert.not.ok(existsSync(join(elsewhere.HUB_DATA_DIR, 'books.db')));
    assert.match(
      (await run(['restore', hub.at('k')], elsewhere)).stderr,
      /backup of keys, not of books/,
    );
    assert.is((await run(['restore', '--keys', hub.at('k')], elsewhere)).code, 0);
    assert.equal(openKeys(elsewhere.HUB_DATA_DIR, undefined).hubKey, hub.hubKey);
    const marker = (dataDir: string) => openKeyring(join(dataDir, 'keys')).markerSecret;
    assert.equal(marker(elsewhere.HUB_DATA_DIR), marker(hub.dataDir));
    // With its keys, the books open on a new card, ledger and all.
    const restored = await run(['restore', hub.at('a'), '--json'], elsewhere);
    assert.is(restored.code, 0, restored.stderr);
    const { ledger, replaced } = JSON.parse(restored.stdout);
    assert.equal([ledger, replaced], ['restored', null]);
    assert.match(
      (await run(['restore', '--keys', hub.at('k')], elsewhere)).stderr,
      /has keys already/,
    );
    assert.equal(leftBehind(elsewhere.HUB_DATA_DIR), []);
  },
);

backing(
  '--nightly proves the new one, keeps 7 daily and 4 weekly ones, and copies it elsewhere',
  async () => {
    using hub = aStoppedHub();
    const backups = join(hub.dataDir, 'backups');
    mkdirSync(backups);
    mkdirSync(hub.at('usb'));
    for (let day = 1; day <= 28; day++)
      writeFileSync(
        join(backups, `jirani-2026-02-${String(day).padStart(2, '0')}T010000Z.backup`),
        'old',
      );
    const env = { ...hub.env, BACKUP_REMOTE: hub.at('usb') };
    const made = await run(['backup', '--nightly', '--json'], env);
    assert.is(made.code, 0, made.stderr);
    const { file, problems, forgotten, copiedTo } = JSON.parse(made.stdout);
    assert.equal([problems, copiedTo], [[], hub.at('usb')]);
    assert.is(forgotten.length + readdirSync(backups).length, 29);
    assert.is(readdirSync(backups).length, 9);
    const [copy = ''] = readdirSync(hub.at('usb'));
    assert.ok(readFileSync(join(hub.at('usb'), copy)).equals(readFileSync(file)));
    const verified = await hub.types('verify');
    assert.match(verified.stdout, /4 households, 0 trades, every page sound, both ledgers balance/);
    assert.equal(leftBehind(hub.dataDir), []);
    // A disk that is not plugged in: the backup is made all the same, and somebody hears of it.
    const gone = await run(['backup', '--nightly'], {
      ...env,
      BACKUP_REMOTE: hub.at('not-mounted'),
    });
    assert.is(gone.code, 1);
    assert.match(gone.stderr, /not-mounted is no folder: is the disk mounted/);
    assert.is(readdirSync(backups).length, 9);
  },
);

backing('rclone is called without a shell, and no argument holds the passphrase', async () => {
  using hub = aStoppedHub();
  mkdirSync(hub.at('bin'));
  const notes = hub.at('rclone-was-told');
  writeFileSync(
    hub.at('bin/rclone'),
    `#!/bin/sh\nprintf '%s|' "$@" >> '${notes}'\necho >> '${notes}'\n`,
    { mode: 0o755 },
  );
  const remote = 'card: $(touch x)/umoja';
  const PATH = `${hub.at('bin')}:${process.env['PATH']}`;
  const made = await run(['backup', '--nightly'], { ...hub.env, PATH, BACKUP_REMOTE: remote });
  assert.is(made.code, 0, made.stderr);
  const told = readFileSync(notes, 'utf8');
  assert.match(told, /^copyto\|--\|.*backups\/(jirani-\S+)\|card: \$\(touch x\)\/umoja\/\1\|$/m);
  assert.match(told, /^lsf\|--\|card: \$\(touch x\)\/umoja\|$/m);
  assert.not.match(told, /mango/);
  const without = await run(['backup', '--nightly'], {
    ...hub.env,
    PATH: '/nowhere',
    BACKUP_REMOTE: remote,
  });
  assert.is(without.code, 1);
  assert.match(without.stderr, /rclone is not installed/);
});

const restoring = suite('restoring');

restoring(
  '11: what is restored passes `verify`; what it replaced is kept, payouts wait, the ledger stays',
  async () => {
    using hub = aStoppedHub();
    assert.is((await hub.types('backup', hub.at('a'))).code, 0);
    const ledger = statSync(join(hub.dataDir, 'ledger.db')).ino;
    {
      using books = openBooks(join(hub.dataDir, 'books.db'));
      books.settings.change('rate', 1_300, 0 as never);
    }
    const { code, stdout, stderr } = await hub.types('restore', hub.at('a'), '--json');
    assert.is(code, 0, stderr);
    const said = JSON.parse(stdout);
    assert.equal([said.households, said.ledger, said.asked], [4, 'kept', 0]);
    assert.is(statSync(join(hub.dataDir, 'ledger.db')).ino, ledger);
    assert.ok(existsSync(join(said.replaced, 'books.db')));
    assert.is(statSync(said.replaced).mode & 0o777, 0o700);
    assert.is(hub.walletOfKiosk(), 6_000);
    assert.is((await hub.types('backup', '--nightly')).code, 0);
    assert.match((await hub.types('verify')).stdout, /4 households.*both ledgers balance/);
    using books = openBooks(join(hub.dataDir, 'books.db'));
    assert.equal(
      books.pauses.holding(Date.now() as never).map(({ cause, why }) => [cause, why]),
      [['keeper', 'restored from a backup']],
    );
    assert.ok(books.watch.moment('restored') !== undefined);
    assert.ok(books.watch.moment('compare-wanted') !== undefined);
  },
);

restoring('a broken backup, a wrong passphrase or a running hub changes nothing', async () => {
  using hub = aStoppedHub();
  assert.is((await hub.types('backup', hub.at('a'))).code, 0);
  const books = readFileSync(join(hub.dataDir, 'books.db'));
  copyFileSync(hub.at('a'), hub.at('cut'));
  truncateSync(hub.at('cut'), statSync(hub.at('cut')).size - 20);
  writeFileSync(hub.at('other-words'), 'under the fourth mango tree', { mode: 0o600 });
  const otherWords = { ...hub.env, BACKUP_PASSPHRASE_PATH: hub.at('other-words') };
  const tries: [() => Promise<Ended>, RegExp][] = [
    [() => hub.types('restore', hub.at('cut')), /cut off/],
    [() => hub.types('restore', hub.at('passphrase')), /no backup of a Jirani hub/],
    [() => hub.types('restore', hub.at('nowhere')), /no such file|ENOENT/],
    [() => run(['restore', hub.at('a')], otherWords), /passphrase does not open/],
  ];
  for (const [trying, words] of tries) {
    const { code, stderr } = await trying();
    assert.is(code, 1);
    assert.match(stderr, words);
  }
  {
    using _hub = beTheOnlyHub(join(hub.dataDir, 'hub.lock'));
    assert.match((await hub.types('restore', hub.at('a'))).stderr, /another hub runs/);
  }
  assert.ok(readFileSync(join(hub.dataDir, 'books.db')).equals(books));
  assert.equal(leftBehind(hub.dataDir), []);
});

restoring('books of other keys are refused', async () => {
  using hub = aStoppedHub();
  using other = aStoppedHub();
  assert.is((await hub.types('backup', hub.at('a'))).code, 0);
  const { code, stderr } = await run(['restore', hub.at('a')], {
    ...hub.env,
    HUB_DATA_DIR: other.dataDir,
  });
  assert.is(code, 1);
  assert.match(stderr, /not those of these books/);
});

restoring(
  'over books that are damaged; a backup of damaged books is never called sound',
  async () => {
    using hub = aStoppedHub();
    assert.is((await hub.types('backup', hub.at('a'))).code, 0);
    const file = join(hub.dataDir, 'books.db');
    // Somebody has reached into the books.
    const db = new Database(file);
    db.exec(
      "DROP TRIGGER IF EXISTS account_moves_with_a_posting; UPDATE account SET balance = balance + 1 WHERE id = 'wallet:kiosk'",
    );
    db.close();
    const wrong = await hub.types('backup', hub.at('b'));
    assert.is(wrong.code, 1);
    assert.match(wrong.stdout, /NOT SOUND:.*wallet:kiosk: 6001 instead of 6000/s);
    assert.match((await hub.types('restore', hub.at('b'))).stderr, /not sound.*Use another one/s);
    renameSync(file, hub.at('books'));
    writeFileSync(file, 'this was a database');
    const restored = await hub.types('restore', hub.at('a'));
    assert.is(restored.code, 0, restored.stderr);
    assert.is(hub.walletOfKiosk(), 6_000);
    rmSync(file);
    assert.is((await hub.types('restore', hub.at('a'))).code, 0);
  },
);

backing.run();
restoring.run();
