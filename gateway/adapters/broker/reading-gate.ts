/**
 * The short way of one meter's readings into the sink, and of their PUBACKs back. MQTT 3.1.1 has no negative
 * PUBACK, so whatever is not acknowledged stays with the meter.
 */
import type { MeterId } from '../../core/ids.ts';
import type { ReadingEntry, ReadingSink } from '../../ports/readings.ts';
import { readingTopicOf } from './topic-rights.ts';

/** Readings of one meter that wait for the disk, over all its connections. */
export type MeterPending = { readonly meter: MeterId; unsettled: number; gates: number };

export type Taken = 'taken' | 'another-topic' | 'disk-full' | 'malformed';

/** PUBLISH at QoS 1, not to be retained; DUP says nothing about a reading. */
const readingFlags = 0x32;
const flagsButDup = 0xf7;

export class ReadingGate {
  /** The topic with its length before it, as it stands in the packet. */
  readonly #topic: Uint8Array;
  readonly #pending: MeterPending;
  readonly #entry: ReadingEntry;
  /** Readings of this connection alone. */
  #unsettled = 0;
  #acks: Buffer | undefined;
  #ackBytes = 0;
  readonly #hasAcks: () => void;

  constructor(sink: ReadingSink, pending: MeterPending, hasAcks: () => void) {
    const topic = Buffer.from(readingTopicOf(pending.meter), 'utf8');
    this.#topic = Buffer.concat([Buffer.from([topic.length >> 8, topic.length & 0xff]), topic]);
    this.#pending = pending;
    this.#hasAcks = hasAcks;
    this.#entry = sink.enter(pending.meter, (packetId) => this.#settled(packetId));
  }

  get pending(): MeterPending {
    return this.#pending;
  }

  /** Whether the packet, whose body begins at `bodyAt`, bears this meter's reading topic. */
  isOwnTopic(bytes: Uint8Array, bodyAt: number, endAt: number): boolean {
    const topic = this.#topic;
    if (endAt - bodyAt < topic.length) return false;
    for (let index = 0; index < topic.length; index += 1) {
      if (bytes[bodyAt + index] !== topic[index]) return false;
    }
    return true;
  }

  /**
   * For every packet: a reading at QoS 1 goes to the sink, anything else is another's business, and so are
   * readings of MQTT 5 that have properties.
   */
  take(bytes: Uint8Array, from: number, bodyAt: number, endAt: number, isMqtt5: boolean): Taken {
    if (((bytes[from] as number) & flagsButDup) !== readingFlags) return 'another-topic';
    if (!this.isOwnTopic(bytes, bodyAt, endAt)) return 'another-topic';
    const idAt = bodyAt + this.#topic.length;
    let payloadAt = idAt + 2;
    if (isMqtt5) {
      if (payloadAt >= endAt || bytes[payloadAt] !== 0) return 'another-topic';
      payloadAt += 1;
    }
    if (payloadAt > endAt) return 'malformed';
    const packetId = ((bytes[idAt] as number) << 8) | (bytes[idAt + 1] as number);
    if (packetId === 0) return 'malformed';
    return this.offer(bytes, payloadAt, endAt, packetId) ? 'taken' : 'disk-full';
  }

  /** False when too much waits for the disk already. */
  offer(bytes: Uint8Array, from: number, to: number, packetId: number): boolean {
    this.#unsettled += 1;
    this.#pending.unsettled += 1;
    if (this.#entry.offer(bytes, from, to, packetId)) return true;
    this.#unsettled -= 1;
    this.#pending.unsettled -= 1;
    return false;
  }

  /** All PUBACKs since the last call: of one commit, to be written at once. */
  takeAcks(): Buffer | undefined {
    const acks = this.#acks?.subarray(0, this.#ackBytes);
    this.#acks = undefined;
    this.#ackBytes = 0;
    return acks;
  }

  #settled(packetId: number): void {
    // Everything unsettled may be settled by this commit, and nothing more.
    if (this.#acks === undefined) {
      this.#acks = Buffer.allocUnsafe(this.#unsettled * 4);
      this.#hasAcks();
    }
    this.#unsettled -= 1;
    this.#pending.unsettled -= 1;
    this.#ackBytes = this.#acks.writeUInt16BE(0x4002, this.#ackBytes);
    this.#ackBytes = this.#acks.writeUInt16BE(packetId, this.#ackBytes);
  }
}
