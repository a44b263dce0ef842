/** Opens the way of a reading: broker, sink, readings.db. */
import { timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startBroker } from './adapters/broker/start-broker.ts';
import { hashOf } from './adapters/ids/ids.ts';
import { openFilesMost } from './adapters/machine/card.ts';
import { readExternalUser } from './adapters/mosquitto/external-user.ts';
import { openExternalBroker } from './adapters/mosquitto/open-external-broker.ts';
import { openReadings, type Readings } from './adapters/readings/open-readings.ts';
import type { Config } from './config.ts';
import type { MeterId } from './core/ids.ts';
import { connectionsWithin } from './core/open-files.ts';
import { datedBy } from './open-clock.ts';
import { displayPasswordOf, displayUsername } from './open-discovery.ts';
import { type Flows, flowsUsername } from './open-flows.ts';
import type { Books } from './ports/books/books.ts';
import type { MeterBroker } from './ports/broker.ts';
import type { Credentials, Identity } from './ports/credentials.ts';
import type { HubClock } from './ports/hub-clock.ts';
import type { Log } from './ports/log.ts';
import type { ReadingSink } from './ports/readings.ts';

const connectionsMost = 10_000;
const pendingMost = 20_000;

type Needs = {
  readonly config: Config;
  readonly books: Pick<Books, 'households'>;
  readonly clock: HubClock;
  readonly log: Log;
  /** A logic error in the writer: the process should end and start again. */
  readonly onFatal: (error: Error) => void;
  /** With which password flows may enter. */
  readonly flows: Pick<Flows, 'keys'>;
  /** What meters and flows say beside readings. */
  readonly hear: (topic: string, payload: Uint8Array) => void;
};

/** Dated by the hub's clock, as far as that can be believed. */
export async function openHubReadings(needs: Needs): Promise<Readings> {
  const { config, books, clock, log, onFatal } = needs;
  const readings = await openReadings({
    file: join(config.HUB_DATA_DIR, 'readings.db'),
    commitMs: config.READINGS_COMMIT_MS,
    pendingMax: pendingMost,
    retentionDays: { raw: config.READINGS_RAW_DAYS },
    now: () => clock.now(),
    mayForget: () => clock.trust() === 'trusted',
    publicKeyOf: (meter) => {
      const key = books.households.publicKeyOf(meter);
      return key === undefined ? undefined : Buffer.from(key, 'hex');
    },
    onFatal,
    onDiskRefused: (code) => log.error('the disk refuses readings; meters keep theirs', { code }),
  });
  datedBy(clock, readings, log);
  return readings;
}

/** The hub's own broker, or the existing one that the configuration names. */
export function openHubBroker(
  needs: Needs,
  sink: ReadingSink,
): Promise<MeterBroker & AsyncDisposable> | (MeterBroker & AsyncDisposable) {
  return needs.config.MQTT_BROKER === 'embedded' ? ownBroker(needs, sink) : existing(needs, sink);
}

const ownBroker = ({ config, books, log, flows, hear }: Needs, sink: ReadingSink) =>
  startBroker({
    host: config.MQTT_PLAIN_LAN === 'on' ? config.HUB_LISTEN : '127.0.0.1',
    port: config.MQTT_PORT,
    tls: {
      host: config.HUB_LISTEN,
      port: config.MQTTS_PORT,
      pskOf: (identity) => pskOf(books, identity as MeterId),
      ...certificateOf(config),
    },
    sink,
    credentials: credentialsOf(books, flows.keys?.mqttPassword, displayPasswordOf(config)),
    log,
    hear,
    connectionsMax: places(log),
  });

/** As many as the system has files for. */
function places(log: Log): number {
  const filesMost = openFilesMost();
  const most = connectionsWithin(connectionsMost, filesMost);
  if (most < connectionsMost)
    log.warn('fewer meters may connect than the hub could serve', { most, openFiles: filesMost });
  return most;
}

/** A meter's pre-shared key is the sha256 of its password: one secret per meter, and the hub keeps only this. */
function pskOf({ households }: Pick<Books, 'households'>, meter: MeterId): Buffer | undefined {
  const hash = households.passwordHashOf(meter);
  return hash === undefined ? undefined : Buffer.from(hash, 'hex');
}

function certificateOf({ MQTTS_CERTIFICATE_PATH, MQTTS_KEY_PATH }: Config) {
  if (MQTTS_CERTIFICATE_PATH === undefined || MQTTS_KEY_PATH === undefined) return {};
  const [cert, key] = [MQTTS_CERTIFICATE_PATH, MQTTS_KEY_PATH].map((file) =>
    readFileSync(file, 'utf8'),
  ) as [string, string];
  return { certificate: { cert, key } };
}

function existing({ config, books, log, hear }: Needs, sink: ReadingSink) {
  const users = readExternalUser(config.HUB_DATA_DIR);
  if (users === undefined)
    throw new Error(
      `For MQTT_BROKER=${config.MQTT_BROKER} run \`hub broker config FOLDER\` first: it makes the hub's name and password there.`,
    );
  const ca = config.MQTT_BROKER_CA_PATH;
  return openExternalBroker({
    url: config.MQTT_BROKER,
    ...users.gateway,
    ca: ca === undefined ? undefined : readFileSync(ca, 'utf8'),
    sink,
    isRegistered: (meter) => books.households.passwordHashOf(meter) !== undefined,
    hear,
    log,
  });
}

/** Passwords are 128 random bits or more, so a plain sha256 keeps them well; compared in constant time. */
const credentialsOf = (
  books: Pick<Books, 'households'>,
  flowsPassword: string | undefined,
  displayPassword: string | undefined,
): Credentials => {
  const others = new Map<string, { readonly identity: Identity; readonly password: string }>();
  if (flowsPassword !== undefined)
    others.set(flowsUsername, { identity: { kind: 'flows' }, password: flowsPassword });
  if (displayPassword !== undefined)
    others.set(displayUsername, { identity: { kind: 'display' }, password: displayPassword });
  return {
    check: (username, password) => {
      const other = others.get(username);
      const kept = other
        ? hashOf(Buffer.from(other.password))
        : (books.households.passwordHashOf(username as MeterId) ?? nobody);
      const given = Buffer.from(hashOf(password), 'hex');
      const same = timingSafeEqual(Buffer.from(kept, 'hex'), given);
      if (!same) return undefined;
      return other?.identity ?? { kind: 'meter', meter: username as MeterId };
    },
    keyOf: (meter) => books.households.passwordHashOf(meter),
  };
};

const nobody = '0'.repeat(64);
