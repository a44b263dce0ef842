// needs: systemd-analyze
/** Acceptance: systemd finds no fault in our units, and gives each an exposure of 1.5 at most. */
import { spawnSync } from 'node:child_process';
import {
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { top } from './a-release.ts';

const units = suite('what systemd is told to start');

const folder = join(top, 'systemd');
const services = globSync('*.service', { cwd: folder }).sort();
/** Of 100; systemd prints it of 10. */
const exposureMost = 15;

const analyze = (...words: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync('systemd-analyze', words, { encoding: 'utf8' });
  return { status, said: stdout + stderr };
};

/** The units as they are, but for where the hub lies: this checkout stands in for an installation. */
function placed() {
  const path = mkdtempSync(join(tmpdir(), 'jirani-units-'));
  const opt = join(path, 'jirani');
  mkdirSync(join(opt, 'current'), { recursive: true });
  for (const name of ['gateway', 'docs', 'flows', 'node_modules'])
    symlinkSync(join(top, name), join(opt, 'current', name));
  const names = globSync('*.{service,timer}', { cwd: folder });
  for (const name of names) {
    const text = readFileSync(join(folder, name), 'utf8').replaceAll('/opt/jirani', opt);
    writeFileSync(join(path, name), text);
  }
  return {
    files: names.map((name) => join(path, name)),
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}

units('1: systemd-analyze verify has nothing to say', () => {
  using here = placed();
  assert.equal(analyze('verify', '--man=no', ...here.files), { status: 0, said: '' });
});

units('1: every service is exposed by 1.5 of 10 at most', () => {
  assert.ok(services.includes('jirani.service') && services.includes('jirani-node-red.service'));
  for (const name of services) {
    const words = ['security', '--offline=true', '--no-pager', `--threshold=${exposureMost}`];
    const { status, said } = analyze(...words, join(folder, name));
    assert.is(status, 0, said.trim().split('\n').at(-1));
  }
});

units(
  'flows may enter neither the hub’s folder nor its secrets, and have a user of their own',
  () => {
    const flows = readFileSync(join(folder, 'jirani-node-red.service'), 'utf8');
    assert.match(flows, /^User=jirani-flows$/m);
    assert.match(flows, /^InaccessiblePaths=-\/var\/lib\/jirani .*-\/etc\/jirani$/m);
    assert.equal(flows.match(/^LoadCredential=.*$/gm), [
      'LoadCredential=flows-access:/var/lib/jirani/flows-access.json',
    ]);
  },
);

units('the hub may see which start of the machine this is, as its clock wants to', () => {
  const hub = readFileSync(join(folder, 'jirani.service'), 'utf8');
  assert.not.match(hub, /^(ProcSubset=pid|InaccessiblePaths=.*\/proc)/m);
});

units('V8 may compile, and nothing waits for the internet or the right time', () => {
  for (const name of services) {
    const text = readFileSync(join(folder, name), 'utf8');
    assert.not.match(text, /^MemoryDenyWriteExecute=(?!no)/m, name);
    assert.not.match(text, /network-online|time-sync/, name);
  }
});

units.run();
