/** A fresh Debian in a folder, for the tests of the installer: this machine's own release, made once by debootstrap. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Only root can make and use it; it holds nothing of the project. */
const cache = '/var/cache/jirani-tests';

function ownRelease(): string {
  const about = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  return /^VERSION_CODENAME=(\w+)$/m.exec(about)?.[1] ?? 'stable';
}

export const debianRoot = join(cache, `debian-${ownRelease()}`);

export const hasDebianRoot = (): boolean => process.getuid?.() === 0 && existsSync(debianRoot);

/** Downloads some 60 MB. Answers what went wrong, or undefined. */
export function makeDebianRoot(): string | undefined {
  mkdirSync(cache, { recursive: true });
  const half = mkdtempSync(join(cache, 'half-'));
  const words = ['--variant=minbase', '--include=systemd', ownRelease(), half];
  const { status } = spawnSync('debootstrap', words, { stdio: ['ignore', 2, 2] });
  if (status === 0) {
    renameSync(half, debianRoot);
    return undefined;
  }
  rmSync(half, { recursive: true, force: true });
  return `debootstrap ended with ${status ?? 'a signal'}`;
}
