/** One meter's connection: MQTT 3.1.1 with several readings in flight, as bytes. */
import { connect, type Socket } from 'node:net';
import type { EpochMs } from '../../gateway/core/units.ts';
import type { MeterBook } from './meter-book.ts';

export const passwordOf = (name: string): string => `secret of ${name}`;

const packet = { connack: 0x20, publishQos1: 0x32, puback: 0x40 } as const;
/** CONNACK and PUBACK of MQTT 3.1.1 have this length (sections 3.2 and 3.4). */
const answerBytes = 4;
/** Bytes of PUBLISH before the topic, with a remaining length of two bytes (section 2.2.3). */
const headBytes = 5;
const packetBytesMax = 2 ** 14;

export class MeterLine {
  readonly #book: MeterBook;
  readonly #now: () => EpochMs;
  readonly #topic: string;
  readonly #socket: Socket;
  /** Sequence numbers in flight, by packet identifier. */
  readonly #inFlight: (number | undefined)[];
  #rest: Buffer = Buffer.alloc(0);
  /** Resolves when the connection is over, whoever ended it. */
  readonly gone: Promise<void>;
  acknowledged = 0;

  constructor(book: MeterBook, port: number, window: number, now: () => EpochMs) {
    this.#book = book;
    this.#now = now;
    this.#topic = `jirani/v1/meters/${book.name}/reading`;
    this.#inFlight = new Array<number | undefined>(window + 1).fill(undefined);
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.on('data', (chunk) => this.#arrived(chunk));
    this.#socket.on('error', () => {});
    this.gone = new Promise((resolve) => this.#socket.once('close', () => resolve()));
    this.#socket.write(connectPacket(book.name));
  }

  hangUp(): void {
    this.#socket.destroy();
  }

  #arrived(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    this.#socket.cork();
    for (; at + answerBytes <= bytes.length; at += answerBytes) {
      const kind = bytes[at];
      if (kind === packet.connack) this.#begin(bytes[at + 3] ?? 0);
      else if (kind === packet.puback) this.#settled(bytes.readUInt16BE(at + 2));
      else throw new Error(`the hub sent a packet of kind ${kind}`);
    }
    this.#socket.uncork();
    this.#rest = bytes.subarray(at);
  }

  #begin(refusal: number): void {
    if (refusal !== 0) throw new Error(`the hub refused ${this.#book.name} with ${refusal}`);
    for (let id = 1; id < this.#inFlight.length; id++) this.#send(id);
  }

  #settled(id: number): void {
    const s = this.#inFlight[id];
    if (s === undefined) throw new Error(`the hub acknowledged ${id}, which was not sent`);
    this.#book.acknowledge(s);
    this.acknowledged += 1;
    this.#send(id);
  }

  #send(id: number): void {
    const s = this.#book.next(this.#now());
    this.#inFlight[id] = s;
    this.#socket.write(publishPacket(this.#topic, id, this.#book.payload(s)));
  }
}

/** Clean session, keep-alive of a minute (MQTT 3.1.1 section 3.1). */
function connectPacket(name: string): Buffer {
  const field = (text: string): Buffer => {
    const bytes = Buffer.from(text);
    return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]);
  };
  const flags = 0b1100_0010;
  const body = Buffer.concat([
    ...[field('MQTT'), Buffer.from([4, flags, 0, 60])],
    ...[field(name), field(name), field(passwordOf(name))],
  ]);
  return Buffer.concat([Buffer.from([0x10, body.length]), body]);
}

function publishPacket(topic: string, id: number, payload: string): Buffer {
  const length = 2 + topic.length + 2 + payload.length;
  if (length >= packetBytesMax) throw new Error('a reading is short');
  const bytes = Buffer.allocUnsafe(3 + length);
  bytes[0] = packet.publishQos1;
  bytes[1] = (length & 127) | 128;
  bytes[2] = length >> 7;
  bytes.writeUInt16BE(topic.length, headBytes - 2);
  bytes.write(topic, headBytes, 'latin1');
  bytes.writeUInt16BE(id, headBytes + topic.length);
  bytes.write(payload, headBytes + topic.length + 2, 'latin1');
  return bytes;
}
