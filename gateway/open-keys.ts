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

export type FlowsKeys = {
  /** Of the flows' user, on the hub's own broker. */
  readonly mqttPassword: string;
  /** Opens the calls that only look at readings. */
  readonly readToken: string;
  /** Of the keeper, for Node-RED's editor. */
  readonly editorPassword: string;
};

/** Made only where flows run. None of them opens anything else of the hub. */
export const openFlowsKeys = (dataDir: string): FlowsKeys => ({
  mqttPassword: readOrMake(join(dataDir, 'flows-password'), 24),
  readToken: readOrMake(join(dataDir, 'flows-read-token'), 24),
  editorPassword: readOrMake(join(dataDir, 'flows-editor-password'), 9),
});

/** Of Home Assistant's user on the hub's own broker; made only where it is wanted. */
export const openDisplayPassword = (dataDir: string): string =>
  readOrMake(join(dataDir, 'home-assistant-password'), 24);

const passphraseLengthLeast = 12;
/** As systemd hands it over: LoadCredential=solana-passphrase:…, or LoadCredentialEncrypted=. */
const credentialName = 'solana-passphrase';
const backupCredential = 'backup-passphrase';

/**
 * What opens the keystore: systemd's credential, else the file that the configuration names. Undefined on the local
 * ledger without either, whose keys guard nothing of worth. Throws when a public cluster has none, and when the file
 * can be read by others or is too short to be a secret.
 */
export function chainPassphrase(config: PassphraseConfig): string | undefined {
  const { CREDENTIALS_DIRECTORY, SOLANA_PASSPHRASE_PATH, SOLANA_CLUSTER } = config;
  const credential =
    CREDENTIALS_DIRECTORY === undefined ? undefined : join(CREDENTIALS_DIRECTORY, credentialName);
  // What an access list lets the unit's own user read shows as the group's right to read (acl(5)).
  if (credential !== undefined && existsSync(credential)) return readPassphrase(credential, 0o037);
  const file = SOLANA_PASSPHRASE_PATH;
  if (file === undefined) {
    if (SOLANA_CLUSTER === 'embedded') return undefined;
    throw new Error(
      `SOLANA_CLUSTER=${SOLANA_CLUSTER} needs a passphrase for its keys: systemd's credential ${credentialName}, or SOLANA_PASSPHRASE_PATH`,
    );
  }
  return readPassphrase(file);
}

/** The first line of a file that only its owner may read. `mustNot`: the rights that nobody else may have. */
export function readPassphrase(file: string, mustNot = groupAndOthers): string {
  refuseIfOpen(file, mustNot);
  const passphrase = readFileSync(file, 'utf8').split('\n')[0]?.trim() ?? '';
  if (passphrase.length >= passphraseLengthLeast) return passphrase;
  throw new Error(`the passphrase in ${file} is shorter than ${passphraseLengthLeast} characters`);
}

/**
 * What seals backups: systemd's credential, else the file that the configuration names. Undefined without either; the
 * installer leaves an empty credential for the keeper to fill. Throws as the other does.
 */
export function backupPassphrase(config: BackupPassphraseConfig): string | undefined {
  const { CREDENTIALS_DIRECTORY, BACKUP_PASSPHRASE_PATH } = config;
  const credential =
    CREDENTIALS_DIRECTORY === undefined ? undefined : join(CREDENTIALS_DIRECTORY, backupCredential);
  if (credential !== undefined && (statSync(credential, { throwIfNoEntry: false })?.size ?? 0) > 0)
    return readPassphrase(credential, 0o037);
  return BACKUP_PASSPHRASE_PATH === undefined ? undefined : readPassphrase(BACKUP_PASSPHRASE_PATH);
}

type BackupPassphraseConfig = {
  readonly BACKUP_PASSPHRASE_PATH?: string | undefined;
  readonly CREDENTIALS_DIRECTORY?: string | undefined;
};

type PassphraseConfig = {
  readonly SOLANA_CLUSTER: 'embedded' | 'devnet' | 'mainnet-beta';
  readonly SOLANA_PASSPHRASE_PATH?: string | undefined;
  readonly CREDENTIALS_DIRECTORY?: string | undefined;
};

const groupAndOthers = 0o077;

function refuseIfOpen(file: string, mustNot = groupAndOthers): void {
  if ((statSync(file).mode & mustNot) !== 0)
    throw new Error(`${file} can be read by others: chmod 600 it`);
}

function readOrMake(file: string, bytes: number): string {
  if (existsSync(file)) {
    refuseIfOpen(file);
    return readFileSync(file, 'utf8').trim();
  }
  const secret = randomBytes(bytes).toString('hex');
  const handle = openSync(file, 'wx', 0o600);
  writeSync(handle, `${secret}\n`);
  fsyncSync(handle);
  closeSync(handle);
  return secret;
}
