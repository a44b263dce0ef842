/** A client of a broker that was here before the hub: a PUBACK from the hub to it means "on disk". */
import type { IPublishPacket, Packet } from 'mqtt-packet';
import type { MeterId } from '../../core/ids.ts';
import type { MeterBroker } from '../../ports/broker.ts';
import type { Log } from '../../ports/log.ts';
import type { ReadingSink } from '../../ports/readings.ts';
import { Announcements } from './announcements.ts';
import { BackOff, type Patience, usualPatience } from './back-off.ts';
import { Intake, type IntakeNeeds } from './intake.ts';
import { Link, type LinkOptions, type Listener } from './link.ts';
import { Refusals } from './refusals.ts';
import {
  isAwaited,
  meterIn,
  readingFilter,
  stateFilters,
  topicPrefix,
  wordFilters,
} from './topics.ts';

export type ExternalBrokerOptions = {
  /** `mqtt://host[:port]` (1883) or `mqtts://host[:port]` (8883, the certificate is always checked). */
  readonly url: string;
  readonly username: string;
  readonly password: string;
  /** Under this name the broker keeps the hub's readings while it is away; never two hubs under one. */
  readonly clientId?: string;
  /** PEM of whoever signed the broker's certificate. */
  readonly ca?: string | undefined;
  readonly sink: ReadingSink;
  /** Asked once per meter and commit. Readings of others are counted, acknowledged and not kept. */
  readonly isRegistered: (meter: MeterId) => boolean;
  /** Hears answers of meters and words of flows; `topic` is without the `jirani/v1/` prefix. */
  readonly hear?: (topic: string, payload: Uint8Array) => void;
  readonly log: Log;
  readonly patience?: Patience;
  readonly keepaliveMs?: number;
  /** Readings that may wait for the disk. */
  readonly pendingMax?: number;
};

export interface ExternalBroker extends MeterBroker, AsyncDisposable {}

export const usualClientId = 'jirani-hub';
const keepaliveDefaultMs = 30_000;
const pendingDefault = 20_000;
/** The one SUBSCRIBE of a connection; announcements have lower identifiers. */
const subscribeId = 65_535;
/** SUBACK: MQTT 3.1.1 section 3.9.3. */
const filterRefused = 128;

/**
 * Begins to call the broker and never gives up; being away is a state, not an error. Throws when `url` is
 * not an address of a broker. Closing says goodbye; what the broker still holds waits for the next start.
 */
export function openExternalBroker(options: ExternalBrokerOptions): ExternalBroker {
  const refusals = new Refusals(options.log);
  const guest = new Guest(options, refusals);
  options.sink.onSettled(() => guest.settled());
  guest.call();
  return {
    ...{ port: undefined, tlsPort: undefined },
    announce: (topic, body, { retain = false } = {}) =>
      guest.announcements.add({
        topic: topicPrefix + topic,
        payload: JSON.stringify(body) ?? '',
        retain,
      }),
    advertise: (topic, payload) => guest.announcements.add({ topic, payload, retain: true }),
    online: () => new Set(guest.online),
    // One link to the other broker, which has the meters' connections.
    connections: () => (guest.trouble === undefined ? 1 : 0),
    refused: () => refusals.counts(),
    health: () => ({
      mode: 'external',
      state: guest.trouble === undefined ? 'ok' : 'away',
      detail: guest.trouble ?? '',
    }),
    [Symbol.asyncDispose]: () => guest.leave(),
  };
}

/** The hub in another's house: one connection after the other, with what outlives them. */
class Guest implements Listener {
  readonly announcements: Announcements;
  readonly online = new Set<MeterId>();
  /** Why no readings come; undefined when all is well. */
  trouble: string | undefined = 'the broker was not reached yet';
  readonly #options: ExternalBrokerOptions;
  readonly #address: LinkOptions;
  readonly #needs: IntakeNeeds;
  readonly #refusals: Refusals;
  readonly #backOff: BackOff;
  #link: Link | undefined;
  #intake: Intake | undefined;
  #again: NodeJS.Timeout | undefined;
  #hadSession = false;
  #hasLeft = false;

