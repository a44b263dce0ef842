/** Files that only their owner may read, written so that a power cut leaves them whole or absent. */
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

const groupAndOthers = 0o077;

/** Makes the folder, 0700. */
export function makeKeyFolder(folder: string): void {
  if (existsSync(folder)) return;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
}

/** Throws when anybody but the owner has any right. */
export function refuseIfShared(path: string, name: string): void {
  const mode = statSync(path).mode & 0o777;
  if ((mode & groupAndOthers) === 0) return;
  throw new Error(
    `${name} is open to others (mode ${mode.toString(8)}): take away all group and other rights`,
  );
}

/** Undefined when absent. Throws when others may read it. */
export function readKeyFile(folder: string, name: string): string | undefined {
  const path = join(folder, name);
  if (!existsSync(path)) return undefined;
  refuseIfShared(path, name);
  return readFileSync(path, 'utf8');
}

/** On disk when it returns, and in place of what was there. */
export function writeKeyFile(folder: string, name: string, text: string): void {
  const path = join(folder, name);
  const file = openSync(`${path}.new`, 'w', 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(`${path}.new`, path);
  syncFolder(folder);
}

export function syncFolder(folder: string): void {
  const parent = openSync(folder, 'r');
  try {
    fsyncSync(parent);
  } finally {
    closeSync(parent);
  }
}
