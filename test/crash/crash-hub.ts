/**
 * The hub that crash tests end: broker and readings, nothing else. It loads its modules, waits for one line of
 * orders on stdin, opens, and says its port in one line on stdout.
 */
import { createInterface } from 'node:readline';
import { startBroker } from '../../gateway/adapters/broker/start-broker.ts';
import { openReadings } from '../../gateway/adapters/readings/open-readings.ts';
import type { MeterId } from '../../gateway/core/ids.ts';
import type { Credentials } from '../../gateway/ports/credentials.ts';
import type { Log } from '../../gateway/ports/log.ts';
import type { ReadingSink } from '../../gateway/ports/readings.ts';
import type { HubOrders, HubSays } from './hub-life.ts';
import { passwordOf } from './meter-line.ts';
import { neighbourhoodTime } from './neighbourhood-time.ts';

/** Hours turn quickly here, so the hub looks for closed ones far more often than each second. */
const tickMs = 25;
const connectionsMax = 500;
const pendingMax = 20_000;
/** Long enough that nothing is deleted while a test counts what is stored. */
const retentionDays = { raw: 4_000, minute: 4_000, quarter: 4_000 };

const say = (message: HubSays): void => void process.stdout.write(`${JSON.stringify(message)}\n`);

const log: Log = {
  info: () => {},
  warn: () => {},
  error: (message, facts) => process.stderr.write(`hub: ${message} ${JSON.stringify(facts)}\n`),
};

const credentials: Credentials = {
  keyOf: passwordOf,
  check: (username, password) =>
    Buffer.from(password).toString() === passwordOf(username)
      ? { kind: 'meter', meter: username as MeterId }
      : undefined,
};

/** A hub that forgets what a PUBACK means: it thanks before the commit. */
function thankingTooEarly(sink: ReadingSink): ReadingSink {
  const listeners: (() => void)[] = [];
  return {
    enter(meter, settled) {
      const entry = sink.enter(meter, () => {});
      return {
        offer(bytes, from, to, ticket) {
          if (!entry.offer(bytes, from, to, ticket)) return false;
          setImmediate(() => {
            settled(ticket, { kept: true, duplicate: false });
            for (const listener of listeners) listener();
          });
          return true;
        },
      };
    },
    onSettled: (listener) => void listeners.push(listener),
  };
}

async function open({ file, commitMs, mutant, fileBytesMax, clock }: HubOrders): Promise<void> {
  const readings = await openReadings({
    ...{ file, commitMs, pendingMax, retentionDays, now: () => neighbourhoodTime(clock) },
    onFatal: (error) => {
      say({ fatal: error.message });
      process.exit(1);
    },
    onDiskRefused: (code) => say({ refused: code }),
    ...(fileBytesMax === undefined ? {} : { fileBytesMax }),
    durability: mutant === 'lost-in-power-cuts' ? 'lost-in-power-cuts' : 'on-disk',
  });
  // What is due besides readings waits for the disk by itself, and so would hide that commits do not.
  if (mutant !== 'lost-in-power-cuts') setInterval(() => readings.tick(), tickMs);
  const sink = mutant === 'thanks-too-early' ? thankingTooEarly(readings) : readings;
  const broker = await startBroker({
    ...{ host: '127.0.0.1', port: 0, sink, credentials, log, connectionsMax },
  });
  say({ port: broker.port });
}

for await (const line of createInterface({ input: process.stdin })) {
  await open(JSON.parse(line) as HubOrders);
}
// Nobody is left who could end this hub.
process.exit();
