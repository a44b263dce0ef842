/** Sessions of meters, valid at first, then damaged; and what of them may reach the sink. */
import { aReading, readingTopic } from './given.ts';
import {
  answerSaid,
  connectSaid,
  disconnectSaid,
  pingSaid,
  publishSaid,
  subscribeSaid,
  unsubscribeSaid,
} from './said.ts';

export type Dice = { below(max: number): number };

/** Small, quick and always the same for one seed: mulberry32. */
export function diceOf(seed: number): Dice {
  let state = seed >>> 0;
  return {
    below(max) {
      state = (state + 0x6d2b79f5) | 0;
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
      return ((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * max) | 0;
    },
  };
}

export const meterOf = (n: number): string => `meter-${n}`;
/** Many, so that few of the streams that run side by side belong to the same meter. */
const metersMax = 256;

/** One of everything that a meter of this broker may say, and some of what it may not. */
const vocabulary = Array.from({ length: metersMax }, (_, n) => {
  const meter = meterOf(n);
  const topic = readingTopic(meter);
  const status = `jirani/v1/meters/${meter}/status`;
  return {
    connects: [4, 4, 4, 5].flatMap((level) => [
      connectSaid(meter, { level }),
      connectSaid(meter, { level, clean: false, will: { topic: status, payload: 'offline' } }),
    ]),
    strangers: [connectSaid(meter, { password: 'guess' }), connectSaid(meter, { level: 6 })],
    readings: [4, 5].map((level) =>
      Array.from({ length: 32 }, (_unused, s) =>
        publishSaid(topic, s === 31 ? Buffer.alloc(3_000, 97) : aReading(s), {
          ...{ qos: 1, id: s + 1, dup: s % 7 === 0, level },
        }),
      ),
    ),
    others: [4, 5].map((level) => [
      ...[pingSaid, pingSaid, unsubscribeSaid(4, status), answerSaid(0x40, 9)],
      publishSaid(status, 'online', { qos: 1, id: 900, level }),
      publishSaid(status, 'online', { qos: 2, id: 901, level }),
      ...[answerSaid(0x62, 901), publishSaid(status, 'online', { retain: true, level })],
      subscribeSaid(3, [`jirani/v1/meters/${meter}/cmd/#`, 1], ['jirani/v1/time', 0]),
    ]),
    wrongs: [
      publishSaid(topic, '{}', { qos: 0 }),
      publishSaid(topic, '{}', { qos: 1, retain: true }),
      publishSaid(readingTopic('meter-x'), '{}', { qos: 1 }),
      ...[connectSaid(meter), disconnectSaid, Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 1])],
    ],
  };
});

export type Stream = {
  readonly bytes: Buffer;
  readonly isDamaged: boolean;
  /** Where the stream is cut into chunks. */
  readonly cuts: readonly number[];
};

export function aStream(dice: Dice): Stream {
  const packets = aSession(dice);
  const isDamaged = dice.below(4) !== 0;
  if (isDamaged && dice.below(3) === 0) swap(packets, dice);
  let bytes: Buffer = Buffer.concat(packets);
  for (let hits = isDamaged ? 1 + dice.below(3) : 0; hits > 0; hits--) bytes = damaged(bytes, dice);
  return { bytes, isDamaged, cuts: someCuts(bytes.length, dice) };
}

/** Mostly readings. */
function aSession(dice: Dice): Buffer[] {
  const pick = <T>(from: readonly T[]): T => from[dice.below(from.length)] as T;
  const words = pick(vocabulary);
  const at = dice.below(words.connects.length);
  const level = at >= words.connects.length - 2 ? 1 : 0;
  const packets = [dice.below(12) === 0 ? pick(words.strangers) : (words.connects[at] as Buffer)];
  for (let count = dice.below(12); count > 0; count--) {
    const kind = dice.below(40);
    if (kind === 0) packets.push(pick(words.wrongs));
    else packets.push(pick((kind < 12 ? words.others : words.readings)[level] as Buffer[]));
  }
  return packets;
}

