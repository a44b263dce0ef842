/** A street of virtual meters, the hub they tell, and what both have in the end. */
import { createPrivateKey, createPublicKey, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNode } from '../../bench/children.ts';
import { storedReadings } from '../../gateway/adapters/readings/stored-readings.ts';
import type { Reading } from '../../gateway/core/reading.ts';
import {
  credentialLines,
  type VmeterCredentials,
  type VmeterSummary,
} from '../../gateway/simulators/vmeter/program.ts';

/** What the hub of a test is told in a file. */
export type HubFacts = {
  readonly publicKeys: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
  /** An outside broker instead of the hub's own. */
  readonly mosquitto?: {
    readonly url: string;
    readonly username: string;
    readonly password: string;
  };
};

/** PKCS #8 of an Ed25519 seed (RFC 8410). */
const pkcs8Head = Buffer.from('302e020100300506032b657004220420', 'hex');
const publicKeyBytes = 32;

export function publicKeyOf(seed: Uint8Array): Buffer {
  const key = createPrivateKey({
    key: Buffer.concat([pkcs8Head, seed]),
    format: 'der',
    type: 'pkcs8',
  });
  return createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-publicKeyBytes);
}

/** When the meters of a flood begin; each measures once a second of its own time. */
export const streetBegins = 1_795_431_446;
const dayS = 86_400;

export type Street = Disposable & {
  readonly folder: string;
  readonly meters: readonly VmeterCredentials[];
  readonly metersFile: string;
  readonly readingsFile: string;
  readonly acksFile: string;
};

export function aStreet(count: number): Street {
  const folder = mkdtempSync(join(tmpdir(), 'jirani-street-'));
  const meters = Array.from({ length: count }, (_, k) => ({
    id: `meter-${String(k).padStart(5, '0')}`,
    secret: randomBytes(16).toString('hex'),
    seed: randomBytes(32),
  }));
  const [metersFile, readingsFile, acksFile] = ['meters', 'readings.db', 'acks'].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  writeFileSync(metersFile, credentialLines(meters), { mode: 0o600 });
  return {
    ...{ folder, meters, metersFile, readingsFile, acksFile },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Starts a hub on the street's file; it ends by SIGKILL. */
export function aSignedHub(street: Street, port: number, mosquitto?: HubFacts['mosquitto']) {
  const named = <Value>(of: (meter: VmeterCredentials) => Value) =>
    Object.fromEntries(street.meters.map((meter) => [meter.id, of(meter)]));
  const facts: HubFacts = {
    publicKeys: named(({ seed }) => publicKeyOf(seed).toString('base64')),
    secrets: named(({ secret }) => secret),
    ...(mosquitto === undefined ? {} : { mosquitto }),
  };
  const factsFile = join(street.folder, 'facts.json');
  writeFileSync(factsFile, JSON.stringify(facts), { mode: 0o600 });
  const module = new URL('./signed-hub.ts', import.meta.url);
  const words = [street.readingsFile, String(port), factsFile, String(streetBegins + dayS)];
  return startNode(module, { words });
}

export type StreetAudit = {
  readonly acknowledged: number;
  readonly stored: number;
  /** Acknowledged, but not on the disk. */
  readonly missing: number;
  readonly twice: number;
  /** Numbers between the first and the last of a meter that are not on the disk. */
  readonly gaps: number;
  /** Meters whose stored energy is not what their own registers say, to the mWh. */
  readonly wrongEnergy: readonly string[];
};

/** Compares what the meters know with what is on the disk, while no hub runs or everything is committed. */
export function auditStreet(street: Street, summary: VmeterSummary): StreetAudit {
  const { byMeter, stored, twice } = storedOf(street);
  const storedBy = (id: string): ReadonlyMap<number, Reading> => byMeter.get(id) ?? new Map();
  const acks = readFileSync(street.acksFile, 'utf8').trimEnd().split('\n');
  const missing = acks.filter((line) => {
    const [id = '', sequence] = line.split(' ');
    return !storedBy(id).has(Number(sequence));
  });
  let gaps = 0;
  const wrongEnergy: string[] = [];
  for (const { id, first, last, firstMwh, lastMwh } of summary.each) {
    const known = storedBy(id);
    for (let s = first; s <= last; s++) if (!known.has(s)) gaps += 1;
    const difference = energyBetween(known.get(first), known.get(last));
    const own = lastMwh.map((mwh, k) => mwh - (firstMwh[k] ?? 0));
    if (difference.join() !== own.join()) wrongEnergy.push(`${id}: ${difference} != ${own}`);
  }
  return { acknowledged: acks.length, stored, missing: missing.length, twice, gaps, wrongEnergy };
}

/** Everything on the disk. */
export function storedOf({ meters, readingsFile }: Street) {
  const byMeter = new Map(meters.map(({ id }) => [id, new Map<number, Reading>()]));
  let [stored, twice] = [0, 0];
  for (const reading of storedReadings(readingsFile)) {
    const known = byMeter.get(reading.meter);
    if (known === undefined) throw new Error(`nobody is called ${reading.meter}`);
    stored += 1;
    if (known.has(reading.sequence)) twice += 1;
    known.set(reading.sequence, reading);
  }
  return { byMeter, stored, twice };
}

function energyBetween(first: Reading | undefined, last: Reading | undefined): number[] {
  if (first === undefined || last === undefined) return [];
  return [
    last.importMwh - first.importMwh,
    last.exportMwh - first.exportMwh,
    last.generationMwh - first.generationMwh,
  ];
}
