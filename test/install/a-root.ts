/** A fresh Debian of our own to install into, and what the installer says and leaves there. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { debianRoot } from '../../scripts/debian-root.ts';
import type { Release } from './a-release.ts';

/** Seconds that a tried release must live: a test does not wait longer than it must. */
const stay = ['--stay', '0'];
const installMs = 100_000;

export type Root = Disposable & {
  readonly path: string;
  has(file: string): boolean;
  read(file: string): string;
  /** The release that `current` names. */
  current(): string;
  /** Every file, link and folder of the installation with its content's time and kind, to be compared. */
  picture(): string;
  /** Runs a program of the root inside it. */
  run(...words: readonly string[]): string;
};

export function aRoot(): Root {
  const path = mkdtempSync(join(tmpdir(), 'jirani-root-'));
  execFileSync('cp', ['-a', `${debianRoot}/.`, path]);
  return rootAt(path);
}

const ours = [
  'opt/jirani',
  'etc',
  'usr/local',
  'usr/lib/sysusers.d',
  'usr/lib/tmpfiles.d',
  'var/lib',
];

/** Folders are touched by lock files; what lies in them counts. */
const telling = ['-type', 'd', '-printf', '%p %m %u\\n', '-o', '-printf', '%p %y %m %u %T@ %l\\n'];

const rootAt = (path: string): Root => ({
  path,
  has: (file) => existsSync(join(path, file)),
  read: (file) => readFileSync(join(path, file), 'utf8'),
  current: () => readlinkSync(join(path, 'opt/jirani/current')).replace('releases/', ''),
  picture: () =>
    execFileSync('find', [...ours, ...telling], {
      cwd: path,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    }),
  run: (...words) => execFileSync('chroot', [path, ...words], { encoding: 'utf8' }),
  [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
});

export type Ended = { readonly code: number | null; readonly said: string };

const command = (root: Root, { folder }: Release, words: readonly string[]) => [
  join(folder, 'scripts/install.sh'),
  ...words,
  ...['--root', root.path],
  ...stay,
];

/** Runs the installer of a release to its end. */
export function installer(root: Root, release: Release, ...words: readonly string[]): Ended {
  const { status, stdout, stderr } = spawnSync('sh', command(root, release, words), {
    encoding: 'utf8',
    timeout: installMs,
  });
  return { code: status, said: `${stdout}${stderr}` };
}

/** Cuts the power as soon as the installer names the step. Throws with what it said when it never does. */
export async function cutAt(
  root: Root,
  release: Release,
  step: string,
  ...words: readonly string[]
): Promise<string[]> {
  const child = spawn('sh', command(root, release, words), {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const closed = once(child, 'close');
  const named: string[] = [];
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  for await (const line of createInterface({ input: child.stdout })) {
    said += `${line}\n`;
    if (!line.startsWith('step: ')) continue;
    named.push(line.slice('step: '.length));
    if (named.at(-1) === step && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  }
  await closed;
  if (!named.includes(step)) throw new Error(`it never came to ${step}: ${said}`);
  return named;
}
