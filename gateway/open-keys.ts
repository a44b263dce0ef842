/** Secrets that the hub makes for itself at the first start; files of mode 0600 in its data folder. */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

export type HubKeys = { readonly operatorToken: string; readonly hubKey: Uint8Array };

/** Throws when a file can be read by others. */
export function openKeys(dataDir: string, operatorToken: string | undefined): HubKeys {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  return {
    operatorToken: operatorToken ?? readOrMake(join(dataDir, 'operator-token'), 24),
    hubKey: Buffer.from(readOrMake(join(dataDir, 'hub-key'), 32), 'hex'),
  };
}

function readOrMake(file: string, bytes: number): string {
  if (existsSync(file)) {
    if ((statSync(file).mode & 0o077) !== 0)
      throw new Error(`${file} can be read by others: chmod 600 it`);
    return readFileSync(file, 'utf8').trim();
  }
  const secret = randomBytes(bytes).toString('hex');
  const handle = openSync(file, 'wx', 0o600);
  writeSync(handle, `${secret}\n`);
  fsyncSync(handle);
  closeSync(handle);
  return secret;
}
