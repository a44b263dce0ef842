/** The local MQTT broker: meters speak to it, flows listen to it. A PUBACK to a reading means "on disk". */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { Aedes } from 'aedes';
import type { MeterId } from '../../core/ids.ts';
import type { MeterBroker } from '../../ports/broker.ts';
import type { Credentials } from '../../ports/credentials.ts';
import type { Log } from '../../ports/log.ts';
import type { ReadingSink } from '../../ports/readings.ts';
import { speakerOn } from './announce.ts';
import { Connection } from './connection.ts';
import { House } from './house.ts';
import { intake } from './intake.ts';
import { Memory } from './memory.ts';
import { Passage } from './passage.ts';
import { type Refusal, Refusals } from './refusals.ts';
import { retainedTopicsMax } from './retained.ts';
import type { Session } from './session.ts';
import { Sessions, type SessionsLimits } from './sessions.ts';
import { type TlsOptions, tlsListener } from './tls.ts';
import { topicPrefix } from './topic-rights.ts';

export type BrokerOptions = Partial<SessionsLimits> & {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  readonly tls?: TlsOptions;
  readonly sink: ReadingSink;
  readonly credentials: Credentials;
  readonly log: Log;
  /** Called with what others may say beside readings: the topic without its prefix, and the body. */
  readonly hear?: (topic: string, payload: Uint8Array) => void;
  /** Over both listeners. */
  readonly connectionsMax: number;
  /** A packet with a longer body ends its connection before it has arrived. */
  readonly packetBytesMax?: number;
  /** Readings of one meter that may wait for the disk; then its socket is not read until half are settled. */
  readonly pendingPerMeterMax?: number;
  /** How long a stranger may take to say who it is. */
  readonly connectTimeoutMs?: number;
};

export interface Broker extends MeterBroker, AsyncDisposable {
  readonly port: number;
  refused(): Record<Refusal, number>;
}

const packetBytesDefault = 16_384;
const pendingPerMeterDefault = 1024;
const connectTimeoutDefaultMs = 10_000;
const sessionsDefault: SessionsLimits = { owedMax: 256, unreleasedMax: 1000, sessionsMax: 10_000 };
/** How long a subscriber may leave its socket full. */
const drainTimeoutMs = 10_000;
/** When the machine asks a silent peer whether it still exists. */
const probeAfterMs = 60_000;
const topicLevelsMax = 12;
/** Connections that the system holds ready while we are busy: a neighbourhood comes back at once after a cut. */
const backlogMax = 4096;

/** Starts listening. Rejects when a port is taken; closing ends every connection. */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const refusals = new Refusals(options.log);
  const connectTimeoutMs = options.connectTimeoutMs ?? connectTimeoutDefaultMs;
  const house = await furnish({ ...options, connectTimeoutMs }, refusals);
  const sockets = new Set<Socket>();
  const serve = (socket: Socket, keyHolder: MeterId | undefined) => {
    if (sockets.size >= options.connectionsMax) {
      refusals.count('too-many-connections');
      socket.destroy();
      return;
    }
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    join(house, socket, keyHolder);
  };
  const listeners: Server[] = [];
  try {
    const plain = createServer({ noDelay: true }, (socket) => serve(socket, undefined));
    listeners.push(plain);
    await listening(plain, options, options, refusals);
    if (options.tls !== undefined) {
      const secure = overTls(options.tls, connectTimeoutMs, refusals, serve);
      listeners.push(secure);
      await listening(secure, options.tls, options, refusals);
    }
  } catch (error) {
    await close(house, listeners, sockets);
    throw error;
  }
  const [port = 0, tlsPort] = listeners.map((server) => (server.address() as AddressInfo).port);
  return {
    port,
    tlsPort,
    ...speakerOn(house.aedes, refusals),
    online: () => house.online(),
    connections: () => sockets.size,
    refused: () => refusals.counts(),
    health: () =>
      house.aedes.closed
        ? { mode: 'embedded', state: 'away', detail: 'The hub’s own broker has closed.' }
        : { mode: 'embedded', state: 'ok', detail: '' },
    [Symbol.asyncDispose]: () => close(house, listeners, sockets),
  };
}

