import { chmodSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openKeyring } from '../../../gateway/adapters/solana/keys.ts';
import { aFolder, cornerHouse, kiosk } from './neighbours.ts';

const keeping = suite("keeping the hub's keys");

keeping('makes them once, for their owner alone', () => {
  using folder = aFolder();
  const keyDir = join(folder.path, 'keys');
  const first = openKeyring(keyDir);
  const again = openKeyring(keyDir);
  assert.is(statSync(keyDir).mode & 0o777, 0o700);
  for (const file of readdirSync(keyDir)) {
    assert.is(statSync(join(keyDir, file)).mode & 0o777, 0o600, file);
  }
  assert.equal(again.hub.publicKey, first.hub.publicKey);
  assert.equal(again.markerSecret, first.markerSecret);
  assert.equal(again.household(kiosk).publicKey, first.household(kiosk).publicKey);
  assert.not.equal(again.household(kiosk).publicKey, again.household(cornerHouse).publicKey);
});

keeping('refuses a key file or a folder that others may read', () => {
  using folder = aFolder();
  const keyDir = join(folder.path, 'keys');
  openKeyring(keyDir);
  chmodSync(join(keyDir, 'hub.key'), 0o644);
  assert.throws(() => openKeyring(keyDir), /hub\.key is open to others \(mode 644\)/);
  chmodSync(join(keyDir, 'hub.key'), 0o600);
  chmodSync(keyDir, 0o750);
  assert.throws(() => openKeyring(keyDir), /key folder is open to others/);
});

keeping('never replaces a lost key of a hub that has a mint', () => {
  using folder = aFolder();
  const keyDir = join(folder.path, 'keys');
  const facts = { genesisHash: 'genesis', mint: 'mint' };
  const keys = openKeyring(keyDir);
  assert.is(keys.facts(), undefined);
  keys.remember(facts);
  assert.equal(openKeyring(keyDir).facts(), facts);
  rmSync(join(keyDir, 'marker.secret'));
  assert.throws(() => openKeyring(keyDir), /marker\.secret is missing/);
});

keeping('says which key is damaged without showing it', () => {
  using folder = aFolder();
  const keyDir = join(folder.path, 'keys');
  openKeyring(keyDir);
  writeFileSync(join(keyDir, 'household.secret'), 'abc123');
  assert.throws(
    () => openKeyring(keyDir),
    (error: Error) =>
      /household\.secret is damaged/.test(error.message) && !/abc123/.test(error.message),
  );
});

keeping.run();
