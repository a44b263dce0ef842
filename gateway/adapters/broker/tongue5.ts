/**
 * Speaks MQTT 5 with one client, and MQTT 3.1.1 with the rest of the broker. What the older protocol cannot
 * carry is left out: user properties, content type, response topic and expiry of messages, will delay. Shared
 * subscriptions, subscription identifiers and enhanced authentication are refused, as CONNACK says.
 */
import type { Connect } from './connect-packet.ts';
import type { ReturnCode } from './door.ts';
import { Fields, Malformed } from './fields.ts';
import {
  bodyOf,
  isTopicName,
  packetOf,
  packetType,
  prefixedBytes,
  shortPacket,
  uint16,
} from './packets.ts';
import { propertiesOf, readProperties } from './properties.ts';
import { reason } from './reasons5.ts';
import type { Session } from './session.ts';

/** Topics for which a client may agree on a number. */
const topicAliasMax = 16;

/** The client goes and leaves its will; the client does not want what it was sent. */
export type Meaning = 'goodbye' | 'settled';
export type Limits = { readonly packetBytesMax: number; readonly receiveMax: number };
export type Translated = { readonly bytes: Buffer; readonly bodyAt: number };

const { publish, puback, pubrec, pubrel, pubcomp, subscribe, unsubscribe } = packetType;
const { connack, suback, unsuback, disconnect, auth } = packetType;
const answers = new Set<number>([puback, pubrec, pubrel, pubcomp]);

export class Tongue5 {
  readonly #session: Session;
  readonly #connect: Connect;
  readonly #clientId: string;
  readonly #limits: Limits;
  #aliases: Map<number, Buffer> | undefined;
  /** Reasons that UNSUBACK will tell. */
  #unsubscribed: number[] = [];

  constructor(connect: Connect, clientId: string, session: Session, limits: Limits) {
    this.#connect = connect;
    this.#clientId = clientId;
    this.#session = session;
    this.#limits = limits;
  }

  static rejection(returnCode: ReturnCode): Buffer {
    const reasons = { 1: reason.unsupportedProtocol, 2: 0x85, 4: 0x86, 5: reason.notAuthorized };
    return packetOf(connack << 4, [Buffer.from([0, reasons[returnCode], 0])]);
  }

  /** MQTT 5 section 4.12: passwords and keys are all there is. */
  static noSuchAuthentication(): Buffer {
    return packetOf(connack << 4, [Buffer.from([0, reason.badAuthentication, 0])]);
  }

  /** A packet of the client in MQTT 3.1.1, or what it means when that has no word for it. */
  hear(bytes: Buffer, from: number, bodyAt: number, endAt: number): Translated | Meaning {
    const first = bytes[from] as number;
    const type = first >> 4;
    if (type === auth) throw new Malformed('no such authentication');
    const fields = new Fields(bytes, bodyAt, endAt);
    if (type === publish) return translated(first, this.#publish(first, fields));
    if (type === subscribe) return translated(first, this.#subscribe(fields));
    if (type === unsubscribe) return translated(first, this.#unsubscribe(fields));
    if (type === disconnect) return this.#disconnect(first, fields);
    if (answers.has(type)) return this.#answer(first, fields);
    return { bytes: bytes.subarray(from, endAt), bodyAt: bodyAt - from };
  }

  /** Whole packets of MQTT 3.1.1, as this client understands them. */
  say(packets: Buffer): Buffer {
    const said: Buffer[] = [];
    for (let at = 0; at < packets.length; ) {
      const { bodyAt, endAt } = bodyOf(packets, at);
      const packet = this.#sayOne(packets, at, bodyAt, endAt);
      if (packet !== undefined) said.push(packet);
      at = endAt;
    }
    return said.length === 1 ? (said[0] as Buffer) : Buffer.concat(said);
  }

  #publish(first: number, fields: Fields): Buffer[] {
    const topicBytes = fields.binary();
    const id = (first & 6) === 0 ? [] : [uint16(fields.packetId())];
    const { topicAlias, subscriptionId } = readProperties(fields);
    if (subscriptionId !== undefined) throw new Malformed('only a server says that');
    return [prefixedBytes(this.#topic(topicBytes, topicAlias)), ...id, fields.rest()];
  }

  /** MQTT 5 section 3.3.2.3.4. */
  #topic(said: Buffer, alias: unknown): Buffer {
    if (alias === undefined) return said;
    if (typeof alias !== 'number' || alias === 0 || alias > topicAliasMax) {
      throw new Malformed('topic alias');
    }
    this.#aliases ??= new Map();
    if (said.length > 0) {
      if (!isTopicName(said.toString('utf8'))) throw new Malformed('not a topic name');
      this.#aliases.set(alias, Buffer.from(said));
    }
    return this.#aliases.get(alias) ?? said;
  }

  #subscribe(fields: Fields): Buffer[] {
    const parts = [uint16(fields.packetId())];
    const { subscriptionId } = readProperties(fields);
    if (subscriptionId !== undefined) throw new Malformed('subscription identifiers');
    while (fields.left > 0) {
      const filter = fields.text();
      const options = fields.byte();
      const retainHandling = (options >> 4) & 3;
      if ((options & 0xc0) !== 0 || retainHandling === 3) throw new Malformed('reserved options');
      this.#session.asks(filter, {
        noLocal: (options & 4) !== 0,
        keepsRetain: (options & 8) !== 0,
        retained: (['always', 'when-new', 'never'] as const)[retainHandling] ?? 'always',
      });
      parts.push(prefixedBytes(filter), Buffer.from([options & 3]));
    }
    return parts;
  }

