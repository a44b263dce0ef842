/** Takes the readings of one connection to the disk, and acknowledges those that are there. */
import type { IPublishPacket } from 'mqtt-packet';
import type { MeterId } from '../../core/ids.ts';
import type { ReadingEntry, ReadingSink, Verdict } from '../../ports/readings.ts';
import type { Link } from './link.ts';
import type { Refusal, Refusals } from './refusals.ts';
import { meterIn } from './topics.ts';

export type IntakeNeeds = {
  readonly sink: ReadingSink;
  readonly isRegistered: (meter: MeterId) => boolean;
  readonly refusals: Refusals;
  /** Readings that may wait for the disk; the broker keeps the others. */
  readonly pendingMax: number;
};

/** What the intake needs of its connection. */
type Wire = Pick<Link, 'write' | 'pause' | 'resume'>;

/** A reading that the sink would not take yet. At most one chunk of the socket's is kept so. */
type Held = { readonly entry: ReadingEntry; readonly payload: Uint8Array; readonly ticket: number };

/** PUBACK: MQTT 3.1.1 section 3.4. */
const pubackBytes = 4;
const pubackType = 0x40;

export class Intake {
  readonly #needs: IntakeNeeds;
  readonly #link: Wire;
  readonly #entries = new Map<MeterId, ReadingEntry>();
  /** Meters that were found registered since the last settling. */
  readonly #confirmed = new Set<MeterId>();
  #held: Held[] = [];
  #toAcknowledge: number[] = [];
  #pending = 0;
  #isPaused = false;

  constructor(link: Wire, needs: IntakeNeeds) {
    this.#link = link;
    this.#needs = needs;
  }

  /** A publication on a reading's topic, or on one that nobody asked for. */
  take(packet: IPublishPacket): void {
    const ticket = packet.messageId ?? 0;
    const meter = meterIn(packet.topic, 'reading');
    const refusal = this.#objection(packet, meter);
    if (refusal !== undefined || meter === undefined) {
      this.#needs.refusals.count(refusal ?? 'foreign-topic', { topic: packet.topic });
      // Without a PUBACK it would come back for ever: MQTT 3.1.1 has no negative one.
      if (packet.qos === 1) this.acknowledge([ticket]);
      return;
    }
    this.#pending += 1;
    const held = { entry: this.#entryOf(meter), payload: Buffer.from(packet.payload), ticket };
    if (this.#held.length > 0 || !offer(held)) this.#held.push(held);
    if (this.#held.length > 0 || this.#pending >= this.#needs.pendingMax) this.#pause();
  }

  /** After each commit: one write for all that it holds, then more may come. */
  settled(): void {
    this.acknowledge(this.#toAcknowledge);
    this.#toAcknowledge = [];
    this.#confirmed.clear();
    const stuck = this.#held.findIndex((held) => !offer(held));
    this.#held = stuck === -1 ? [] : this.#held.slice(stuck);
    if (!this.#isPaused || this.#held.length > 0 || this.#pending >= this.#needs.pendingMax) return;
    this.#isPaused = false;
    this.#link.resume();
  }

  acknowledge(tickets: readonly number[]): void {
    if (tickets.length === 0) return;
    const bytes = Buffer.allocUnsafe(tickets.length * pubackBytes);
    let at = 0;
    for (const ticket of tickets) {
      at = bytes.writeUInt8(pubackType, at);
      at = bytes.writeUInt8(pubackBytes - 2, at);
      at = bytes.writeUInt16BE(ticket, at);
    }
    this.#link.write(bytes);
  }

  #objection({ qos, retain }: IPublishPacket, meter: MeterId | undefined): Refusal | undefined {
    if (meter === undefined) return 'foreign-topic';
    if (qos !== 1) return 'wrong-qos';
    // The broker marks only what it had kept: such a reading is old, and comes with every subscription.
    if (retain) return 'retained-reading';
    if (this.#confirmed.has(meter)) return undefined;
    if (!this.#needs.isRegistered(meter)) return 'unknown-meter';
    this.#confirmed.add(meter);
    return undefined;
  }

  #entryOf(meter: MeterId): ReadingEntry {
    const known = this.#entries.get(meter);
    if (known !== undefined) return known;
    const entry = this.#needs.sink.enter(meter, this.#settle);
    this.#entries.set(meter, entry);
    return entry;
  }

  /** Kept or in quarantine: it is on the disk. */
  #settle = (ticket: number, _verdict: Verdict): void => {
    this.#pending -= 1;
    this.#toAcknowledge.push(ticket);
  };

  #pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#link.pause();
  }
}

const offer = ({ entry, payload, ticket }: Held): boolean =>
  entry.offer(payload, 0, payload.length, ticket);
