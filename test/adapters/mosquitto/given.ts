/** A house with a Mosquitto of its own: the real broker in a folder that goes with the test, and its neighbours. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import mqtt from 'mqtt';
import {
  type ConfigurationNeeds,
  configurationFor,
} from '../../../gateway/adapters/mosquitto/configuration.ts';
import {
  type ExternalBrokerOptions,
  openExternalBroker,
} from '../../../gateway/adapters/mosquitto/open-external-broker.ts';
import { mosquittoHashOf } from '../../../gateway/adapters/mosquitto/password-hash.ts';
import { writeConfiguration } from '../../../gateway/adapters/mosquitto/write-configuration.ts';
import type { MeterId } from '../../../gateway/core/ids.ts';
import type { ReadingSink, Settled } from '../../../gateway/ports/readings.ts';

export const corner = 'meter-corner' as MeterId;
export const kiosk = 'meter-kiosk' as MeterId;
export const readingTopic = (meter: string): string => `jirani/v1/meters/${meter}/reading`;
const secretOf = (name: string): string => `secret of ${name}`;

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

const patienceMs = 60_000;

/** Resolves as soon as it holds; the patience is for a machine that is busy elsewhere. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`it never came true: ${what}`);
    await sleep(5);
  }
}

/** Debian keeps daemons where an ordinary user does not look. */
const env = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/usr/local/sbin` };

async function begin(file: string, port: number): Promise<ChildProcess> {
  const program = spawn('mosquitto', ['-c', file], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  program.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  for (let tries = 0; !(await answers(port)); tries += 1) {
    if (program.exitCode !== null || tries > 1_000) throw new Error(`no Mosquitto: ${said}`);
    await sleep(10);
  }
  return program;
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true));
    socket.once('close', () => resolve(false)).once('error', () => {});
    socket.once('connect', () => socket.destroy());
  });

export type MosquittoChanges = Partial<ConfigurationNeeds> & {
  /** Says of each line of the generated configuration what stands there instead. */
  readonly rewrite?: (text: string) => string;
};

/** The broker as the hub configures it. */
export async function aMosquitto({ rewrite, ...changes }: MosquittoChanges = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'jirani-mosquitto-'));
  const port = changes.port ?? (await freePort());
  const credential = (username: string) => ({
    username,
    hash: mosquittoHashOf(secretOf(username)),
  });
  const meters = [corner, kiosk].map((id) => [id, mosquittoHashOf(secretOf(id))] as const);
  const needs: ConfigurationNeeds = {
    ...{ folder, persistenceFolder: folder, port, tls: undefined, meters: new Map(meters) },
    ...{ gateway: credential('jirani.gateway'), flows: credential('jirani.flows') },
    ...changes,
  };
  writeConfiguration(folder, configurationFor(needs));
  const house = await beginIn(folder, port, rewrite);
  return {
    ...house,
    [Symbol.asyncDispose]: async () => {
      await house[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Starts the broker on what was written into the folder. */
export async function beginIn(folder: string, port: number, rewrite?: (text: string) => string) {
  const file = join(folder, 'test.conf');
  writeFileSync(file, asThisUser(readFileSync(join(folder, 'mosquitto.conf'), 'utf8'), rewrite));
  let program = await begin(file, port);
  const end = async (signal: NodeJS.Signals) => {
    if (program.exitCode !== null || program.signalCode !== null) return;
    const gone = once(program, 'exit');
    program.kill(signal);
    await gone;
  };
  return {
    ...{ port, folder, end },
    url: `mqtt://127.0.0.1:${port}`,
    signal: (name: NodeJS.Signals) => void program.kill(name),
    begin: async () => {
      program = await begin(file, port);
    },
    [Symbol.asyncDispose]: () => end('SIGKILL'),
  };
}

/** Started by root, Mosquitto becomes another user, to whom the folder of a test is closed. */
function asThisUser(text: string, rewrite = (same: string) => same): string {
  return `${process.getuid?.() === 0 ? 'user root\n' : ''}${rewrite(text)}`;
}