  #unsubscribe(fields: Fields): Buffer[] {
    const parts = [uint16(fields.packetId())];
    readProperties(fields);
    this.#unsubscribed = [];
    while (fields.left > 0) {
      const filter = fields.text();
      const isKnown = this.#session.filters.has(filter);
      this.#unsubscribed.push(isKnown ? reason.success : reason.noSubscription);
      parts.push(prefixedBytes(filter));
    }
    return parts;
  }

  #answer(first: number, fields: Fields): Translated | Meaning {
    const id = fields.packetId();
    const code = fields.left > 0 ? fields.byte() : reason.success;
    if (fields.left > 0) readProperties(fields);
    if (fields.left > 0) throw new Malformed('too long');
    if (first >> 4 === pubrec && code >= reason.unspecified) {
      // The client does not want it: nothing more is said about it.
      this.#session.settle(id);
      return 'settled';
    }
    return translated(first, [uint16(id)]);
  }

  /** 'goodbye' when the will shall be published all the same: MQTT 5 section 3.14. */
  #disconnect(first: number, fields: Fields): Translated | Meaning {
    const code = fields.left > 0 ? fields.byte() : reason.success;
    const { sessionExpiryS } = fields.left > 0 ? readProperties(fields) : {};
    if (fields.left > 0) throw new Malformed('too long');
    if (typeof sessionExpiryS === 'number') {
      if (this.#session.expiryS === 0 && sessionExpiryS > 0) throw new Malformed('expiry');
      this.#session.expiryS = sessionExpiryS;
    }
    return code === reason.success ? translated(first, []) : 'goodbye';
  }

  #sayOne(bytes: Buffer, from: number, bodyAt: number, endAt: number): Buffer | undefined {
    const first = bytes[from] as number;
    const body = bytes.subarray(bodyAt, endAt);
    switch (first >> 4) {
      case connack:
        return this.#connack(body);
      case publish:
        return this.#sayPublish(first, body);
      case suback:
        return packetOf(first, [body.subarray(0, 2), Buffer.from([0]), codesOf(body.subarray(2))]);
      case unsuback:
        return packetOf(first, [body, Buffer.from([0, ...this.#unsubscribed])]);
      default:
        return bytes.subarray(from, endAt);
    }
  }

  #connack(body: Buffer): Buffer {
    const { sessionExpiryS } = this.#connect.properties;
    const assigned =
      this.#connect.clientId === '' ? [Buffer.from([0x12]), prefixedBytes(this.#clientId)] : [];
    const properties = propertiesOf(
      {
        ...(sessionExpiryS === undefined ? {} : { sessionExpiryS: this.#session.expiryS }),
        receiveMax: this.#limits.receiveMax,
        packetBytesMax: this.#limits.packetBytesMax,
        topicAliasMax,
        subscriptionIds: 0,
        sharedSubscriptions: 0,
      },
      assigned,
    );
    return packetOf(connack << 4, [body.subarray(0, 2), properties]);
  }

  /** What the client cannot take it is not sent, and counts as received: MQTT 5 section 3.1.2.11.4. */
  #sayPublish(first: number, body: Buffer): Buffer | undefined {
    const topicEnd = 2 + body.readUInt16BE(0);
    const isNumbered = (first & 6) !== 0;
    const headEnd = topicEnd + (isNumbered ? 2 : 0);
    const head = body.subarray(0, headEnd);
    const packet = packetOf(first, [head, Buffer.from([0]), body.subarray(headEnd)]);
    const { packetBytesMax } = this.#connect.properties;
    if (typeof packetBytesMax !== 'number' || packet.length <= packetBytesMax) return packet;
    if (isNumbered) this.#session.settle(body.readUInt16BE(topicEnd));
    return undefined;
  }
}

/** MQTT 3.1.1 knows one refusal: here it is always for want of rights. */
const codesOf = (codes: Buffer): Buffer =>
  Buffer.from(codes.map((code) => (code === 0x80 ? reason.notAuthorized : code)));

function translated(first: number, parts: readonly Buffer[]): Translated {
  if (parts.length === 1 && parts[0]?.length === 2) {
    return { bytes: shortPacket(first, parts[0].readUInt16BE(0)), bodyAt: 2 };
  }
  const bytes = packetOf(first, parts);
  return { bytes, bodyAt: bodyOf(bytes, 0).bodyAt };
}