async function furnish(
  options: BrokerOptions & { connectTimeoutMs: number },
  refusals: Refusals,
): Promise<House> {
  const limits = {
    owedMax: options.owedMax ?? sessionsDefault.owedMax,
    unreleasedMax: options.unreleasedMax ?? sessionsDefault.unreleasedMax,
    sessionsMax: options.sessionsMax ?? sessionsDefault.sessionsMax,
  };
  const sessions = new Sessions(limits, refusals);
  const arriving = new Map<string, Session>();
  const aedes = await Aedes.createBroker({
    ...intake({ sessions, refusals }),
    persistence: new Memory(sessions, arriving, retainedTopicsMax),
    connectTimeout: options.connectTimeoutMs,
    drainTimeout: drainTimeoutMs,
    maxTopicLevels: topicLevelsMax,
    // Bounded where packets are remembered, over all connections of a client.
    maxInflightInbound: 0,
  });
  aedes.on('clientReady', ({ conn }) => {
    if (conn instanceof Passage) conn.ready();
  });
  aedes.on('publish', ({ qos, topic, payload }, client) => {
    if (!(client?.conn instanceof Passage)) return;
    client.conn.published(qos);
    if (topic.startsWith(topicPrefix))
      options.hear?.(topic.slice(topicPrefix.length), Buffer.from(payload));
  });
  // Not in the types of aedes 1.2: its store failed.
  (aedes as NodeJS.EventEmitter).on('error', (error: Error) => {
    options.log.error('the broker stumbled', { why: error.message });
  });
  const { sink, credentials } = options;
  return new House({
    ...{ aedes, sessions, arriving, refusals, sink, credentials },
    packetBytesMax: options.packetBytesMax ?? packetBytesDefault,
    receiveMax: limits.unreleasedMax,
    pendingPerMeterMax: options.pendingPerMeterMax ?? pendingPerMeterDefault,
    connectTimeoutMs: options.connectTimeoutMs,
    now: () => performance.now(),
  });
}

function overTls(
  options: TlsOptions,
  connectTimeoutMs: number,
  refusals: Refusals,
  serve: (socket: Socket, keyHolder: MeterId | undefined) => void,
): Server {
  const { server, keyHolderOf } = tlsListener(options, connectTimeoutMs);
  server.on('secureConnection', (socket) => serve(socket, keyHolderOf(socket)));
  server.on('tlsClientError', (_error, socket: TLSSocket) => {
    refusals.count('bad-tls');
    socket.destroy();
  });
  return server;
}

async function listening(
  server: Server,
  { host, port }: { host: string; port: number },
  { connectionsMax, log }: BrokerOptions,
  refusals: Refusals,
): Promise<void> {
  // Those who have not ended their TLS handshake count here, all others together in `serve`.
  server.maxConnections = connectionsMax;
  server.on('drop', () => refusals.count('too-many-connections'));
  await once(server.listen({ host, port, backlog: backlogMax }), 'listening');
  server.on('error', ({ message }) => log.error('the broker stumbled', { why: message }));
}

function join(house: House, socket: Socket, keyHolder: MeterId | undefined): void {
  socket.setKeepAlive(true, probeAfterMs);
  const connection = new Connection(house, socket, keyHolder);
  socket.on('data', (chunk) => connection.front.arrived(chunk));
  socket.on('drain', () => connection.front.drained());
  socket.on('end', () => connection.ended());
  socket.on('close', () => connection.gone());
  // 'close' follows.
  socket.on('error', () => {});
}

async function close(
  house: House,
  listeners: readonly Server[],
  sockets: ReadonlySet<Socket>,
): Promise<void> {
  house.rounds.stop();
  const hungUp = listeners.map((server) => new Promise((resolve) => server.close(resolve)));
  // An open aedes keeps its heartbeat, and with it the process, alive.
  await new Promise<void>((resolve) => house.aedes.close(() => resolve()));
  for (const socket of sockets) socket.destroy();
  await Promise.all(hungUp);
}
