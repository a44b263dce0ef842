// uncounted: it starts whole programs, again and again
// needs: fresh-debian
// timeout: 400s
/** Acceptance: installing, upgrading twice (one bad release), going back and uninstalling in a fresh root. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openBooks } from '../../gateway/adapters/sqlite/open.ts';
import { corner, fillWallet, moveIn } from '../support/neighbourhood.ts';
import { aRelease, fallsAfterOpening, nextMigration, tarballOf } from './a-release.ts';
import { aRoot, cutAt, type Ended, installer } from './a-root.ts';

const installing = suite('a technician installs the hub');

/** One machine for its whole life; the last test takes it away. */
const root = aRoot();
const first = aRelease();
const books = join(root.path, 'var/lib/jirani/books.db');
const node = '/opt/jirani/current/node_modules/.bin/node';

const well = ({ code, said }: Ended, saying: RegExp) => {
  assert.is(code, 0, said);
  assert.match(said, saying);
};
const refused = ({ code, said }: Ended, saying: RegExp) => {
  assert.is(code, 1, said);
  assert.match(said, saying);
};

/** Every cent and watt-hour that ever moved, row by row. */
function postingsIn(file: string): string {
  const db = new Database(file, { readonly: true });
  try {
    return JSON.stringify(db.prepare('SELECT * FROM posting ORDER BY rowid').all());
  } finally {
    db.close();
  }
}

/** What root has written while looking belongs to the hub. */
const handBack = () => root.run('chown', '-R', 'jirani:jirani', '/var/lib/jirani');

const asHub = (...words: readonly string[]) =>
  root.run('setpriv', '--reuid=jirani', '--regid=jirani', '--init-groups', ...words);

/** What systemd would start is whole: it opens the hub's own books. */
const runs = () =>
  asHub(node, '/opt/jirani/current/scripts/try-books.ts', 'open', '/var/lib/jirani');

const inode = (file: string) => root.run('stat', '-c', '%i', file);
const ownerOf = (file: string) => root.run('stat', '-c', '%U %a', file).trim();

installing('in a fresh Debian it runs, as its own user, with nothing open to others', () => {
  well(installer(root, first), /\d-[0-9a-f]{8} runs\./);
  assert.is(ownerOf('/var/lib/jirani'), 'jirani 700');
  assert.is(ownerOf('/var/lib/jirani/books.db'), 'jirani 600');
  assert.is(ownerOf('/etc/jirani/credentials/secrets.env'), 'jirani 600');
  assert.is(ownerOf('/var/lib/jirani-flows'), 'jirani-flows 700');
  assert.match(root.read('etc/systemd/system.conf.d/10-jirani.conf'), /RuntimeWatchdogSec=15/);
  const wanted = root.run('ls', '/etc/systemd/system/multi-user.target.wants');
  assert.match(wanted, /jirani\.service/);
  assert.not.match(wanted, /node-red/, 'Node-RED only where it was asked for');
  const packages = root.run('ls', '/opt/jirani/current/node_modules');
  assert.match(packages, /better-sqlite3/);
  assert.not.match(packages, /playwright/, 'nothing for developers');
  assert.match(root.run('/usr/local/bin/jirani', 'status', '--help'), /Usage: hub status/);
});

installing('2: installing twice changes nothing', () => {
  const before = root.picture();
  well(installer(root, first), /already at/);
  assert.equal(root.picture(), before);
});

const steps =
  'accounts settings units unpack packages seal copy rehearse note switch try keep'.split(' ');
const better = aRelease({ 'docs/install.md': (text) => `${text}\nBetter.\n` }, first.folder);

