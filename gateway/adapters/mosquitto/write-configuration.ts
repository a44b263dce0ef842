/** Puts Mosquitto's files in their folder; each is whole at every moment, also when the power fails. */
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Configuration } from './configuration.ts';

/** Readable by the folder's group: Mosquitto gives up being root before it reads them again. */
const fileMode = 0o640;
const folderMode = 0o750;

/** Answers the paths that were written. Throws when the folder cannot be written. */
export function writeConfiguration(folder: string, files: Configuration): string[] {
  mkdirSync(folder, { recursive: true, mode: folderMode });
  return Object.entries(files).map(([name, text]) => {
    const file = join(folder, name);
    const fresh = `${file}.new`;
    rmSync(fresh, { force: true });
    const handle = openSync(fresh, 'wx', fileMode);
    try {
      writeSync(handle, text);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(fresh, file);
    return file;
  });
}
