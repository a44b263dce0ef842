/**
 * The hub's keys: sealed in one file. Whoever loses the marker secret loses the guard against moving tokens twice,
 * so a hub that already has a mint never makes a missing key anew.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Keypair } from '@solana/web3.js';
import type { HouseholdId } from '../../core/ids.ts';
import {
  makeKeyFolder,
  readKeyFile,
  refuseIfShared,
  syncFolder,
  writeKeyFile,
} from './key-files.ts';
import { seal, unseal } from './keystore.ts';

const secretBytes = 32;
/** Derived keys are kept in memory for the whole neighbourhood; a bigger one derives them again. */
const householdsMax = 2000;
/** Each is asked about wherever a winner is looked for. */
export const formerHubsMost = 4;
const keystoreFile = 'keystore.json';
const factsFile = 'chain.json';
/** Of the local ledger only, where there is nothing to win; said so at every start. */
export const localPassphraseFile = 'passphrase';

/** What is sealed, by the names that an older hub gave to the files in which it kept them openly. */
const secretNames = [
  'hub.key',
  'mint-authority.key',
  'mint.key',
  'household.secret',
  'marker.secret',
] as const;
type SecretName = (typeof secretNames)[number];
/** With these, what a rotation has left behind or not finished. */
type Secrets = Record<SecretName, string> & Record<string, string>;
const nextMintAuthority = 'mint-authority.next';
const formerHub = /^hub\.former-(\d+)$/;

/** Which chain and which mint these keys have worked with. */
export type ChainFacts = { readonly genesisHash: string; readonly mint: string };

export type Keyring = {
  /** Pays fees and moves tokens as the households' delegate. */
  readonly hub: Keypair;
  /** Fee payers of before, the newest first: markers at their addresses still tell what has landed. */
  readonly formerHubs: readonly Keypair[];
  readonly mintAuthority: Keypair;
  /** The key to which the mint is being handed over. */
  readonly nextMintAuthority: Keypair | undefined;
  /** The mint has been handed over, finally: from now on the next key is the only one. On disk when it returns. */
  readonly finishMintAuthority: () => void;
  /** Signs the creation of the mint; its address is the mint. */
  readonly mint: Keypair;
  readonly markerSecret: Uint8Array;
  household(id: HouseholdId): Keypair;
  readonly facts: () => ChainFacts | undefined;
  /** On disk when it returns. */
  readonly remember: (facts: ChainFacts) => void;
};

/**
 * Opens the keystore, or makes one with fresh keys. Without a passphrase it uses the one that lies beside it, made at
 * the first start. Throws when anybody else may read folder or files (no group or other bits), when the passphrase is
 * wrong, or when the keys of a working hub are missing or damaged.
 */
export function openKeyring(keyDir: string, passphrase?: string): Keyring {
  makeKeyFolder(keyDir);
  refuseIfShared(keyDir, 'the key folder');
  const facts = readFacts(keyDir);
  const opened = passphrase ?? localPassphrase(keyDir);
  const secrets = openSecrets(keyDir, opened, facts !== undefined);
  let authorities = authoritiesIn(secrets);

  const households = new Map<HouseholdId, Keypair>();
  const householdSecret = Buffer.from(secrets['household.secret'], 'hex');
  return {
    hub: keypairOf(secrets['hub.key']),
    formerHubs: formerNames(secrets).map((name) => keypairOf(secrets[name])),
    get mintAuthority() {
      return authorities.now;
    },
    get nextMintAuthority() {
      return authorities.next;
    },
    finishMintAuthority() {
      const done = changeSecrets(keyDir, opened, promoteMintAuthority);
      authorities = authoritiesIn(done);
    },
    mint: keypairOf(secrets['mint.key']),
    markerSecret: new Uint8Array(Buffer.from(secrets['marker.secret'], 'hex')),
    household(id) {
      const found = households.get(id);
      if (found !== undefined) return found;
      if (households.size >= householdsMax) households.clear();
      const seed = createHmac('sha256', householdSecret).update(`household:${id}`).digest();
      const made = Keypair.fromSeed(seed);
      households.set(id, made);
      return made;
    },
    facts: () => readFacts(keyDir),
    remember: (known) => writeKeyFile(keyDir, factsFile, `${JSON.stringify(known)}\n`),
  };
}

const keypairOf = (secret: string | undefined): Keypair =>
  Keypair.fromSeed(Buffer.from(secret ?? '', 'hex'));

function authoritiesIn(secrets: Secrets) {
  const { [nextMintAuthority]: next, 'mint-authority.key': now } = secrets;
  return { now: keypairOf(now), next: next === undefined ? undefined : keypairOf(next) };
}

/** The newest first. */
const formerNames = (secrets: Secrets): string[] =>
  Object.keys(secrets)
    .filter((name) => formerHub.test(name))
    .sort((a, b) => numberOf(b) - numberOf(a));
const numberOf = (name: string): number => Number(formerHub.exec(name)?.[1] ?? 0);

const freshSecret = (): string => randomBytes(secretBytes).toString('hex');

/**
 * A fresh fee payer in place of the old one, which stays in the keystore for its markers. Nothing that was signed by
 * the old one may be under way. On disk when it returns. Throws when `formerHubsMost` are kept already.
 */
