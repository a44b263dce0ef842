/** What the hub gives to its flows: where it is, and the keeper's password for the editor, kept as a hash. */
import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { readJsonFile, writeWhole } from './flow-file.ts';
import type { HubAccess } from './nodes/lib/node-red.ts';

/** As the hub says it, on standard input or in systemd's credential. */
export type GivenAccess = { readonly hub: HubAccess; readonly editorPassword: string };

export type KeptAccess = {
  readonly hub: HubAccess;
  readonly editorPasswordHash: string;
  readonly credentialSecret: string;
};

type Bcrypt = {
  hashSync(text: string, rounds: number): string;
  compareSync(text: string, hash: string): boolean;
};

const hashRounds = 10;
const secretBytes = 24;

/** Made anew only where something changed: a hash takes a Pi a while. */
export function keepAccess(stateFolder: string, given: GivenAccess): void {
  const file = join(stateFolder, 'access.json');
  const before = readJsonFile(file) as Partial<KeptAccess> | undefined;
  const bcrypt = createRequire(import.meta.url)('bcryptjs') as Bcrypt;
  const { editorPassword, hub } = given;
  const hash = before?.editorPasswordHash;
  const isSame = hash !== undefined && bcrypt.compareSync(editorPassword, hash);
  const kept: KeptAccess = {
    hub,
    editorPasswordHash: isSame ? hash : bcrypt.hashSync(editorPassword, hashRounds),
    credentialSecret: before?.credentialSecret ?? randomBytes(secretBytes).toString('hex'),
  };
  if (JSON.stringify(kept) !== JSON.stringify(before)) writeWhole(file, JSON.stringify(kept));
}
