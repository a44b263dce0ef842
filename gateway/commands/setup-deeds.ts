/** Does what was decided: proves the keys, writes the settings, makes chain keys, enrols people and meters. */

import { randomBytes } from 'node:crypto';
import {
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
import { dirname, join, resolve } from 'node:path';
import { tryKeys } from '../adapters/daraja/try-keys.ts';
import { openKeyring } from '../adapters/solana/keys.ts';
import { type OpenBooks, openBooks } from '../adapters/sqlite/open.ts';
import type { Config } from '../config.ts';
import type { HouseholdId } from '../core/ids.ts';
import { withSettings } from '../core/settings-file.ts';
import { epochMs } from '../core/units.ts';
import { chainPassphrase, openKeys } from '../open-keys.ts';
import { mpesaHosts } from '../open-money.ts';
import { enrolHousehold } from '../steps/enrol-household.ts';
import { registerMeter } from '../steps/register-meter.ts';
import { labelLines, writeFlashFile } from './meter-setup.ts';
import { newPassword } from './neighbours.ts';
import type { Answers, NewHousehold } from './setup-answers.ts';

type Settings = Record<string, string>;
export type Say = (line: string) => void;

/** Where settings go: beside systemd's credentials on an installed hub, else `.env` of this folder. */
export const settingsFile = (): string => {
  const credentials = process.env['CREDENTIALS_DIRECTORY'];
  return resolve(credentials === undefined ? '.env' : join(credentials, 'secrets.env'));
};

/** Only what was answered. */
export function settingsOf({
  name,
  county,
  scheme,
  lan,
  mpesa,
  tunnel,
  callbackUrl,
  chain,
}: Answers): Settings {
  const given = {
    HUB_NAME: name,
    HUB_LATITUDE: county && String(county.latitude),
    HUB_LONGITUDE: county && String(county.longitude),
    HUB_LISTEN: lan === undefined ? undefined : lan ? '0.0.0.0' : '127.0.0.1',
    SCHEME: scheme,
    MPESA_ENVIRONMENT: mpesa?.environment,
    MPESA_CONSUMER_KEY: mpesa?.consumerKey,
    MPESA_CONSUMER_SECRET: mpesa?.consumerSecret,
    MPESA_BUSINESS_SHORTCODE: mpesa?.shortcode,
    MPESA_PASSKEY: mpesa?.passkey,
    MPESA_INITIATOR_NAME: mpesa?.initiatorName,
    MPESA_INITIATOR_PASSWORD: mpesa?.initiatorPassword,
    MPESA_CERTIFICATE_PATH: mpesa?.certificate && resolve(mpesa.certificate),
    MPESA_BASE_URL: mpesa?.baseUrl,
    TUNNEL: tunnel,
    PAYMENT_CALLBACK_URL: callbackUrl,
    SOLANA_CLUSTER: chain?.cluster,
    SOLANA_RPC_URLS: chain?.rpcUrls,
  };
  return Object.fromEntries(
    Object.entries(given).filter((one): one is [string, string] => one[1] !== undefined),
  );
}

/** On the disk, mode 0600, and whole whatever the power does. */
export function writeSecret(file: string, text: string): void {
  const half = `${file}.half`;
  const handle = openSync(half, 'w', 0o600);
  try {
    writeSync(handle, text);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(half, file);
}

export const writeSettings = (file: string, settings: Settings): void =>
  writeSecret(file, withSettings(existsSync(file) ? readFileSync(file, 'utf8') : '', settings));

/** Signs in with these keys, before they are written down. Throws when M-Pesa refuses them. */
export async function tryMpesa(config: Config, say: Say): Promise<void> {
  const baseUrl = config.MPESA_BASE_URL ?? mpesaHosts[config.MPESA_ENVIRONMENT];
  if (baseUrl === undefined) return say('M-Pesa is simulated: there is nothing to test.');
  const tried = await tryKeys({
    baseUrl,
    consumerKey: config.MPESA_CONSUMER_KEY ?? '',
    consumerSecret: config.MPESA_CONSUMER_SECRET ?? '',
  });
  if (tried.kind === 'taken') return say('M-Pesa takes the keys: signed in.');
  if (tried.kind === 'refused')
    throw new Error(`M-Pesa does not take these keys: ${tried.why} Nothing was changed.`);
  say(`M-Pesa does not answer now (${tried.why}): scripts/hub doctor tests the keys later.`);
}

/**
 * Files with the passphrases that a hub needs, beside its settings; those that are there stay. Answers the settings
 * that name them.
 */
export function makePassphrases(file: string, answers: Answers, known: Settings): Settings {
  const folder = dirname(file);
  const made: Settings = {};
  const isInstalled = process.env['CREDENTIALS_DIRECTORY'] !== undefined;
  const keep = (name: string, variable: string, text: string) => {
    const place = join(folder, name);
    writeSecret(place, `${text}\n`);
    // On an installed hub systemd hands the file over by its name.
    if (!isInstalled) made[variable] = place;
  };
  if (answers.backupPassphrase !== undefined)
    keep('backup-passphrase', 'BACKUP_PASSPHRASE_PATH', answers.backupPassphrase);
  const isPublic = (answers.chain?.cluster ?? 'embedded') !== 'embedded';
  const isThere =
    known['SOLANA_PASSPHRASE_PATH'] !== undefined || hasText(join(folder, 'solana-passphrase'));
  if (isPublic && !isThere)
    keep('solana-passphrase', 'SOLANA_PASSPHRASE_PATH', randomBytes(24).toString('base64'));
  return made;
}

const hasText = (file: string): boolean =>
  (statSync(file, { throwIfNoEntry: false })?.size ?? 0) > 0;

/** The hub's own keys and its keystore; those that are there stay. */
export function makeKeys(config: Config, say: Say): void {
  openKeys(config.HUB_DATA_DIR, config.HUB_OPERATOR_TOKEN);
  const ring = openKeyring(join(config.HUB_DATA_DIR, 'keys'), chainPassphrase(config));
  say(`The chain keys are in ${join(config.HUB_DATA_DIR, 'keys')}.`);
  if (config.SOLANA_CLUSTER === 'embedded') return;
  say(
    `On ${config.SOLANA_CLUSTER} fees are paid from ${ring.hub.publicKey.toBase58()}: send SOL there,`,
  );
  say('then scripts/hub chain init makes the mint, after saying what it costs.');
}

/** Who is here already stays as it is. Shows a label for each new meter; its password goes into a file to flash from. */
export function enrolAll(config: Config, households: readonly NewHousehold[], say: Say): void {
  mkdirSync(config.HUB_DATA_DIR, { recursive: true, mode: 0o700 });
  using books = openBooks(join(config.HUB_DATA_DIR, 'books.db'));
  for (const household of households) enrol(books, config, household, say);
}

function enrol(
  books: OpenBooks,
  config: Config,
  { meters, ...household }: NewHousehold,
  say: Say,
): void {
  const id = household.id as HouseholdId;
  const now = epochMs(Date.now());
  const enrolled = enrolHousehold({ books }, { ...household, id }, now);
  if (enrolled.ok)
    say(`${household.name} is enrolled as ${id}; its payment code is ${enrolled.value.code}.`);
  else if (enrolled.error === 'id-taken') say(`${id} lives here already.`);
  else return say(`${id} was left out: another household has its phone.`);
  const there = books.households.registrations().filter((one) => one.household === id);
  for (const place of meters.filter((each) => !there.some((one) => one.place === each)))
    addMeter(books, config, { id, place }, say);
  if (enrolled.ok) say(`To let it in, when the hub runs: scripts/hub households qr ${id}`);
}

type NewMeter = { readonly id: HouseholdId; readonly place: 'grid' | 'pv' };

function addMeter(books: OpenBooks, config: Config, { id, place }: NewMeter, say: Say): void {
  const { password, hash, mosquittoHash } = newPassword();
  const order = { household: id, meter: undefined, place, passwordHash: hash, mosquittoHash };
  const added = registerMeter({ books }, { ...order, publicKey: undefined }, epochMs(Date.now()));
  if (!added.ok) return say(`No meter was added at ${place} of ${id}: ${added.error}.`);
  const folder = join(config.HUB_DATA_DIR, 'meters-to-flash');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { file } = writeFlashFile(added.value, password, {
    out: join(folder, `${added.value}.conf`),
  });
  say(`Meter ${added.value}, at ${place === 'pv' ? 'the panels' : 'the grid'} of ${id}:`);
  for (const line of labelLines(added.value, password)) say(line);
  say(`Flash it from ${file}, and delete that file then: whoever reads it is this meter.`);
}
