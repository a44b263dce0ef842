/** The first packet of a client: MQTT 3.1.1 section 3.1. */
import { Fields, Malformed } from './fields.ts';
import { isTopicName, packetOf, packetType, prefixedBytes, type Qos } from './packets.ts';
import { type Properties, readProperties } from './properties.ts';

export type Will = {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: Qos;
  readonly retain: boolean;
};

export type Connect = {
  /** 3 is MQTT 3.1, 4 is MQTT 3.1.1, 5 is MQTT 5. */
  readonly level: 3 | 4 | 5;
  readonly clean: boolean;
  /** 0 when the client may be silent for ever. */
  readonly keepAliveS: number;
  readonly clientId: string;
  readonly will: Will | undefined;
  readonly username: string | undefined;
  readonly password: Buffer | undefined;
  /** Of MQTT 5; empty otherwise. */
  readonly properties: Properties;
};

const flag = { reserved: 1, clean: 2, will: 4, willRetain: 32, password: 64, username: 128 };
const protocolNames: Readonly<Record<string, readonly number[]>> = { MQTT: [4, 5], MQIsdp: [3] };

/** Undefined when the client speaks a protocol level that nobody here understands. */
export function readConnect(bytes: Buffer, bodyAt: number, endAt: number): Connect | undefined {
  const fields = new Fields(bytes, bodyAt, endAt);
  const levels = protocolNames[fields.text()];
  if (levels === undefined) throw new Malformed('another protocol');
  const level = fields.byte();
  if (!levels.includes(level)) return undefined;
  const flags = fields.byte();
  const willQos = checkConnectFlags(flags, level);
  const keepAliveS = fields.uint16();
  const properties = level === 5 ? readProperties(fields) : {};
  if (properties.receiveMax === 0 || properties.packetBytesMax === 0) throw new Malformed('zero');
  const clientId = fields.text();
  const connect: Connect = {
    level: level as Connect['level'],
    clean: (flags & flag.clean) !== 0,
    keepAliveS,
    clientId,
    will: (flags & flag.will) === 0 ? undefined : readWill(fields, flags, willQos, level),
    username: (flags & flag.username) === 0 ? undefined : fields.text(),
    password: (flags & flag.password) === 0 ? undefined : fields.binary(),
    properties,
  };
  if (fields.left > 0) throw new Malformed('too long');
  return connect;
}

/** MQTT 3.1.1 sections 3.1.2.3 to 3.1.2.9. */
function checkConnectFlags(flags: number, level: number): Qos {
  if ((flags & flag.reserved) !== 0) throw new Malformed('reserved flag');
  const willQos = (flags >> 3) & 3;
  const hasWill = (flags & flag.will) !== 0;
  if (willQos === 3 || (!hasWill && (willQos > 0 || (flags & flag.willRetain) !== 0))) {
    throw new Malformed('will flags');
  }
  const isNameless = (flags & flag.username) === 0 && (flags & flag.password) !== 0;
  if (isNameless && level < 5) throw new Malformed('a password without a name');
  return willQos as Qos;
}

function readWill(fields: Fields, flags: number, qos: Qos, level: number): Will {
  if (level === 5) readProperties(fields);
  const topic = fields.text();
  if (!isTopicName(topic)) throw new Malformed('not a topic name');
  return { topic, payload: fields.binary(), qos, retain: (flags & flag.willRetain) !== 0 };
}

/**
 * What aedes gets to read in its place: MQTT 3.1.1, called `clientId`, without name and password, which were
 * checked already, and without keepalive, which is watched where every packet passes.
 */
export function connectForAedes(clientId: string, clean: boolean, will: Will | undefined): Buffer {
  const willFlags =
    will === undefined ? 0 : flag.will | (will.qos << 3) | (will.retain ? flag.willRetain : 0);
  const flags = (clean ? flag.clean : 0) | willFlags;
  return packetOf(packetType.connect << 4, [
    prefixedBytes('MQTT'),
    Buffer.from([4, flags, 0, 0]),
    prefixedBytes(clientId),
    ...(will === undefined ? [] : [prefixedBytes(will.topic), prefixedBytes(will.payload)]),
  ]);
}
