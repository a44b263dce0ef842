/** What a client may say after its CONNECT, checked as MQTT 3.1.1 demands; whatever fails is `Malformed`. */
import { Fields, Malformed } from './fields.ts';

/** MQTT 3.1.1 section 2.2.1. */
export const packetType = {
  connect: 1,
  connack: 2,
  publish: 3,
  puback: 4,
  pubrec: 5,
  pubrel: 6,
  pubcomp: 7,
  subscribe: 8,
  suback: 9,
  unsubscribe: 10,
  unsuback: 11,
  pingreq: 12,
  pingresp: 13,
  disconnect: 14,
  auth: 15,
} as const;

export type Qos = 0 | 1 | 2;

export type Publish = {
  readonly topic: string;
  readonly qos: Qos;
  readonly retain: boolean;
  readonly dup: boolean;
  /** 0 at QoS 0. */
  readonly packetId: number;
  readonly payloadAt: number;
};

export type Subscribe = {
  readonly packetId: number;
  readonly asked: readonly { readonly filter: string; readonly qos: Qos }[];
};

export type Unsubscribe = { readonly packetId: number; readonly filters: readonly string[] };

const isQos = (value: number): value is Qos => value <= 2;

/** MQTT 3.1.1 section 3.3. */
export function readPublish(bytes: Buffer, from: number, bodyAt: number, endAt: number): Publish {
  const flags = bytes[from] as number;
  const qos = (flags >> 1) & 3;
  if (!isQos(qos)) throw new Malformed('QoS 3');
  const dup = (flags & 8) !== 0;
  if (dup && qos === 0) throw new Malformed('a second delivery at QoS 0');
  const fields = new Fields(bytes, bodyAt, endAt);
  const topic = fields.text();
  if (!isTopicName(topic)) throw new Malformed('not a topic name');
  const packetId = qos === 0 ? 0 : fields.packetId();
  return { topic, qos, retain: (flags & 1) !== 0, dup, packetId, payloadAt: fields.at };
}

/** MQTT 3.1.1 section 3.8. */
export function readSubscribe(bytes: Buffer, bodyAt: number, endAt: number): Subscribe {
  const fields = new Fields(bytes, bodyAt, endAt);
  const packetId = fields.packetId();
  const asked: { filter: string; qos: Qos }[] = [];
  do {
    const filter = fields.text();
    const qos = fields.byte();
    if (!isQos(qos) || !isTopicFilter(filter)) throw new Malformed('not a topic filter');
    asked.push({ filter, qos });
  } while (fields.left > 0);
  return { packetId, asked };
}

/** MQTT 3.1.1 section 3.10. */
export function readUnsubscribe(bytes: Buffer, bodyAt: number, endAt: number): Unsubscribe {
  const fields = new Fields(bytes, bodyAt, endAt);
  const packetId = fields.packetId();
  const filters: string[] = [];
  do {
    const filter = fields.text();
    if (!isTopicFilter(filter)) throw new Malformed('not a topic filter');
    filters.push(filter);
  } while (fields.left > 0);
  return { packetId, filters };
}

/** PUBACK, PUBREC, PUBREL, PUBCOMP: MQTT 3.1.1 sections 3.4 to 3.7. */
export function readPacketId(bytes: Buffer, bodyAt: number, endAt: number): number {
  const fields = new Fields(bytes, bodyAt, endAt);
  const packetId = fields.packetId();
  if (fields.left > 0) throw new Malformed('too long');
  return packetId;
}

/** Bits 3 to 0 of the first byte: MQTT 3.1.1 section 2.2.2. */
export function checkFlags(firstByte: number): void {
  const type = firstByte >> 4;
  if (type === packetType.publish) return;
  const { pubrel, subscribe, unsubscribe } = packetType;
  const expected = type === pubrel || type === subscribe || type === unsubscribe ? 2 : 0;
  if ((firstByte & 0x0f) !== expected) throw new Malformed('reserved flags');
}

/** MQTT 3.1.1 section 4.7.3. */
export const isTopicName = (topic: string): boolean =>
  topic.length > 0 && !topic.includes('+') && !topic.includes('#');

/** Wildcards stand alone in their level, `#` only in the last: MQTT 3.1.1 section 4.7.1. */
export function isTopicFilter(filter: string): boolean {
  if (filter.length === 0) return false;
  const levels = filter.split('/');
  return levels.every(
    (level, index) =>
      level === '+' ||
      (level === '#' && index === levels.length - 1) ||
      (!level.includes('+') && !level.includes('#')),
  );
}

/** A packet of which nothing but the first byte and an identifier need be said. */
export const shortPacket = (firstByte: number, packetId: number): Buffer =>
  Buffer.from([firstByte, 2, packetId >> 8, packetId & 0xff]);

export const pingResponse: Buffer = Buffer.from([packetType.pingresp << 4, 0]);

/** MQTT 3.1.1 section 3.2. */
export const connack = (returnCode: number): Buffer =>
  Buffer.from([packetType.connack << 4, 2, 0, returnCode]);

/** First byte, remaining length and body. */
export function packetOf(firstByte: number, parts: readonly Uint8Array[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([Buffer.from([firstByte, ...variableInteger(length)]), ...parts]);
}

export function variableInteger(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    rest >>= 7;
  } while (rest > 0);
  return bytes;
}

export const uint16 = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);

/** A text or a binary field with its length before it. */
export function prefixedBytes(value: string | Uint8Array): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'utf8') : value;
  return Buffer.concat([uint16(bytes.length), bytes]);
}

export function publishPacket(
  say: Pick<Publish, 'topic' | 'qos' | 'retain' | 'dup' | 'packetId'>,
  payload: Uint8Array,
): Buffer {
  const flags = (say.dup ? 8 : 0) | (say.qos << 1) | (say.retain ? 1 : 0);
  const id = say.qos === 0 ? [] : [uint16(say.packetId)];
  return packetOf((packetType.publish << 4) | flags, [prefixedBytes(say.topic), ...id, payload]);
}

/** Of a whole packet. */
export function bodyOf(packets: Buffer, from: number): { bodyAt: number; endAt: number } {
  let length = 0;
  for (let at = from + 1, shift = 0; ; at += 1, shift += 7) {
    const byte = packets[at] as number;
    length |= (byte & 0x7f) << shift;
    if (byte < 0x80) return { bodyAt: at + 1, endAt: at + 1 + length };
  }
}
