/** Puts what the keeper drew onto the disk: Node-RED itself may not, under Node's permission model. */
import { closeSync, fsync, openSync, statSync } from 'node:fs';
import { join } from 'node:path';

const names = ['flows.json', 'flows_cred.json'];

/** To be asked now and then; answers whether the flows were changed since the last time. */
export function watchFiles(stateFolder: string): () => boolean {
  const seen = new Map(names.map((name) => [name, changedAt(join(stateFolder, name))]));
  return () => {
    const changed = names.filter((name) => {
      const now = changedAt(join(stateFolder, name));
      const isNew = now !== undefined && now !== seen.get(name);
      seen.set(name, now);
      return isNew;
    });
    for (const name of [...changed, '.']) if (changed.length > 0) flush(join(stateFolder, name));
    return changed.includes('flows.json');
  };
}

/** In the background: an SD card may take a second, and nothing waits for it. */
function flush(file: string): void {
  try {
    const handle = openSync(file, 'r');
    fsync(handle, () => closeSync(handle));
  } catch {
    // It was replaced at this moment; the next look finds it.
  }
}

const changedAt = (file: string): number | undefined =>
  statSync(file, { throwIfNoEntry: false })?.mtimeMs;
