import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { thisProject } from '../../scripts/advisories.ts';
import { compareVersions, judge, type Project } from '../../scripts/advisory-list.ts';

const advising = suite('known advisories');

const wrongOf = (project: Project): string[] => judge(project).flatMap(({ wrong }) => wrong);
const with_ = (differs: Partial<Project>): Project => ({ ...thisProject(), ...differs });
const locked = (path: string, version: string) => ({
  locked: { ...thisProject().locked, [path]: { version, integrity: 'sha512-x' } },
});

advising('are all contained in what is locked', () => {
  assert.equal(wrongOf(thisProject()), []);
  const found = judge(thisProject()).filter((finding) => finding.found.length > 0);
  assert.ok(found.some(({ name }) => name === 'axios'));
  for (const { about, contained, ids } of found)
    assert.ok(about.length > 10 && contained.length > 10 && ids.length > 0);
});

advising('call for a person when localtunnel brings its own axios again', () => {
  const path = 'node_modules/localtunnel/node_modules/axios';
  assert.equal(wrongOf(with_(locked(path, '0.21.4'))), [`${path} is 0.21.4, below 0.30.2`]);
});

advising('call for a person when a stolen release is locked, or a range is asked for', () => {
  const stolen = with_(locked('node_modules/@solana/web3.js', '1.95.7'));
  assert.match(wrongOf(stolen).join('\n'), '1.95.7 of @solana/web3.js, which is forbidden');
  const loose = with_({ asked: { ...thisProject().asked, localtunnel: '^2.0.2' } });
  assert.equal(wrongOf(loose), ['package.json asks for ^2.0.2, which is no single version']);
  const path = 'node_modules/localtunnel';
  const unchecked = with_({ locked: { ...thisProject().locked, [path]: { version: '2.0.2' } } });
  assert.equal(wrongOf(unchecked), [`${path} has no checksum`]);
});

advising('call for a person when a native part was built, or an import goes astray', () => {
  assert.match(wrongOf(with_({ exists: () => true })).join('\n'), 'bigint_buffer.node exists');
  const astray = with_({ importers: () => ['gateway/core/advice.ts'] });
  assert.equal(wrongOf(astray), ['gateway/core/advice.ts imports it']);
});

advising('compare versions by their numbers', () => {
  assert.ok(compareVersions('0.21.4', '0.30.2') < 0);
  assert.ok(compareVersions('1.9.0', '1.10.0') < 0);
  assert.ok(compareVersions('2.0.0-beta.1', '2.0.0') < 0);
  assert.is(compareVersions('1.21.1', '1.21.1'), 0);
});

advising.run();
