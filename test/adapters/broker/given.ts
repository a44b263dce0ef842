/** A neighbourhood's meters and flows around the local broker, as its tests need them. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import mqtt from 'mqtt';
import { type Broker, startBroker } from '../../../gateway/adapters/broker/start-broker.ts';
import type { MeterId } from '../../../gateway/core/ids.ts';
import type { Credentials } from '../../../gateway/ports/credentials.ts';
import type { Log } from '../../../gateway/ports/log.ts';
import type { ReadingSink, Settled, Verdict } from '../../../gateway/ports/readings.ts';

export const corner = 'meter-corner' as MeterId;
export const kiosk = 'meter-kiosk' as MeterId;

/** The corner house measures every 10 s and imports 100 mWh between two readings. */
export function aReading(s: number, differs: Record<string, unknown> = {}): Buffer {
  const usual = { v: 1, s, b: 4_120_478_593, t: 1_800_000_000 + s * 10, tq: 2, up: s * 10 };
  return Buffer.from(JSON.stringify({ ...usual, ei: s * 100, ee: 0, eg: 0, fl: 0, ...differs }));
}

export const kept: Verdict = { kept: true, duplicate: false };

type Taken = { meter: MeterId; payload: string; ticket: number; settled: Settled };

/** A sink that commits when it is told to, and holds no more than `room` readings. */
export function aSink(room = Number.POSITIVE_INFINITY) {
  const taken: Taken[] = [];
  const listeners: (() => void)[] = [];
  const all: { meter: MeterId; payload: string }[] = [];
  let entries = 0;
  const sink: ReadingSink = {
    enter(meter, settled) {
      entries += 1;
      return {
        offer(bytes, from, to, ticket) {
          if (taken.length >= room) return false;
          const payload = Buffer.from(bytes.subarray(from, to)).toString('latin1');
          taken.push({ meter, payload, ticket, settled });
          all.push({ meter, payload });
          return true;
        },
      };
    },
    onSettled: (listener) => listeners.push(listener),
  };
  /** One commit of the oldest `count`. */
  const commit = (verdict: Verdict = kept, count = taken.length): void => {
    for (const { settled, ticket } of taken.splice(0, count)) settled(ticket, verdict);
    for (const listener of listeners) listener();
  };
  return { ...sink, taken, all, commit, entries: () => entries };
}

/** A sink that commits by itself. */
export function aWillingSink() {
  const sink = aSink();
  const timer = setInterval(() => sink.commit(), 2);
  return Object.assign(sink, { [Symbol.dispose]: () => clearInterval(timer) });
}

const silent: Log = { info: () => {}, warn: () => {}, error: () => {} };

/** Meters that were revoked. */
export const revoked = new Set<MeterId>();

/** Every name has the password `secret of NAME`; `flows` is the flows' user. */
export const credentials: Credentials = {
  keyOf: (meter) => (revoked.has(meter) ? undefined : `secret of ${meter}`),
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

/** A client that says and hears bytes. */
export async function aByteClient(port: number, socket: Socket = connect(port, '127.0.0.1')) {
  let heard = Buffer.alloc(0);
  let isClosed = false;
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    heard = Buffer.concat([heard, chunk]);
  });
  socket.once('close', () => {
    isClosed = true;
  });
  if (socket.connecting) await once(socket, 'connect');
  const client = {
    socket,
    say: (...packets: (Uint8Array | string)[]) =>
      socket.write(
        Buffer.concat(
          packets.map((packet) => (typeof packet === 'string' ? hex(packet) : Buffer.from(packet))),
        ),
      ),
    /** The next whole packet, as hex without blanks. */
    async hears(): Promise<string> {
      await until(() => packetLength(heard) > 0 || isClosed, 5_000).catch(() => {
        throw new Error(`heard nothing but ${heard.toString('hex')}`);
      });
      const length = packetLength(heard);
      if (length === 0) return 'closed';
      const packet = heard.subarray(0, length);
      heard = heard.subarray(length);
      return packet.toString('hex');
    },
    async isClosed(): Promise<string> {
      await until(() => isClosed, 5_000);
      return heard.toString('hex');
    },
    isOpen: () => !isClosed,
    [Symbol.dispose]: () => void socket.destroy(),
  };
  return client;
}
export type ByteClient = Awaited<ReturnType<typeof aByteClient>>;

export const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

function packetLength(bytes: Buffer): number {
  let length = 0;
  for (let at = 1, shift = 0; at < bytes.length; at++, shift += 7) {
    const byte = bytes[at] ?? 0;
    length |= (byte & 0x7f) << shift;
    if (byte < 0x80) return at + 1 + length <= bytes.length ? at + 1 + length : 0;
  }
  return 0;
}
