/** Enrolling people and meters on a folder of one's own, with no hub running. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
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
  assert.equal(Object.keys(meter), ['meterId', 'household', 'place', 'username', 'password']);
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
  for (const word of ['demo', 'start', 'status', 'households', 'meters', 'trades', 'wallets'])
    assert.match(help.stdout, new RegExp(`^  ${word} `, 'm'));
  assert.not.match(help.stdout, /demo-world/);
  const version = await a.hub('--version');
  assert.is(version.code, 0);
  assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/);
});

enrolling.run();
