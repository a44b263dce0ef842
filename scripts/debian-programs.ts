/** Debian programs that some tests need: which are here, and how to get the others. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { debianRoot, hasDebianRoot, makeDebianRoot } from './debian-root.ts';

/** From the program that a test names in `// needs: chromium` to the packages that bring it and what it needs. */
const packages: ReadonlyMap<string, string> = new Map([
  ['chromium', 'chromium'],
  ['clang', 'clang'],
  ['cmake', 'cmake'],
  ['curl', 'curl'],
  ['debootstrap', 'debootstrap'],
  ['doctest', 'doctest-dev'],
  ['g++', 'g++ libc6-dev'],
  // Without the headers of the C library a compiler compiles nothing.
  ['gcc', 'gcc libc6-dev'],
  ['libsodium', 'libsodium-dev'],
  ['mosquitto', 'mosquitto'],
  ['mosquitto_pub', 'mosquitto-clients'],
  ['ninja', 'ninja-build'],
  ['openssl', 'openssl'],
  ['picolibc', 'picolibc-riscv64-unknown-elf'],
  ['qemu-system-riscv32', 'qemu-system-misc'],
  ['riscv64-unknown-elf-gcc', 'gcc-riscv64-unknown-elf'],
  ['systemd-analyze', 'systemd'],
  ['systemd-notify', 'systemd'],
  ['systemd-nspawn', 'systemd-container'],
  ['wasm-ld', 'lld'],
]);

/** Libraries have no program; a file of theirs tells whether they are here. */
const files: ReadonlyMap<string, string> = new Map([
  ['doctest', '/usr/include/doctest/doctest.h'],
  ['libsodium', '/usr/include/sodium.h'],
  ['picolibc', '/usr/lib/picolibc/riscv64-unknown-elf/picolibc.specs'],
]);

/** What else a test may need: the rights of root on a Linux that can mount a file. No package brings it. */
const loopDevices = 'loop-devices';
/** A fresh Debian in a folder, to install into. */
const freshDebian = 'fresh-debian';
/** Node-RED with what its tests need: a package of its own, not Debian's. */
const flows = 'flows';
const top = join(import.meta.dirname, '..');
const hasFlows = (): boolean =>
  existsSync(join(top, 'flows/node_modules/node-red-node-test-helper/package.json'));

const hasLoopDevices = (): boolean => process.getuid?.() === 0 && existsSync('/dev/loop-control');

export const installLine = 'scripts/test --install';

export const isKnown = (program: string): boolean =>
  packages.has(program) || [loopDevices, flows, freshDebian].includes(program);

/** Debian keeps daemons in /usr/sbin, which is not in the PATH of an ordinary user. */
export const isPresent = (program: string): boolean =>
  (program === loopDevices && hasLoopDevices()) ||
  (program === flows && hasFlows()) ||
  (program === freshDebian && hasDebianRoot()) ||
  existsSync(files.get(program) ?? '') ||
  [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/usr/local/sbin'].some(
    (folder) => folder !== '' && existsSync(join(folder, program)),
  );

/** Installs what is missing, as root. Answers what went wrong, or undefined. */
export function installMissing(): string | undefined {
  if (!hasFlows() && !installFlows()) return 'Node-RED could not be installed in flows/';
  const missing = [...packages]
    .filter(([program]) => !isPresent(program))
    .flatMap(([, names]) => names.split(' '))
    .filter((name, index, all) => all.indexOf(name) === index);
  return (missing.length === 0 ? undefined : installPackages(missing)) ?? installDebian();
}

/** As root alone: nobody else can install into it. */
const installDebian = (): string | undefined =>
  process.getuid?.() === 0 && !existsSync(debianRoot) ? makeDebianRoot() : undefined;

function installPackages(missing: readonly string[]): string | undefined {
  if (process.getuid?.() !== 0)
    return `installing ${missing.join(' ')} needs root: sudo ${installLine}`;

  // RUNLEVEL=1 keeps a freshly installed daemon from starting and taking the port of the hub's broker.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  for (const words of [['update'], ['install', '--yes', '--no-install-recommends', ...missing]]) {
    const { status } = spawnSync('apt-get', words, { env, stdio: ['ignore', 2, 2] });
    if (status !== 0) return `apt-get ${words.join(' ')} ended with ${status ?? 'a signal'}`;
  }
  return undefined;
}

function installFlows(): boolean {
  const words = ['-c', '. "$top/scripts/prepare.sh" && install_flows --include=dev'];
  const { status } = spawnSync('sh', words, {
    env: { ...process.env, top },
    stdio: ['ignore', 2, 2],
  });
  return status === 0;
}
