// uncounted: it starts whole programs, again and again
// needs: flows
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { freePort, tab, until } from './given-node-red.ts';

const orphans = suite('when the hub is killed');

/** Runs, and is no zombie. */
const lives = (pid: number): boolean =>
  existsSync(`/proc/${pid}/stat`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));

const cpuTicks = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return Number(fields[11]);
};

for (const [what, code] of [
  ['at rest', 'return null;'],
  ['in an endless loop', 'await new Promise((r) => setTimeout(r, 1)); while (true) {}'],
] as const)
  orphans(`Node-RED ${what} does not outlive it`, async () => {
    const stateFolder = mkdtempSync(join(tmpdir(), 'jirani-orphan-'));
    const flow = tab(
      {
        id: 'once',
        type: 'inject',
        once: true,
        onceDelay: 0.1,
        repeat: '',
        props: [],
        wires: [['fn']],
      },
      { id: 'fn', type: 'function', func: code, outputs: 1, timeout: 1, libs: [] },
    );
    writeFileSync(join(stateFolder, 'flows.json'), JSON.stringify(flow));
    const parent = fork(join(import.meta.dirname, 'parent.ts'), [
      stateFolder,
      String(await freePort()),
    ]);
    const [{ pid }] = (await once(parent, 'message')) as [{ pid: number }];
    assert.ok(lives(pid));
    // Half a second of work: it has started, or runs in its loop.
    await until('it works', () => cpuTicks(pid) > (what === 'at rest' ? 50 : 250));
    parent.kill('SIGKILL');
    await until('it has ended', () => !lives(pid));
    rmSync(stateFolder, { recursive: true, force: true });
  });

orphans.run();