function swap(packets: Buffer[], dice: Dice): void {
  const [a, b] = [dice.below(packets.length), dice.below(packets.length)];
  [packets[a], packets[b]] = [packets[b] as Buffer, packets[a] as Buffer];
}

function damaged(bytes: Buffer, dice: Dice): Buffer {
  const from = dice.below(bytes.length + 1);
  const to = Math.min(bytes.length, from + dice.below(8));
  switch (dice.below(6)) {
    case 0:
      return bytes.subarray(0, from);
    case 1:
      return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
    case 2:
      return Buffer.concat([bytes.subarray(0, to), bytes.subarray(from)]);
    default: {
      const copy = Buffer.from(bytes);
      // Often near the front of the stream, where lengths, flags and names are.
      const at = dice.below(dice.below(4) === 0 ? Math.min(90, copy.length) : copy.length);
      if (at < copy.length)
        copy[at] = dice.below(3) === 0 ? dice.below(256) : (copy[at] ?? 0) ^ (1 << dice.below(8));
      return copy;
    }
  }
}

function someCuts(length: number, dice: Dice): number[] {
  const cuts: number[] = [];
  const largest = [1, 3, 20, 300, 100_000][dice.below(5)] as number;
  // A stream that is cut into single bytes from end to end would cost more than it tells.
  const cutsMax = 60;
  for (let at = 0; at < length && cuts.length < cutsMax; ) {
    at += 1 + dice.below(largest);
    if (at < length) cuts.push(at);
  }
  return cuts;
}

/**
 * Every reading that stands whole in the stream of a meter that was let in, found in the plainest way. The
 * front may stop earlier, at something that is wrong elsewhere, but may offer nothing else.
 */
export function readingsIn(bytes: Buffer): string[] {
  const found: string[] = [];
  let host: Host | undefined;
  for (let at = 0; at < bytes.length; ) {
    const frame = frameAt(bytes, at);
    if (frame === undefined) break;
    const body = bytes.subarray(frame.bodyAt, frame.endAt);
    const first = bytes[at] as number;
    if (host === undefined) {
      host = hostOf(first, body);
      if (host === undefined) break;
    } else {
      const payload = readingOf(first, body, readingTopic(host.meter), host.level);
      if (payload !== undefined) found.push(payload);
    }
    at = frame.endAt;
  }
  return found;
}

type Host = { readonly meter: string; readonly level: number };

function hostOf(first: number, body: Buffer): Host | undefined {
  const meter = /secret of (meter-[\w.:-]+)$/.exec(body.toString('latin1'))?.[1];
  if (first !== 0x10 || meter === undefined || body.length < 3) return undefined;
  return { meter, level: body[body.readUInt16BE(0) + 2] ?? 0 };
}

function frameAt(bytes: Buffer, from: number) {
  let length = 0;
  for (let index = 0; index < 4; index++) {
    const byte = bytes[from + 1 + index];
    if (byte === undefined) return undefined;
    length += (byte % 128) * 128 ** index;
    if (byte >= 128) continue;
    const bodyAt = from + 2 + index;
    const isWhole = length <= 16_384 && bodyAt + length <= bytes.length;
    return isWhole ? { bodyAt, endAt: bodyAt + length } : undefined;
  }
  return undefined;
}

function readingOf(first: number, body: Buffer, topic: string, level: number): string | undefined {
  if (first !== 0x32 && first !== 0x3a) return undefined;
  if (body.length < topic.length + 4 || body.readUInt16BE(0) !== topic.length) return undefined;
  if (body.toString('latin1', 2, 2 + topic.length) !== topic) return undefined;
  if (body.readUInt16BE(2 + topic.length) === 0) return undefined;
  const rest = body.subarray(topic.length + 4);
  if (level !== 5) return rest.toString('latin1');
  const properties = rest[0];
  if (properties === undefined || properties >= 128) return undefined;
  return rest.subarray(1 + properties).toString('latin1');
}