export function replaceFeePayer(keyDir: string, passphrase: string | undefined): void {
  changeSecrets(keyDir, passphrase ?? localPassphrase(keyDir), (secrets) => {
    const [newest, ...older] = formerNames(secrets);
    if (older.length + 1 >= formerHubsMost)
      throw new Error(`${formerHubsMost} former fee payers are kept: forget them first`);
    const place = `hub.former-${newest === undefined ? 1 : numberOf(newest) + 1}`;
    return { ...secrets, [place]: secrets['hub.key'], 'hub.key': freshSecret() };
  });
}

/** Notes the key to which the mint shall be handed over; one that is noted already stays. On disk when it returns. */
export function intendMintAuthority(keyDir: string, passphrase: string | undefined): void {
  changeSecrets(keyDir, passphrase ?? localPassphrase(keyDir), (secrets) => ({
    ...secrets,
    [nextMintAuthority]: secrets[nextMintAuthority] ?? freshSecret(),
  }));
}

/** For when no marker of theirs is left and nothing of theirs is under way. */
export function forgetFormerFeePayers(keyDir: string, passphrase: string | undefined): void {
  changeSecrets(
    keyDir,
    passphrase ?? localPassphrase(keyDir),
    (secrets) =>
      Object.fromEntries(
        Object.entries(secrets).filter(([name]) => !formerHub.test(name)),
      ) as Secrets,
  );
}

function promoteMintAuthority(secrets: Secrets): Secrets {
  const { [nextMintAuthority]: next, ...others } = secrets;
  return { ...others, ...(next === undefined ? {} : { 'mint-authority.key': next }) } as Secrets;
}

/** One write: the keystore before or the keystore after, whatever the power does. */
function changeSecrets(
  keyDir: string,
  passphrase: string,
  change: (secrets: Secrets) => Secrets,
): Secrets {
  const text = readKeyFile(keyDir, keystoreFile);
  if (text === undefined) throw new Error('there is no keystore yet');
  const changed = change(checked(unseal(text, passphrase)));
  writeKeyFile(keyDir, keystoreFile, seal(changed, passphrase));
  return changed;
}

/** Seals the same keys with another passphrase. Throws when the old one does not open them. */
export function changePassphrase(keyDir: string, before: string | undefined, after: string): void {
  refuseIfShared(keyDir, 'the key folder');
  const text = readKeyFile(keyDir, keystoreFile);
  if (text === undefined) throw new Error('there is no keystore yet');
  const secrets = unseal(text, before ?? localPassphrase(keyDir));
  writeKeyFile(keyDir, keystoreFile, seal(secrets, after));
  // The old one opens nothing any more, and a file that looks like a key would only mislead.
  rmSync(join(keyDir, localPassphraseFile), { force: true });
  syncFolder(keyDir);
}

function openSecrets(keyDir: string, passphrase: string, mustExist: boolean): Secrets {
  const text = readKeyFile(keyDir, keystoreFile);
  if (text !== undefined) {
    const secrets = checked(unseal(text, passphrase));
    forgetOpenFiles(keyDir);
    return secrets;
  }
  const secrets = Object.fromEntries(
    secretNames.map((name) => [name, openFile(keyDir, name, mustExist)]),
  ) as Secrets;
  writeKeyFile(keyDir, keystoreFile, seal(secrets, passphrase));
  forgetOpenFiles(keyDir);
  return secrets;
}

/** What an older hub kept openly, or a fresh secret for a fresh hub. */
function openFile(keyDir: string, name: SecretName, mustExist: boolean): string {
  const text = readKeyFile(keyDir, name)?.trim();
  if (text === undefined) {
    if (mustExist) throw new Error("the keystore is missing: restore the key folder's backup");
    return randomBytes(secretBytes).toString('hex');
  }
  if (!isSecret(text)) throw new Error(`the key ${name} is damaged`);
  return text;
}

function forgetOpenFiles(keyDir: string): void {
  for (const name of secretNames) rmSync(join(keyDir, name), { force: true });
  syncFolder(keyDir);
}

const isSecret = (text: string | undefined): boolean => /^[0-9a-f]{64}$/.test(text ?? '');

function checked(secrets: Record<string, string>): Secrets {
  const wrong = [...secretNames, ...Object.keys(secrets)].find((name) => !isSecret(secrets[name]));
  if (wrong !== undefined) throw new Error(`the key ${wrong} in the keystore is damaged`);
  return secrets as Secrets;
}

function localPassphrase(keyDir: string): string {
  const text = readKeyFile(keyDir, localPassphraseFile)?.trim();
  if (text !== undefined) return text;
  if (readKeyFile(keyDir, keystoreFile) !== undefined)
    throw new Error(
      'the keystore needs its passphrase: say where it is, see SOLANA_PASSPHRASE_PATH',
    );
  const made = randomBytes(secretBytes).toString('hex');
  writeKeyFile(keyDir, localPassphraseFile, `${made}\n`);
  return made;
}

function readFacts(keyDir: string): ChainFacts | undefined {
  const text = readKeyFile(keyDir, factsFile);
  if (text === undefined) return undefined;
  const facts: unknown = JSON.parse(text);
  if (typeof facts === 'object' && facts !== null && 'genesisHash' in facts && 'mint' in facts) {
    return { genesisHash: String(facts.genesisHash), mint: String(facts.mint) };
  }
  throw new Error(`${factsFile} is damaged: restore the key folder's backup`);
}