  constructor(options: ExternalBrokerOptions, refusals: Refusals) {
    this.#options = options;
    this.#refusals = refusals;
    this.#address = addressOf(options);
    this.#backOff = new BackOff(options.patience ?? usualPatience);
    const { sink, isRegistered, pendingMax = pendingDefault } = options;
    this.#needs = { sink, isRegistered, refusals, pendingMax };
    this.announcements = new Announcements(refusals);
  }

  call(): void {
    this.#link = new Link(this.#address, this);
    this.#intake = new Intake(this.#link, this.#needs);
  }

  settled(): void {
    this.#intake?.settled();
  }

  async leave(): Promise<void> {
    this.#hasLeft = true;
    clearTimeout(this.#again);
    await this.#link?.leave();
  }

  welcomed(sessionPresent: boolean): void {
    if (this.#hadSession && !sessionPresent) this.#refusals.count('session-lost');
    else if (!sessionPresent)
      this.#options.log.info('the existing broker keeps readings from now on');
    this.#hadSession = true;
    // Subscribing again is harmless, and brings the retained states.
    const { hear } = this.#options;
    const words = hear === undefined ? [] : wordFilters;
    const subscriptions = [
      ...[readingFilter, ...words].map((topic) => ({ topic, qos: 1 as const })),
      ...stateFilters.map((topic) => ({ topic, qos: 0 as const })),
    ];
    this.#link?.send({ cmd: 'subscribe', messageId: subscribeId, subscriptions });
    this.announcements.connected((packet) => this.#link?.send(packet));
  }

  heard(packet: Packet): void {
    if (packet.cmd === 'publish') this.#listen(packet);
    else if (packet.cmd === 'puback') this.announcements.acknowledged(packet.messageId ?? 0);
    else if (packet.cmd === 'suback') this.#arrive(packet.granted);
    else if (packet.cmd !== 'pingresp') {
      this.#refusals.count('protocol-error', { packet: packet.cmd });
      this.#link?.hangUp('the broker does not keep to MQTT');
    }
  }

  ended(why: string): void {
    this.announcements.disconnected();
    this.online.clear();
    this.#link = undefined;
    this.#intake = undefined;
    if (this.#hasLeft) return;
    // The same trouble once: the broker may be away for a week.
    if (this.trouble !== why) this.#options.log.warn('the existing broker is away', { why });
    this.trouble = why;
    const pauseMs = this.#backOff.ended(performance.now(), Math.random());
    this.#again = setTimeout(() => this.call(), pauseMs);
  }

  #arrive(granted: readonly unknown[]): void {
    if (granted[0] === filterRefused) {
      this.#link?.hangUp('the broker does not let this user hear readings');
      return;
    }
    this.trouble = undefined;
    this.#backOff.arrived(performance.now());
    this.#options.log.info('the existing broker is here', { host: this.#address.host });
  }

  #listen(packet: IPublishPacket): void {
    const { topic, payload, qos, messageId = 0 } = packet;
    const meter = meterIn(topic, 'status');
    if (meter !== undefined) this.#mark(meter, String(payload));
    else if (isAwaited(topic))
      this.#options.hear?.(topic.slice(topicPrefix.length), Buffer.from(payload));
    else return this.#intake?.take(packet);
    if (qos === 1) this.#intake?.acknowledge([messageId]);
  }

  #mark(meter: MeterId, status: string): void {
    if (status === 'online' && this.#options.isRegistered(meter)) this.online.add(meter);
    else this.online.delete(meter);
  }
}

const usualPorts: Readonly<Record<string, number>> = { 'mqtt:': 1883, 'mqtts:': 8883 };

function addressOf(options: ExternalBrokerOptions): LinkOptions {
  const { url, ca, username, password } = options;
  const { protocol, hostname, port } = new URL(url);
  const usualPort = usualPorts[protocol];
  if (usualPort === undefined || hostname === '')
    throw new Error(`${url} is no address of a broker: mqtt://HOST or mqtts://HOST is needed`);
  return {
    // An IPv6 address stands in brackets in a URL only.
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port || usualPort),
    isTls: protocol === 'mqtts:',
    ...{ ca, username, password },
    clientId: options.clientId ?? usualClientId,
    keepaliveMs: options.keepaliveMs ?? keepaliveDefaultMs,
  };
}
