/**
 * The hub's keys on disk. Whoever loses the marker secret loses the guard against moving tokens twice, so
 * a hub that already has a mint never makes a missing key anew.
 */
import { createHmac, randomBytes } from 'node:crypto';
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
import { Keypair } from '@solana/web3.js';
import type { HouseholdId } from '../../core/ids.ts';

const secretBytes = 32;
const groupAndOthers = 0o077;
/** Derived keys are kept in memory for the whole neighbourhood; a bigger one derives them again. */
const householdsMax = 2000;
const factsFile = 'chain.json';

/** Which chain and which mint these keys have worked with. */
export type ChainFacts = { readonly genesisHash: string; readonly mint: string };

export type Keyring = {
  /** Pays fees and moves tokens as the households' delegate. */
  readonly hub: Keypair;
  readonly mintAuthority: Keypair;
  /** Signs the creation of the mint; its address is the mint. */
  readonly mint: Keypair;
  readonly markerSecret: Uint8Array;
  household(id: HouseholdId): Keypair;
  readonly facts: () => ChainFacts | undefined;
  /** On disk when it returns. */
  readonly remember: (facts: ChainFacts) => void;
};

/**
 * Opens the folder, or makes it with fresh keys. Throws when anybody else may read it (no group or other
 * bits, folder and files), or when a key of a working hub is missing or damaged.
 */
export function openKeyring(keyDir: string): Keyring {
  if (!existsSync(keyDir)) {
    mkdirSync(keyDir, { recursive: true, mode: 0o700 });
    chmodSync(keyDir, 0o700);
  }
  refuseIfShared(keyDir, 'key folder');
  const factsPath = join(keyDir, factsFile);
  const known = existsSync(factsPath);
  if (known) refuseIfShared(factsPath, factsFile);
  const secret = (name: string) => openSecret(keyDir, name, known);

  const households = new Map<HouseholdId, Keypair>();
  const householdSecret = secret('household.secret');
  return {
    hub: Keypair.fromSeed(secret('hub.key')),
    mintAuthority: Keypair.fromSeed(secret('mint-authority.key')),
    mint: Keypair.fromSeed(secret('mint.key')),
    markerSecret: secret('marker.secret'),
    household(id) {
      const found = households.get(id);
      if (found !== undefined) return found;
      if (households.size >= householdsMax) households.clear();
      const seed = createHmac('sha256', householdSecret).update(`household:${id}`).digest();
      const made = Keypair.fromSeed(seed);
      households.set(id, made);
      return made;
    },
    facts: () => (existsSync(factsPath) ? readFacts(readFileSync(factsPath, 'utf8')) : undefined),
    remember: (facts) => writeDurably(keyDir, factsFile, `${JSON.stringify(facts)}\n`),
  };
}

function openSecret(keyDir: string, name: string, mustExist: boolean): Uint8Array {
  const path = join(keyDir, name);
  if (!existsSync(path)) {
    if (mustExist) throw new Error(`the key ${name} is missing: restore the key folder's backup`);
    writeDurably(keyDir, name, `${randomBytes(secretBytes).toString('hex')}\n`);
  }
  refuseIfShared(path, name);
  const text = readFileSync(path, 'utf8').trim();
  if (!/^[0-9a-f]{64}$/.test(text)) throw new Error(`the key ${name} is damaged`);
  return new Uint8Array(Buffer.from(text, 'hex'));
}

function refuseIfShared(path: string, name: string): void {
  const mode = statSync(path).mode & 0o777;
  if ((mode & groupAndOthers) === 0) return;
  throw new Error(
    `${name} is open to others (mode ${mode.toString(8)}): take away all group and other rights`,
  );
}

function readFacts(text: string): ChainFacts {
  const facts: unknown = JSON.parse(text);
  if (typeof facts === 'object' && facts !== null && 'genesisHash' in facts && 'mint' in facts) {
    return { genesisHash: String(facts.genesisHash), mint: String(facts.mint) };
  }
  throw new Error(`${factsFile} is damaged: restore the key folder's backup`);
}

/** After a power cut the file is whole or absent, never half. */
function writeDurably(folder: string, name: string, text: string): void {
  const path = join(folder, name);
  const file = openSync(`${path}.new`, 'w', 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(`${path}.new`, path);
  const parent = openSync(folder, 'r');
  try {
    fsyncSync(parent);
  } finally {
    closeSync(parent);
  }
}
