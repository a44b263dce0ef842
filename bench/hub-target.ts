/**
 * The hub's way of a reading, and nothing else of the hub: the broker with its access rules and passwords, the
 * sink with all its checks, the file. usage: hub-target.ts FILE COMMIT_MS [KEYS_FILE]
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { startBroker } from '../gateway/adapters/broker/start-broker.ts';
import { openReadings } from '../gateway/adapters/readings/open-readings.ts';
import type { MeterId } from '../gateway/core/ids.ts';
import { epochMs } from '../gateway/core/units.ts';
import { firstUnixSeconds } from './load.ts';
import { serveBench } from './peers/peer-process.ts';

/** The meters' clocks run as fast as they publish; the hub's stands still where they do not get to. */
const now = epochMs((firstUnixSeconds + 20 * 86_400) * 1000);
/** As in gateway/open-energy.ts. */
const pendingMax = 20_000;
const connectionsMax = 12_000;
const loopStepMs = 1;

const [, , file = '', commitMs = '0', keysFile] = process.argv;
const keys = new Map<string, Buffer>(
  keysFile === undefined
    ? []
    : Object.entries(JSON.parse(readFileSync(keysFile, 'utf8')) as Record<string, string>).map(
        ([meter, key]) => [meter, Buffer.from(key, 'hex')],
      ),
);
const hashOf = (text: Uint8Array | string): Buffer => createHash('sha256').update(text).digest();

const readings = await openReadings({
  ...{ file, commitMs: Number(commitMs), pendingMax, now: () => now },
  publicKeyOf: (meter) => keys.get(meter),
  onFatal: (error) => {
    throw error;
  },
});
const complain = (text: string, facts: unknown = ''): void => console.error(text, facts);
const broker = await startBroker({
  ...{ host: '127.0.0.1', port: 0, sink: readings, connectionsMax },
  credentials: {
    keyOf: (meter) => meter,
    check: (username, password) =>
      timingSafeEqual(hashOf(`secret of ${username}`), hashOf(password))
        ? { kind: 'meter', meter: username as MeterId }
        : undefined,
  },
  log: { info: () => {}, warn: complain, error: complain },
});
const loop = monitorEventLoopDelay({ resolution: loopStepMs });

serveBench(
  { port: broker.port },
  {
    watch: () => {
      loop.reset();
      loop.enable();
      return {};
    },
    delay: () => {
      loop.disable();
      // Every value holds the step itself.
      return { p99Ms: Math.max(0, loop.percentile(99) / 1e6 - loopStepMs), mostMs: loop.max / 1e6 };
    },
    finish: async () => {
      await readings.flush();
      const counts = readings.counts();
      await broker[Symbol.asyncDispose]();
      await readings[Symbol.asyncDispose]();
      return { counts };
    },
  },
);
