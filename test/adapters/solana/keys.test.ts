import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import bs58 from 'bs58';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { changePassphrase, openKeyring } from '../../../gateway/adapters/solana/keys.ts';
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

keeping('14: refuses a keystore, a passphrase or a folder that others may read', () => {
  using folder = aFolder();
  const keyDir = join(folder.path, 'keys');
  openKeyring(keyDir);
  for (const name of ['keystore.json', 'passphrase']) {
    chmodSync(join(keyDir, name), 0o644);
    assert.throws(() => openKeyring(keyDir), `${name} is open to others (mode 644)`);
    chmodSync(join(keyDir, name), 0o640);
    assert.throws(() => openKeyring(keyDir), /mode 640/);
    chmodSync(join(keyDir, name), 0o600);
  }
  chmodSync(keyDir, 0o750);
  assert.throws(() => openKeyring(keyDir), /key folder is open to others/);
});

keeping('14: no file holds a key that can be read without the passphrase', () => {
  using folder = aFolder();
  const keyDir = join(folder.path, 'keys');
  const keys = openKeyring(keyDir, 'a long sentence that nobody guesses');
  keys.remember({ genesisHash: 'genesis', mint: 'mint' });
  const seeds = [keys.hub, keys.mintAuthority, keys.mint, keys.household(kiosk)].map(
    ({ secretKey }) => Buffer.from(secretKey.subarray(0, 32)),
  );
  const secrets = [...seeds, Buffer.from(keys.markerSecret)];
  const forms = secrets.flatMap((one) => [
    ...[one.toString('hex'), one.toString('base64'), bs58.encode(one), one.toString('latin1')],
  ]);
  assert.equal(readdirSync(keyDir).sort(), ['chain.json', 'keystore.json']);
  for (const name of readdirSync(keyDir)) {
    const text = readFileSync(join(keyDir, name), 'latin1');
    assert.not(
      forms.some((form) => text.includes(form)),
      name,
    );
  }
  const stored = JSON.parse(readFileSync(join(keyDir, 'keystore.json'), 'utf8'));
  assert.equal([stored.kdf.name, stored.kdf.n, stored.cipher], ['scrypt', 32_768, 'aes-256-gcm']);
});

keeping('opens with its passphrase only, and says nothing of what is inside', () => {
  using folder = aFolder();
  const keyDir = join(folder.path, 'keys');
  const first = openKeyring(keyDir, 'right');
  assert.equal(openKeyring(keyDir, 'right').hub.publicKey, first.hub.publicKey);
  assert.throws(() => openKeyring(keyDir, 'wrong'), /passphrase does not open/);
  assert.throws(() => openKeyring(keyDir), /needs its passphrase/);
  assert.not(existsSync(join(keyDir, 'passphrase')));
});

keeping('notices a changed bit, and parameters that somebody made cheaper', () => {
  using folder = aFolder();
  const keyDir = join(folder.path, 'keys');
  const file = join(keyDir, 'keystore.json');
  openKeyring(keyDir, 'right');
  const text = readFileSync(file, 'utf8');
  const { sealed } = JSON.parse(text) as { sealed: string };
  const flipped = (sealed[0] === '0' ? '1' : '0') + sealed.slice(1);
  writeFileSync(file, text.replace(sealed, flipped));
  assert.throws(() => openKeyring(keyDir, 'right'), /does not open/);
  writeFileSync(file, text.replace('"n": 32768', '"n": 1024'));
  assert.throws(() => openKeyring(keyDir, 'right'), /does not open/);
  writeFileSync(file, text.slice(0, 100));
  assert.throws(() => openKeyring(keyDir, 'right'), /keystore is damaged/);
});

keeping('seals what an older hub kept openly, and keeps every key', () => {
  using folder = aFolder();
  const keyDir = join(folder.path, 'keys');
  mkdirSync(keyDir, { mode: 0o700 });
  const seed = (n: number) => Buffer.alloc(32, n).toString('hex');
  for (const [index, name] of openFiles.entries())
    writeFileSync(join(keyDir, name), `${seed(index + 1)}\n`, { mode: 0o600 });
  const keys = openKeyring(keyDir, 'right');
  assert.equal(keys.hub.secretKey.subarray(0, 32), new Uint8Array(Buffer.alloc(32, 1)));
  assert.equal(keys.markerSecret, new Uint8Array(Buffer.alloc(32, 5)));
  assert.equal(readdirSync(keyDir), ['keystore.json']);
  assert.equal(openKeyring(keyDir, 'right').markerSecret, keys.markerSecret);
});
const openFiles = [
  ...['hub.key', 'mint-authority.key', 'mint.key', 'household.secret', 'marker.secret'],
];

keeping(
  'changes its passphrase: the keys stay, the old passphrase and its file are worth nothing',
  () => {
    using folder = aFolder();
    const keyDir = join(folder.path, 'keys');
    const before = openKeyring(keyDir);
    const old = readFileSync(join(keyDir, 'passphrase'), 'utf8').trim();
    changePassphrase(keyDir, undefined, 'another');
    assert.not(existsSync(join(keyDir, 'passphrase')));
    assert.throws(() => openKeyring(keyDir, old), /does not open/);
    assert.equal(openKeyring(keyDir, 'another').hub.publicKey, before.hub.publicKey);
    assert.throws(() => changePassphrase(keyDir, 'wrong', 'third'), /does not open/);
    assert.is(statSync(join(keyDir, 'keystore.json')).mode & 0o777, 0o600);
  },
);

keeping('fee payer and mint authority are two keys', () => {
  using folder = aFolder();
  const { hub, mintAuthority, mint } = openKeyring(join(folder.path, 'keys'));
  const addresses = [hub, mintAuthority, mint].map(({ publicKey }) => publicKey.toBase58());
  assert.is(new Set(addresses).size, 3);
});

keeping('never replaces a lost keystore of a hub that has a mint', () => {
  using folder = aFolder();
  const keyDir = join(folder.path, 'keys');
  const facts = { genesisHash: 'genesis', mint: 'mint' };
  const keys = openKeyring(keyDir);
  assert.is(keys.facts(), undefined);
  keys.remember(facts);
  assert.equal(openKeyring(keyDir).facts(), facts);
  rmSync(join(keyDir, 'keystore.json'));
  assert.throws(() => openKeyring(keyDir), /keystore is missing/);
});

keeping.run();