/** A sink that settles when it is told to, and takes no more than `most` at once. */
export function aSink(most = Number.POSITIVE_INFINITY) {
  type Taken = { meter: MeterId; payload: string; ticket: number; settled: Settled };
  const taken: Taken[] = [];
  /** Whatever was ever settled. */
  const stored: string[] = [];
  const listeners: (() => void)[] = [];
  const counts = { refused: 0, entered: 0 };
  const sink: ReadingSink = {
    enter: (meter, settled) => {
      counts.entered += 1;
      return {
        offer: (bytes, from, to, ticket) => {
          if (taken.length >= most) {
            counts.refused += 1;
            return false;
          }
          const payload = Buffer.from(bytes.subarray(from, to)).toString();
          taken.push({ meter, payload, ticket, settled });
          return true;
        },
      };
    },
    onSettled: (listener) => void listeners.push(listener),
  };
  const settle = () => {
    for (const one of taken.splice(0)) {
      stored.push(one.payload);
      one.settled(one.ticket, { kept: true, duplicate: false });
    }
    for (const listener of listeners) listener();
  };
  return { ...sink, taken, stored, counts, settle };
}

/** Commits every moment for as long as it is in scope. */
export function committing(sink: { settle(): void }): Disposable {
  const timer = setInterval(() => sink.settle(), 5);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

export const silent = { info: () => {}, warn: () => {}, error: () => {} };

export const aHub = (
  sink: ReadingSink,
  url: string,
  changes: Partial<ExternalBrokerOptions> = {},
) =>
  openExternalBroker({
    ...{ url, sink, log: silent, username: 'jirani.gateway', password: secretOf('jirani.gateway') },
    isRegistered: () => true,
    patience: { leastMs: 10, mostMs: 50 },
    ...changes,
  });

/** A hub that hears readings by now. */
export async function arrived(...hub: Parameters<typeof aHub>) {
  await using opening = new AsyncDisposableStack();
  const broker = opening.use(aHub(...hub));
  await until('the hub is in', () => broker.health().state === 'ok');
  opening.move();
  return broker;
}

/** The hub was here once, so that Mosquitto keeps for it what comes. */
export async function introduced(url: string): Promise<void> {
  await using hub = await arrived(aSink(), url);
  void hub;
}

/** A meter, or the flows, as a client that ends with its scope. */
export async function aVisitor(port: number, name: string, changes: mqtt.IClientOptions = {}) {
  const client = await mqtt.connectAsync({
    ...{ host: '127.0.0.1', port, username: name, password: secretOf(name) },
    ...{ clientId: name, reconnectPeriod: 0, ...changes },
  });
  client.on('error', () => {});
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.endAsync(true) });
}

/** The other side ends the connection. */
export function hangUp(client: mqtt.MqttClient): Promise<void> {
  let isOver = false;
  client.once('close', () => {
    isOver = true;
  });
  return until('the broker hung up', () => isOver);
}

/** Publishes readings `first` to `last`; every one is acknowledged by Mosquitto when this resolves. */
export async function publish(port: number, meter: string, first: number, last: number) {
  await using visitor = await aVisitor(port, meter);
  const numbers = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  await Promise.all(
    numbers.map((s) => visitor.publishAsync(readingTopic(meter), `${meter} ${s}`, { qos: 1 })),
  );
  return numbers.map((s) => `${meter} ${s}`);
}

/** The wire between the hub and Mosquitto, which can be cut without a word. */
export async function aWire(port: number) {
  const sockets = new Set<Socket>();
  /** What the hub wrote, as it arrived. */
  const written: Buffer[] = [];
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one.setNoDelay());
      one.on('error', () => {});
      one.once('close', () => {
        sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
    near.on('data', (chunk) => void written.push(chunk));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    ...{ cut, written },
    url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      cut();
      await closed;
    },
  };
}

/** PUBACKs in each piece that the wire carried; a slow wire carries other short packets in the same piece. */
export const pubacks = (written: readonly Buffer[]): number[] =>
  written.map(pubacksIn).filter((count) => count > 0);

function pubacksIn(piece: Buffer): number {
  let count = 0;
  for (let at = 0; at < piece.length; at += 2 + (piece[at + 1] ?? 0))
    if (piece[at] === 0x40) count += 1;
  return count;
}
