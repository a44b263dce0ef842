// uncounted: it starts whole programs, again and again
/** Enrolling people and meters on a folder of one's own, with no hub running. */
import { chmodSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hashOf } from '../../gateway/adapters/ids/ids.ts';
import { readExternalUser } from '../../gateway/adapters/mosquitto/external-user.ts';
import { openBooks } from '../../gateway/adapters/sqlite/open.ts';
import type { HouseholdId, MeterId } from '../../gateway/core/ids.ts';
import { epochMs } from '../../gateway/core/units.ts';
import { aFolder, run } from './programs.ts';

const enrolling = suite('enrolling households and meters');

function aHub() {
  const folder = aFolder();
  const dataDir = join(folder.path, 'data');
  const hub = (...words: string[]) => run(words, { HUB_DATA_DIR: dataDir }, { cwd: folder.path });
  return {
    ...{ dataDir, hub },
    json: async (...words: string[]) => {
      const { code, stdout, stderr } = await hub(...words, '--json');
      assert.is(code, 0, stderr);
      return JSON.parse(stdout);
    },
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

const kiosk = ['--id', 'kiosk', '--name', "Halima's kiosk", '--phone', '0712345678'];

enrolling('keeps a household, and shows its phone only masked', async () => {
  using a = aHub();
  const added = await a.json('households', 'add', ...kiosk, '--role', 'buyer');
  assert.is(added.id, 'kiosk');
  assert.is(added.phone, '254712***678');
  assert.match(added.code, /^[0-9A-Z]{5}$/);
  assert.equal(await a.json('households', 'list'), [added]);
  const { rule, ...shown } = await a.json('households', 'show', 'kiosk');
  assert.equal(shown, added);
  assert.equal([rule.autoBuy, rule.autoSell], [true, false]);
  const spoken = await a.hub('households', 'list');
  assert.match(spoken.stdout, /^kiosk {2}254712\*\*\*678 {2}buyer {2}Halima's kiosk\n$/);
});

enrolling('refuses a second household of that name or phone, and a stranger', async () => {
  using a = aHub();
  await a.json('households', 'add', ...kiosk);
  const same = await a.hub('households', 'add', ...kiosk);
  assert.is(same.code, 1);
  assert.match(same.stderr, /There is a household kiosk already/);
  const other = ['--id', 'corner', '--name', 'Corner house', '--phone', '+254 712 345 678'];
  const phone = await a.hub('households', 'add', ...other);
  assert.is(phone.code, 1);
  assert.match(phone.stderr, /Another household has that phone/);
  const stranger = await a.hub('households', 'show', 'stranger');
  assert.is(stranger.code, 1);
  assert.match(stranger.stderr, /There is no household stranger/);
  assert.is((await a.json('households', 'list')).length, 1);
});

enrolling('tells the password of a meter once, and nobody else has it', async () => {
  using a = aHub();
  await a.json('households', 'add', ...kiosk);
  const meter = await a.json('meters', 'add', '--household', 'kiosk');
  const told = ['meterId', 'household', 'place', 'username', 'password', 'claim', 'label'];
  assert.equal(Object.keys(meter), told);
  assert.is(meter.username, meter.meterId);
  assert.match(meter.password, /^[\w-]{32}$/);
  const again = await a.hub('meters', 'add', '--household', 'kiosk');
  assert.is(again.code, 1);
  assert.match(again.stderr, /registered already/);
  const list = await a.hub('meters', 'list', '--json');
  assert.equal(JSON.parse(list.stdout), [
    { meter: meter.meterId, household: 'kiosk', place: 'grid' },
  ]);
  assert.not.ok(list.stdout.includes(meter.password));
});

enrolling('ends a meter, and knows none that was never there', async () => {
  using a = aHub();
  await a.json('households', 'add', ...kiosk);
  const { meterId } = await a.json('meters', 'add', '--household', 'kiosk', '--place', 'pv');
  const revoked = await a.hub('meters', 'revoke', meterId);
  assert.is(revoked.code, 0);
  assert.equal(await a.json('meters', 'list'), []);
  const again = await a.hub('meters', 'revoke', meterId);
  assert.is(again.code, 1);
  assert.match(again.stderr, /There is no meter/);
  const nobody = await a.hub('meters', 'add', '--household', 'nobody');
  assert.is(nobody.code, 1);
  assert.match(nobody.stderr, /There is no household nobody/);
});

const key = 'AbCdEf0123456789'.repeat(4);

enrolling('a meter may come with its public key', async () => {
  using a = aHub();
  await a.json('households', 'add', ...kiosk);
  const meter = await a.json('meters', 'add', '--household', 'kiosk', '--public-key', key);
  assert.is(meter.publicKey, key.toLowerCase());
  using books = openBooks(join(a.dataDir, 'books.db'));
  assert.is(books.households.publicKeyOf(meter.meterId), meter.publicKey);
});

enrolling('gives a meter a new password, which ends the old one', async () => {
  using a = aHub();
  await a.json('households', 'add', ...kiosk);
  const first = await a.json('meters', 'add', '--household', 'kiosk');
  const second = await a.json('meters', 'password', first.meterId);
  assert.equal(Object.keys(second), ['meterId', 'username', 'password']);
  assert.is(second.username, first.username);
  assert.match(second.password, /^[\w-]{32}$/);
  assert.is.not(second.password, first.password);
  using books = openBooks(join(a.dataDir, 'books.db'));
  assert.is(books.households.passwordHashOf(first.meterId), hashOf(second.password));
  const nobody = await a.hub('meters', 'password', 'nobody');
  assert.is(nobody.code, 1);
  assert.match(nobody.stderr, /There is no meter nobody/);
});

const modeOf = (file: string) => (statSync(file).mode & 0o777).toString(8);

enrolling('writes what an existing Mosquitto needs, and names who cannot enter', async () => {
  using a = aHub();
  const before = await a.hub('broker', 'config', 'broker');
  assert.is(before.code, 1);
  assert.match(before.stderr, /no books/);
  await a.json('households', 'add', ...kiosk);
  const { meterId } = await a.json('meters', 'add', '--household', 'kiosk');
  enrolAsBefore(a.dataDir);

  const folder = join(a.dataDir, '../broker');
  const first = await a.hub('broker', 'config', folder, '--persistence', folder, '--json');
  assert.is(first.code, 0, first.stderr);
  const made = JSON.parse(first.stdout);
  assert.equal([made.meters, made.withoutPassword], [[meterId], ['m-old']]);
  assert.match(first.stderr, /Meter m-old cannot enter.*`hub meters password m-old`/);
  for (const name of ['mosquitto.conf', 'acl', 'passwords'])
    assert.is(modeOf(join(folder, name)), '640');
  const passwords = readFileSync(join(folder, 'passwords'), 'utf8');
  assert.match(passwords, new RegExp(`^${meterId}:\\$7\\$101\\$[\\w+/=]{16}\\$[\\w+/=]{88}$`, 'm'));
  assert.not.match(passwords, /m-old/);
  assert.match(readFileSync(join(folder, 'acl'), 'utf8'), new RegExp(`^user ${meterId}$`, 'm'));
  assert.not.match(passwords, /display/);
  assert.is(modeOf(join(a.dataDir, 'mosquitto-user.json')), '600');
  const users = readExternalUser(a.dataDir);
  assert.is(users?.gateway.username, made.users.gateway);

  await a.json('meters', 'password', 'm-old');
  const second = await a.hub('broker', 'config', folder, '--persistence', folder);
  assert.is(second.stderr, '');
  assert.match(second.stdout, /2 meters may enter[\s\S]*systemctl reload mosquitto/);
  assert.match(readFileSync(join(folder, 'passwords'), 'utf8'), /^m-old:/m);
  assert.equal(readExternalUser(a.dataDir), users, 'the hub keeps its own password');
  chmodSync(join(a.dataDir, 'mosquitto-user.json'), 0o644);
  const open = await a.hub('broker', 'config', folder);
  assert.is(open.code, 1);
  assert.match(open.stderr, /can be read by others/);
});

/** A meter of a hub that did not keep lines for Mosquitto yet. */
function enrolAsBefore(dataDir: string): void {
  using books = openBooks(join(dataDir, 'books.db'));
  const [meter, household] = ['m-old' as MeterId, 'kiosk' as HouseholdId];
  books.households.register(meter, household, 'pv', hashOf('old'), epochMs(0));
}

const wrong: readonly (readonly string[])[] = [
  [],
  ['sell'],
  ['households'],
  ['households', 'add', '--id', 'kiosk'],
  ['households', 'add', ...kiosk.slice(0, 4), '--phone', '12345'],
  ['households', 'add', '--id', 'Not An Id', ...kiosk.slice(2)],
  ['households', 'add', ...kiosk, '--role', 'thief'],
  ['households', 'show'],
  ['households', 'list', '--upside-down'],
  ['meters', 'add'],
  ['meters', 'add', '--household', 'kiosk', '--place', 'roof'],
  ['meters', 'add', '--household', 'kiosk', '--public-key', key.slice(1)],
  ['meters', 'password'],
  ['broker'],
  ['broker', 'config'],
  ['broker', 'config', 'there', '--port', '0'],
  ['broker', 'config', 'there', '--certificate', '/no/such/file'],
  ['demo', '--speed', 'fast'],
  ['demo', '--trades', '2.5'],
  ['demo', '--households', '3'],
  ['chain', 'serve', '--port', 'many'],
  ['mpesa', 'serve', '--port', '70000'],
];

enrolling('wrong usage ends with 2, says how it is right, and does nothing', async () => {
  using a = aHub();
  for (const words of wrong) {
    const { code, stdout, stderr } = await a.hub(...words);
    assert.is(code, 2, `${words.join(' ')}: ${stdout}${stderr}`);
    assert.is(stdout, '');
    assert.match(stderr, /Usage: hub/);
  }
  assert.throws(() => readdirSync(a.dataDir), /ENOENT/);
});

enrolling('help and version are no mistakes', async () => {
  using a = aHub();
  const help = await a.hub('--help');
  assert.is(help.code, 0);
  for (const word of [
    'demo',
    'start',
    'status',
    'households',
    'meters',
    'broker',
    'trades',
    'wallets',
  ])
    assert.match(help.stdout, new RegExp(`^  ${word} `, 'm'));
  assert.not.match(help.stdout, /demo-world/);
  const version = await a.hub('--version');
  assert.is(version.code, 0);
  assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/);
});

enrolling.run();
