/** Opens the way of a reading: broker, sink, readings.db. */
import { timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';
import { type Broker, startBroker } from './adapters/broker/start-broker.ts';
import { hashOf } from './adapters/ids/ids.ts';
import { openReadings, type Readings } from './adapters/readings/open-readings.ts';
import type { Config } from './config.ts';
import type { MeterId } from './core/ids.ts';
import type { Books } from './ports/books/books.ts';
import type { NeighbourhoodClock } from './ports/clock.ts';
import type { Credentials } from './ports/credentials.ts';
import type { Log } from './ports/log.ts';

const connectionsMost = 10_000;
const pendingMost = 20_000;

type Needs = {
  readonly config: Config;
  readonly books: Pick<Books, 'households'>;
  readonly clock: NeighbourhoodClock;
  readonly log: Log;
  /** A logic error in the writer: the process should end and start again. */
  readonly onFatal: (error: Error) => void;
};

export const openHubReadings = ({ config, clock, log, onFatal }: Needs): Promise<Readings> =>
  openReadings({
    file: join(config.HUB_DATA_DIR, 'readings.db'),
    commitMs: config.READINGS_COMMIT_MS,
    pendingMax: pendingMost,
    now: () => clock.now(),
    onFatal,
    onDiskRefused: (code) => log.error('the disk refuses readings; meters keep theirs', { code }),
  });

export const openHubBroker = (needs: Needs, readings: Readings): Promise<Broker> =>
  startBroker({
    host: needs.config.MQTT_PLAIN_LAN === 'on' ? needs.config.HUB_LISTEN : '127.0.0.1',
    port: needs.config.MQTT_PORT,
    sink: readings,
    credentials: meterCredentials(needs.books),
    log: needs.log,
    connectionsMax: connectionsMost,
  });

/** Passwords are 128 random bits or more, so a plain sha256 keeps them well; compared in constant time. */
const meterCredentials = (books: Pick<Books, 'households'>): Credentials => ({
  check: (username, password) => {
    const kept = books.households.passwordHashOf(username as MeterId) ?? nobody;
    const given = Buffer.from(hashOf(password), 'hex');
    const same = timingSafeEqual(Buffer.from(kept, 'hex'), given);
    return same ? { kind: 'meter', meter: username as MeterId } : undefined;
  },
});

const nobody = '0'.repeat(64);
