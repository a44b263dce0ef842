/** A whole Debian that is started: its own systemd runs our units. Nothing of it outlives its test. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { top } from './a-release.ts';
import { aRoot, type Ended } from './a-root.ts';

const lookEveryMs = 200;
const bootMs = 60_000;
const commandMs = 120_000;

/** In a process namespace of its own, so that killing its first process ends all of them. */
const ownNamespace = ['--pid', '--fork', '--kill-child', '--mount-proc'];

export type Machine = AsyncDisposable & {
  /** Runs a command as its root, to the end. */
  run(...words: readonly string[]): Ended;
  /** What `systemctl show` says of a property. */
  show(unit: string, property: string): string;
  /** Waits until it is so. */
  until(what: string, holds: () => boolean): Promise<void>;
};

/** `folders` are seen inside under the names that they have here, and so are this checkout's packages. */
export async function aMachine(...folders: readonly string[]): Promise<Machine> {
  const root = aRoot();
  const binds = [top, ...folders].map((folder) => `--bind-ro=${folder}`);
  const machine = spawn(
    'unshare',
    [
      ...ownNamespace,
      ...['systemd-nspawn', '--quiet', '--directory', root.path, '--boot'],
      ...['--register=no', '--keep-unit', '--private-network'],
      ...binds,
    ],
    { stdio: 'ignore' },
  );
  const ended = once(machine, 'exit');
  const enter = () => ['-t', String(firstProcess(machine.pid ?? 0)), '-a'];
  const run = (...words: readonly string[]): Ended => {
    const { status, stdout, stderr } = spawnSync('nsenter', [...enter(), ...words], {
      encoding: 'utf8',
      timeout: commandMs,
      env: { PATH: '/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
    });
    return { code: status, said: `${stdout}${stderr}` };
  };
  const until = async (what: string, holds: () => boolean) => {
    for (let waited = 0; waited < bootMs; waited += lookEveryMs) {
      if (holds()) return;
      await sleep(lookEveryMs);
    }
    throw new Error(`${what}: not within ${bootMs / 1_000} s`);
  };
  const close = async () => {
    machine.kill('SIGKILL');
    await ended;
    // The namespace is taken apart a moment after its first process has gone.
    for (let tries = 0; isUsed(root.path) && tries < 50; tries += 1) await sleep(lookEveryMs);
    root[Symbol.dispose]();
  };
  try {
    await until(
      'the machine has started',
      () =>
        firstProcess(machine.pid ?? 0) !== undefined &&
        /running|degraded/.test(run('systemctl', 'is-system-running').said),
    );
  } catch (error) {
    await close();
    throw error;
  }
  return {
    run,
    until,
    show: (unit, property) => run('systemctl', 'show', '-p', property, '--value', unit).said.trim(),
    [Symbol.asyncDispose]: close,
  };
}

/** Of the machine, as it is called out here: the child of nspawn, which is the child of unshare. */
function firstProcess(unshare: number): string | undefined {
  const nspawn = childOf(String(unshare));
  return nspawn === undefined ? undefined : childOf(nspawn);
}

function childOf(pid: string): string | undefined {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return children.trim().split(' ')[0] || undefined;
  } catch {
    return undefined;
  }
}

const isUsed = (path: string): boolean =>
  execFileSync('sh', ['-c', 'readlink /proc/[0-9]*/root || true'], { encoding: 'utf8' })
    .split('\n')
    .includes(path);
