/** Copies of the hub, as an installer unpacks them. */
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const top = resolve(import.meta.dirname, '../..');
/** The last two are for a hub that is broken on purpose. */
const copied = [
  'gateway',
  'package.json',
  'test/soak/faulty-program.ts',
  'test/power-cut/faults.ts',
];
const linked = ['node_modules', 'flows'];

/** The hub as it is now, in a folder of its own; with another version where one is given. */
export function makeRelease(place: string, name: string, version?: string): string {
  const folder = join(place, 'releases', name);
  mkdirSync(folder, { recursive: true });
  for (const part of copied) cpSync(join(top, part), join(folder, part), { recursive: true });
  for (const part of linked) symlinkSync(join(top, part), join(folder, part));
  if (version !== undefined)
    writeFileSync(
      join(folder, 'gateway/version.ts'),
      `/** The version of a release that the soak makes. */\nexport const version = '${version}';\n`,
    );
  return folder;
}
