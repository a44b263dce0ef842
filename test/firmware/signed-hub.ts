/**
 * The hub of signed readings: broker, sink with all its checks, file. It listens where it is told, so that its meters
 * find it again after its death. usage: signed-hub.ts FILE PORT KEYS_FILE NOW_UNIX
 */
import { timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { startBroker } from '../../gateway/adapters/broker/start-broker.ts';
import { hashOf } from '../../gateway/adapters/ids/ids.ts';
import { openExternalBroker } from '../../gateway/adapters/mosquitto/open-external-broker.ts';
import { openReadings } from '../../gateway/adapters/readings/open-readings.ts';
import type { MeterId } from '../../gateway/core/ids.ts';
import { epochMs } from '../../gateway/core/units.ts';
import type { HubFacts } from './a-street.ts';

const [, , file = '', port = '0', factsFile = '', nowUnix = '0'] = process.argv;
const { publicKeys, secrets, mosquitto } = JSON.parse(readFileSync(factsFile, 'utf8')) as HubFacts;
const commitMs = 20;
const pendingMax = 20_000;
const connectionsMax = 12_000;
const retentionDays = { raw: 4_000, minute: 4_000, quarter: 4_000 };

const complain = (text: string, facts: unknown = ''): void => console.error(text, facts);
const log = { info: () => {}, warn: () => {}, error: complain };
const readings = await openReadings({
  ...{ file, commitMs, pendingMax, retentionDays, now: () => epochMs(Number(nowUnix) * 1000) },
  publicKeyOf: (meter) => Buffer.from(publicKeys[meter] ?? '', 'base64'),
  onFatal: (error) => {
    throw error;
  },
});
setInterval(() => readings.tick(), 100);

const digest = (text: Uint8Array): Buffer => Buffer.from(hashOf(text), 'hex');
const isSecretOf = (meter: string, password: Uint8Array): boolean =>
  timingSafeEqual(digest(Buffer.from(secrets[meter] ?? '')), digest(password));

if (mosquitto === undefined) {
  await startBroker({
    ...{ host: '127.0.0.1', port: Number(port), sink: readings, connectionsMax, log },
    credentials: {
      keyOf: (meter) => secrets[meter],
      check: (username, password) =>
        isSecretOf(username, password) ? { kind: 'meter', meter: username as MeterId } : undefined,
    },
  });
} else {
  openExternalBroker({
    ...{ ...mosquitto, sink: readings, log, isRegistered: (meter) => meter in secrets },
    patience: { leastMs: 10, mostMs: 50 },
  });
}

process.on('message', async () => {
  await readings.flush();
  process.send?.({ counts: readings.counts() });
});
process.send?.({ ready: true });
