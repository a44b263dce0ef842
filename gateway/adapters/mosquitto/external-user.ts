/** By what name and password the hub and its flows enter an existing broker; a file of mode 0600. */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const fileName = 'mosquitto-user.json';
const passwordBytes = 24;

const entrance = z.object({ username: z.string().min(1), password: z.string().min(1) });
const users = z.object({ gateway: entrance, flows: entrance });

export type ExternalUsers = z.infer<typeof users>;

/** No meter can be called so: meters' ids that people choose have no dot. */
const gatewayName = 'jirani.gateway';
const flowsName = 'jirani.flows';

/** Undefined when none was made yet. Throws when the file is damaged or can be read by others. */
export function readExternalUser(dataDir: string): ExternalUsers | undefined {
  const file = join(dataDir, fileName);
  if (!existsSync(file)) return undefined;
  if ((statSync(file).mode & 0o077) !== 0)
    throw new Error(`${file} can be read by others: chmod 600 it`);
  const read = users.safeParse(readJson(file));
  if (read.success) return read.data;
  throw new Error(`${file} is damaged: remove it, and run \`broker config\` again`);
}

/** Makes the file at the first call. */
export function externalUserIn(dataDir: string): ExternalUsers {
  const known = readExternalUser(dataDir);
  if (known !== undefined) return known;
  const made = { gateway: newEntrance(gatewayName), flows: newEntrance(flowsName) };
  const handle = openSync(join(dataDir, fileName), 'wx', 0o600);
  try {
    writeSync(handle, `${JSON.stringify(made, null, 2)}\n`);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  return made;
}

const newEntrance = (username: string) => ({
  username,
  password: randomBytes(passwordBytes).toString('base64url'),
});

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
