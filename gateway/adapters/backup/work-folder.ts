/** A folder for copies in the clear: beside the databases, readable by their owner only, and gone afterwards. */
import { closeSync, fsyncSync, mkdtempSync, openSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const workName = 'backup-work-';

/** Also forgets what a power cut left of earlier ones; only one backup may run at a time. */
export function openWorkFolder(dataDir: string): Disposable & { readonly path: string } {
  for (const name of readdirSync(dataDir))
    if (name.startsWith(workName)) rmSync(join(dataDir, name), { recursive: true, force: true });
  const path = mkdtempSync(join(dataDir, workName));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** What was renamed in the folder is on the disk when this returns. */
export function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
