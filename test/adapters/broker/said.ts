/** MQTT packets as a client writes them, byte by byte, without any library. */
const uint16 = (value: number): Buffer => Buffer.from([value >> 8, value & 255]);
export const text = (value: string | Buffer): Buffer => {
  const bytes = Buffer.from(value);
  return Buffer.concat([uint16(bytes.length), bytes]);
};

export function packet(first: number, ...parts: (Buffer | number[])[]): Buffer {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part)));
  const length: number[] = [];
  let rest = body.length;
  do {
    length.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    rest >>= 7;
  } while (rest > 0);
  return Buffer.concat([Buffer.from([first, ...length]), body]);
}

export type ConnectSaid = {
  name?: string;
  level?: number;
  flags?: number;
  clean?: boolean;
  keepAliveS?: number;
  clientId?: string;
  will?: { topic: string; payload: string; qos?: number; retain?: boolean };
  username?: string;
  password?: string;
  properties?: number[];
};

export function connectSaid(user: string, differs: ConnectSaid = {}): Buffer {
  const { name = 'MQTT', level = 4, clean = true, keepAliveS = 60, clientId = user } = differs;
  const { will, username = user, password = `secret of ${user}`, properties } = differs;
  const willFlags = will ? 4 | ((will.qos ?? 0) << 3) | (will.retain ? 32 : 0) : 0;
  const flags = differs.flags ?? 0xc0 | (clean ? 2 : 0) | willFlags;
  const v5 = level === 5 ? [Buffer.from(properties ?? [0])] : [];
  const lastWill = will
    ? [...(level === 5 ? [Buffer.from([0])] : []), text(will.topic), text(will.payload)]
    : [];
  return packet(
    0x10,
    ...[text(name), [level, flags], uint16(keepAliveS), ...v5, text(clientId), ...lastWill],
    ...[text(username), text(password)],
  );
}

export function publishSaid(
  topic: string,
  payload: string | Buffer,
  { qos = 0, id = 1, retain = false, dup = false, properties = [] as number[], level = 4 } = {},
): Buffer {
  const first = 0x30 | (dup ? 8 : 0) | (qos << 1) | (retain ? 1 : 0);
  const v5 = level === 5 ? [[properties.length, ...properties]] : [];
  return packet(first, text(topic), qos > 0 ? uint16(id) : [], ...v5, Buffer.from(payload));
}

export const subscribeSaid = (id: number, ...asked: [string, number][]): Buffer =>
  packet(0x82, uint16(id), ...asked.flatMap(([filter, qos]) => [text(filter), [qos]]));

export const unsubscribeSaid = (id: number, ...filters: string[]): Buffer =>
  packet(0xa2, uint16(id), ...filters.map(text));

export const answerSaid = (first: number, id: number): Buffer => packet(first, uint16(id));
export const disconnectSaid = Buffer.from([0xe0, 0]);
export const pingSaid = Buffer.from([0xc0, 0]);
