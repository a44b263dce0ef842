/** What a meter is given on the keeper's table: its label with a QR code, the file it is flashed with, its key. */
import { chmodSync, renameSync, writeFileSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import { renderUnicodeCompact } from 'uqr';
import { fingerprintOf } from '../adapters/meters/secret-hash.ts';
import { configurationOf, labelOf } from '../adapters/meters/setup-label.ts';
import type { OpenBooks } from '../adapters/sqlite/open.ts';
import type { MeterId } from '../core/ids.ts';
import { epochMs } from '../core/units.ts';
import { configFrom, hubEnvironment } from './environment.ts';
import { lanAddress } from './lan-address.ts';

type Json = { readonly json?: boolean };
export type FlashOptions = Json & { readonly out?: string; readonly hub?: string };
export type NewSecret = {
  readonly password: string;
  readonly hash: string;
  readonly mosquittoHash: string;
};

type Needs = {
  readonly open: () => OpenBooks;
  readonly newSecret: () => NewSecret;
};

const say = (value: unknown, json: boolean | undefined, lines: readonly string[]): void =>
  void process.stdout.write(`${json ? JSON.stringify(value, null, 2) : lines.join('\n')}\n`);

/** A name or an address as the firmware takes it: it becomes part of `mqtts://HOST:PORT`. */
export function hubHost(text: string): string {
  if (/^[\w.:-]{1,64}$/.test(text)) return text;
  throw new InvalidArgumentError('a name or an address of this hub, such as 192.168.1.20');
}

/** Where a meter of the LAN finds the broker, and whether it can. */
function hubAddress(host: string | undefined) {
  const { HUB_LISTEN, MQTTS_PORT, MQTT_BROKER } = configFrom(hubEnvironment());
  const isOpen = HUB_LISTEN === '0.0.0.0' || MQTT_BROKER !== 'embedded';
  const found = host ?? (isOpen ? lanAddress() : undefined);
  return {
    address: { host: found ?? '127.0.0.1', port: MQTTS_PORT, isTls: true },
    warning: isOpen
      ? undefined
      : 'The hub listens to its own machine only: no meter on the LAN reaches it before HUB_LISTEN=0.0.0.0.',
  };
}

/** Writes the file that the meter is flashed with; only its owner may read it. */
export function writeFlashFile(meter: string, secret: string, { out, hub }: FlashOptions) {
  const { address, warning } = hubAddress(hub);
  const file = out ?? `${meter.replaceAll(':', '-')}.conf`;
  const half = `${file}.half`;
  writeFileSync(half, configurationOf(meter, secret, address), { mode: 0o600 });
  // A file that stood there keeps its rights when it is written anew.
  chmodSync(half, 0o600);
  renameSync(half, file);
  if (warning !== undefined) console.error(warning);
  return { file, hub: `mqtts://${address.host}:${address.port}` };
}

/** What is printed and stuck on the box. */
export function labelLines(meter: string, secret: string): string[] {
  const { claim, network, text } = labelOf(meter, secret);
  return [
    renderUnicodeCompact(text),
    `A phone that scans it joins the meter’s own Wi-Fi “${network}”; the code on its page is ${claim}.`,
  ];
}

/** Adds `meters flash-config` and `meters trust-key`. */
export function meterSetupCommands(meters: Command, needs: Needs): void {
  meters
    .command('flash-config <id>')
    .description(
      'write the file that a meter is flashed with; makes a new password, the old one ends',
    )
    .option('--out <file>', 'where to; ID.conf otherwise')
    .option('--hub <host>', 'where the meter finds this hub', hubHost)
    .option('--json')
    .action((id: string, options: FlashOptions) => flashConfig(needs, id, options));
  meters
    .command('trust-key <id> [fingerprint]')
    .description(
      'let another signing key of a meter count; without the fingerprint only shows both',
    )
    .option('--json')
    .action((id: string, fingerprint: string | undefined, { json }: Json) =>
      trustKey(needs, id, fingerprint, json),
    );
}

function flashConfig({ open, newSecret }: Needs, id: string, options: FlashOptions): void {
  using books = open();
  const { password, hash, mosquittoHash } = newSecret();
  if (books.households.passwordHashOf(id as MeterId) === undefined)
    throw new Error(`There is no meter ${id}.`);
  // The file first: with the password of a file that could not be written the meter would be locked out.
  const written = writeFlashFile(id, password, options);
  books.households.setPassword(id as MeterId, hash, mosquittoHash);
  const { claim, text } = labelOf(id, password);
  say({ meterId: id, ...written, claim, label: text }, options.json, [
    ...labelLines(id, password),
    `Written: ${written.file} (for ${written.hub}). Whoever reads it is this meter: delete it when it is flashed.`,
    `The hub keeps no secret in plain, so this one is new: what meter ${id} had before no longer counts.`,
  ]);
}

function trustKey(
  { open }: Needs,
  id: string,
  fingerprint: string | undefined,
  json: boolean | undefined,
): void {
  using books = open();
  const offer = books.meters.keyOffers().find(({ meter }) => meter === id);
  if (offer === undefined)
    throw new Error(`Meter ${id} has no other key than the one that counts.`);
  const [counts, offered] = [fingerprintOf(offer.counts), fingerprintOf(offer.offered)];
  const shown = { meterId: id, counts, offered, since: new Date(offer.since).toISOString() };
  if (fingerprint === undefined)
    return say({ ...shown, trusted: false }, json, [
      `Meter ${id} signs with another key since ${shown.since}. Its readings are set aside.`,
      `  counts:  ${counts}`,
      `  offered: ${offered}`,
      `If the board was replaced or its key was made anew, let the new key count:`,
      `  meters trust-key ${id} ${offered}`,
      'If nobody knows why, somebody else may hold its password: meters password, then look at the meter.',
    ]);
  if (fingerprint.toLowerCase() !== offered)
    throw new Error(`Meter ${id} offers ${offered}, not ${fingerprint}.`);
  if (!books.meters.trustKey(id as MeterId, offer.offered, epochMs(Date.now())))
    throw new Error(`Meter ${id} offers another key by now: look again.`);
  say({ ...shown, trusted: true }, json, [
    `From now on ${offered} counts for meter ${id}; ${counts} no longer does.`,
  ]);
}
