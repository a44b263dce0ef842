/** Releases to install: this checkout as it was at one moment, and others with other lines in some of its files. */
import { execFileSync } from 'node:child_process';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const top = join(import.meta.dirname, '../..');

const parts =
  'gateway flows scripts systemd docs package.json package-lock.json LICENSE README.md CHANGELOG.md';

export type Release = Disposable & { readonly folder: string };

/** Its packages are this checkout's own. A change of a file that it has not begins with ''. */
export function aRelease(changes: Changes = {}, from = top): Release {
  const folder = mkdtempSync(join(tmpdir(), 'jirani-release-'));
  const copy = `tar -C "$0" -c --exclude=node_modules ${parts} | tar -x -C "$1"`;
  execFileSync('sh', ['-c', copy, from, folder]);
  for (const [name, change] of Object.entries(changes)) {
    const file = join(folder, name);
    writeFileSync(file, change(readIfThere(file)));
  }
  for (const name of ['node_modules', 'flows/node_modules'])
    symlinkSync(join(top, name), join(folder, name));
  return {
    folder,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

type Changes = Readonly<Record<string, (text: string) => string>>;

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** As it is handed on: one file, with a folder in it. */
export function tarballOf(release: Release): string {
  const file = join(release.folder, 'jirani.tar.gz');
  execFileSync('tar', [
    '-C',
    release.folder,
    '-czf',
    file,
    '--transform',
    's,^,jirani/,',
    ...parts.split(' '),
  ]);
  return file;
}

/** A hub that opens everything, its books too, and falls. */
export const fallsAfterOpening = (start: string): string => {
  const fallen = start.replace('  await toldToEnd();', "  throw new Error('this release is bad');");
  if (fallen === start) throw new Error('start.ts has no such line any more');
  return fallen;
};

/** The file of the next migration of a release's books, or of one after it. */
export function nextMigration({ folder: release }: Release, ahead: number): string {
  const folder = 'gateway/adapters/sqlite/migrations';
  const number = String(readdirSync(join(release, folder)).length + ahead).padStart(3, '0');
  return `${folder}/${number}-next.sql`;
}
