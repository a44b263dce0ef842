/** A neighbourhood's meters, hub and disk, as the tests of ingest need them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import mqtt from 'mqtt';
import { type Broker, startBroker } from '../../../gateway/adapters/broker/start-broker.ts';
import {
  openReadings,
  type Readings,
  type ReadingsOptions,
} from '../../../gateway/adapters/readings/open-readings.ts';
import type { MeterId } from '../../../gateway/core/ids.ts';
import { type EpochMs, epochMs } from '../../../gateway/core/units.ts';
import type { Credentials } from '../../../gateway/ports/credentials.ts';
import type { Log } from '../../../gateway/ports/log.ts';
import type { ReadingSink, Verdict } from '../../../gateway/ports/readings.ts';

export const corner = 'meter-corner' as MeterId;
export const tenOClock: EpochMs = epochMs(2_000_000 * 900_000);

/** The corner house measures every 10 s and imports 100 mWh between two readings. */
export function aReading(s: number, differs: Record<string, unknown> = {}): Buffer {
  const t = tenOClock / 1000 + s * 10;
  const usual = { v: 1, s, b: 4_120_478_593, t, tq: 2, up: s * 10, p: 36_000, u: 230_012 };
  return Buffer.from(
    JSON.stringify({ ...usual, i: 157, f: 50_012, ei: s * 100, ee: 0, eg: 0, fl: 0, ...differs }),
  );
}

export async function aFile() {
  const folder = await mkdtemp(join(tmpdir(), 'jirani-readings-'));
  return {
    file: join(folder, 'readings.db'),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

export const opened = (file: string, differs: Partial<ReadingsOptions> = {}): Promise<Readings> =>
  openReadings({
    file,
    commitMs: 5,
    pendingMax: 20_000,
    now: () => epochMs(tenOClock + 4 * 3_600_000),
    onFatal: (error) => {
      throw error;
    },
    ...differs,
  });

export const offered = (
  sink: ReadingSink,
  payload: Uint8Array,
  meter: MeterId = corner,
): Promise<Verdict> => new Promise((resolve) => sink.offer(meter, payload, resolve));

/** What another program finds in the file. */
export function onDisk<Row>(file: string, sql: string): Row[] {
  const db = new Database(file, { readonly: true });
  const rows = db.prepare(sql).all() as Row[];
  db.close();
  return rows;
}
export const storedSequences = (file: string): number[] =>
  onDisk<{ sequence: number }>(file, 'SELECT sequence FROM hot ORDER BY row').map(
    ({ sequence }) => sequence,
  );

const silent: Log = { info: () => {}, warn: () => {}, error: () => {} };

/** Every name has the password `secret of NAME`; `flows` is the flows' user. */
const credentials: Credentials = {
  check(username, password) {
    if (Buffer.from(password).toString() !== `secret of ${username}`) return undefined;
    return username === 'flows' ? { kind: 'flows' } : { kind: 'meter', meter: username as MeterId };
  },
};

export const aBroker = (
  sink: ReadingSink,
  differs: Partial<Parameters<typeof startBroker>[0]> = {},
): Promise<Broker> =>
  startBroker({
    ...{ host: '127.0.0.1', port: 0, sink, credentials, log: silent, connectionsMax: 100 },
    ...differs,
  });

/** A connected client that ends with the scope that holds it. */
export async function connected(port: number, username: string, differs: mqtt.IClientOptions = {}) {
  const client = await mqtt.connectAsync({
    ...{ host: '127.0.0.1', port, username, password: `secret of ${username}` },
    ...{ clientId: username, reconnectPeriod: 0, ...differs },
  });
  client.on('error', () => {});
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.endAsync(true) });
}

export const readingTopic = (meter: string): string => `jirani/v1/meters/${meter}/reading`;

/** Resolves as soon as the condition holds; the runner's patience is ten seconds. */
export async function until(condition: () => boolean, patienceMs = 10_000): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('it never came true');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