installing(
  '2: kill -9 at each step of an upgrade leaves a link that runs, and then it ends well',
  async () => {
    using _away = better;
    {
      using open = openBooks(books);
      moveIn(open, { energy: { [corner]: 2_000 } });
      fillWallet(open, corner, 5_000);
    }
    handBack();
    const [money, before, tarball] = [postingsIn(books), root.current(), tarballOf(better)];
    const seen = new Set<string>();
    for (const step of steps) {
      const named = await cutAt(root, first, step, 'upgrade', better.folder);
      for (const name of named) seen.add(name);
      if (seen.has('switch')) runs();
      else assert.is(root.current(), before, 'nothing is touched that runs');
    }
    assert.equal([...seen].sort(), [...steps].sort(), 'these are all steps that there are');

    // The last cut may have come a moment too late.
    well(installer(root, first, 'upgrade', tarball), /runs\.|already at/);
    const second = root.current();
    assert.is.not(second, before);
    assert.is(postingsIn(books), money);
    const copy = join(root.path, `var/lib/jirani/backups/before-${second}.db`);
    assert.is(postingsIn(copy), money, 'the books were copied before');
    assert.not.match(root.run('ls', '/opt/jirani', '/opt/jirani/releases'), /part|trying|unpacked/);
    assert.ok(root.has(`opt/jirani/releases/${before}`), 'the one before is kept to go back to');
    const [one = '', other = ''] = [before, second].map((name) =>
      inode(`/opt/jirani/releases/${name}/node_modules/better-sqlite3/package.json`),
    );
    assert.is(one, other, 'the same packages are not written to the card again');
    handBack();
  },
);

const addsOnly = '-- only adds\nCREATE TABLE kettle (litres INTEGER) STRICT;\n';

installing('3: a release that falls is taken back, and what it added to the books stays', () => {
  const [money, good] = [postingsIn(books), root.current()];
  using bad = aRelease(
    {
      'gateway/commands/start.ts': fallsAfterOpening,
      [nextMigration(first, 1)]: () => addsOnly,
    },
    first.folder,
  );
  refused(installer(root, first, 'upgrade', bad.folder), /does not run: back to .*runs again/s);
  assert.is(root.current(), good);
  assert.is(postingsIn(books), money);
  using open = { db: new Database(books), [Symbol.dispose]: () => void open.db.close() };
  assert.equal(open.db.prepare('SELECT * FROM kettle').all(), []);
  assert.not.ok(root.has('opt/jirani/trying'));
  handBack();
});

installing('a release after which there is no way back is refused before anything changes', () => {
  const [money, good] = [postingsIn(books), root.current()];
  using oneWay = aRelease(
    {
      [nextMigration(first, 1)]: () => addsOnly,
      [nextMigration(first, 2)]: () => 'CREATE TABLE pot (litres INTEGER) STRICT;\n',
    },
    first.folder,
  );
  refused(installer(root, first, 'upgrade', oneWay.folder), /no way back.*--one-way/s);
  assert.is(root.current(), good);
  assert.is(postingsIn(books), money);
  runs();
});

installing('a restored backup holds every cent and watt-hour that it was made of', () => {
  const money = postingsIn(books);
  handBack();
  const secret = join(root.path, 'etc/jirani/credentials/backup-passphrase');
  writeFileSync(secret, 'a passphrase on paper\n');
  const file = '/var/lib/jirani/backups/by-hand.backup';
  root.run('/usr/local/bin/jirani', 'backup', file);
  root.run('sh', '-c', 'rm /var/lib/jirani/books.db* /var/lib/jirani/readings.db*');
  root.run('/usr/local/bin/jirani', 'restore', file);
  assert.is(postingsIn(books), money);
  handBack();
  runs();
});

installing('uninstalling keeps what the hub kept', () => {
  const money = postingsIn(books);
  well(installer(root, first, 'uninstall'), /still in/);
  assert.is(postingsIn(books), money);
  assert.ok(root.has('etc/jirani/credentials/solana-passphrase'));
  assert.not.ok(root.has('opt/jirani'));
  assert.not.match(root.run('find', '/etc/systemd', '/etc/udev', '/usr/local'), /jirani/);
});

installing('uninstalling with --purge leaves nothing', () => {
  using _away = root;
  using _too = first;
  well(installer(root, first, 'uninstall', '--purge'), /are gone/);
  for (const gone of ['var/lib/jirani', 'var/lib/jirani-flows', 'etc/jirani'])
    assert.not.ok(root.has(gone), gone);
  assert.not.match(root.read('etc/passwd'), /jirani/);
});

installing.run();
