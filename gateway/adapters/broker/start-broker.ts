/** The local MQTT broker: meters speak to it, flows listen to it. A PUBACK to a reading means "on disk". */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { Aedes } from 'aedes';
import type { Announcer } from '../../ports/announcer.ts';
import type { Credentials } from '../../ports/credentials.ts';
import type { Log } from '../../ports/log.ts';
import type { MeterPresence, ReadingSink } from '../../ports/readings.ts';
import { announcerOn } from './announce.ts';
import { Door } from './door.ts';
import { Intake, type IntakeLimits } from './intake.ts';
import { watchPacketSizes } from './packet-sizes.ts';
import { type Refusal, Refusals } from './refusals.ts';
import { forgetOldest, retainedTopicsMax } from './retained.ts';

export type BrokerOptions = Partial<IntakeLimits> & {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  readonly sink: ReadingSink;
  readonly credentials: Credentials;
  readonly log: Log;
  readonly connectionsMax: number;
  /** A larger packet ends its connection before it has arrived. */
  readonly packetBytesMax?: number;
};

export interface Broker extends Announcer, MeterPresence, AsyncDisposable {
  readonly port: number;
  /** How often each kind of thing was turned away since the start. */
  refused(): Record<Refusal, number>;
}

const packetBytesDefault = 16_384;
/** More than one meter can have in one chunk of a socket, unless its readings are not readings. */
const pendingPerMeterDefault = 1024;
const pendingDefault = 20_000;
const connectTimeoutMs = 10_000;
/** How long a subscriber may leave its socket full. */
const drainTimeoutMs = 10_000;
/** When the machine asks a silent peer whether it still exists. */
const probeAfterMs = 60_000;
const topicLevelsMax = 12;

/** Starts listening. Rejects when the port is taken; closing ends every connection. */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const refusals = new Refusals(options.log);
  const door = new Door(options.credentials, refusals);
  const intake = new Intake(door, options.sink, refusals, {
    pendingPerMeterMax: options.pendingPerMeterMax ?? pendingPerMeterDefault,
    pendingMax: options.pendingMax ?? pendingDefault,
  });
  const { preConnect, authenticate } = door;
  const { authorizePublish, authorizeSubscribe } = intake;
  const aedes = await Aedes.createBroker({
    ...{ preConnect, authenticate, authorizePublish, authorizeSubscribe },
    connectTimeout: connectTimeoutMs,
    drainTimeout: drainTimeoutMs,
    maxTopicLevels: topicLevelsMax,
  });
  followLife(aedes, door, intake, refusals, options.log);

  const sockets = new Set<Socket>();
  const server = createServer({
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: probeAfterMs,
  });
  server.maxConnections = options.connectionsMax;
  server.on('drop', () => refusals.count('too-many-connections'));
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    aedes.handle(socket);
    limitPackets(socket, options.packetBytesMax ?? packetBytesDefault, refusals);
  });
  try {
    await once(server.listen(options.port, options.host), 'listening');
  } catch (error) {
    // An open aedes keeps its heartbeat, and with it the process, alive.
    await closed(aedes);
    throw error;
  }

  return {
    port: (server.address() as AddressInfo).port,
    announce: announcerOn(aedes, refusals),
    online: () => door.online(),
    refused: () => refusals.counts(),
    async [Symbol.asyncDispose]() {
      const hungUp = new Promise<void>((resolve) => server.close(() => resolve()));
      await closed(aedes);
      for (const socket of sockets) socket.destroy();
      await hungUp;
    },
  };
}

const closed = (aedes: Aedes): Promise<void> =>
  new Promise((resolve) => aedes.close(() => resolve()));

function followLife(aedes: Aedes, door: Door, intake: Intake, refusals: Refusals, log: Log): void {
  const complain = (error: Error) => log.error('the broker stumbled', { why: error.message });
  const remember = forgetOldest(aedes, retainedTopicsMax);
  aedes.on('client', (client) => door.arrived(client));
  aedes.on('clientDisconnect', (client) => door.left(client));
  aedes.on('unsubscribe', (filters, client) => intake.unsubscribed(client, filters));
  aedes.on('connectionError', () => refusals.count('protocol-error'));
  aedes.on('publish', (packet) => {
    if (packet.retain) remember(packet.topic).catch(complain);
  });
  // Not in the types of aedes 1.2: its own store failed.
  (aedes as NodeJS.EventEmitter).on('error', complain);
}

/** aedes reads the socket itself; this listener only sees what it read, before it is parsed. */
function limitPackets(socket: Socket, packetBytesMax: number, refusals: Refusals): void {
  const isSmall = watchPacketSizes(packetBytesMax);
  socket.on('data', (chunk: Buffer) => {
    if (socket.destroyed || isSmall(chunk)) return;
    refusals.count('packet-too-large');
    socket.destroy();
  });
}
