/** Judges every publication: readings go to the sink, the rest must be the speaker's own. */
import type { AedesOptions, Client } from 'aedes';
import type { MeterId } from '../../core/ids.ts';
import type { ReadingSink } from '../../ports/readings.ts';
import type { Door, Visitor } from './door.ts';
import type { Refusal, Refusals } from './refusals.ts';
import { isWithinAny, readingTopicOf } from './topic-rights.ts';

export type IntakeLimits = {
  /** Readings of one meter that may wait for the disk. */
  readonly pendingPerMeterMax: number;
  /** Readings of all meters that may wait for the disk. */
  readonly pendingMax: number;
};

const filtersPerClientMax = 64;

type Publication = {
  readonly topic: string;
  readonly payload: string | Buffer;
  readonly qos: number;
  readonly retain: boolean;
};

export class Intake {
  readonly #door: Door;
  readonly #sink: ReadingSink;
  readonly #refusals: Refusals;
  readonly #limits: IntakeLimits;
  readonly #pending = new Map<MeterId, number>();
  #pendingInAll = 0;

  constructor(door: Door, sink: ReadingSink, refusals: Refusals, limits: IntakeLimits) {
    this.#door = door;
    this.#sink = sink;
    this.#refusals = refusals;
    this.#limits = limits;
  }

  /**
   * aedes 1.2 writes the PUBACK when this calls back, and closes the connection on an error: MQTT 3.1.1
   * has no negative PUBACK. So a reading's callback waits until it is settled.
   */
  authorizePublish: NonNullable<AedesOptions['authorizePublish']> = (client, packet, callback) => {
    const visitor = this.#door.visitorOf(client);
    if (visitor?.identity.kind === 'meter') {
      const { meter } = visitor.identity;
      if (packet.topic === readingTopicOf(meter)) {
        // The rest of a chunk in which something ended the connection: its meter sends it again.
        if (client?.conn.destroyed) callback(new Error('connection closed'));
        else this.#takeReading(meter, packet, callback);
        return;
      }
    }
    const refusal = this.#objection(visitor, packet);
    if (refusal === undefined) callback(null);
    else this.#refuse(refusal, client, callback);
  };

  authorizeSubscribe: NonNullable<AedesOptions['authorizeSubscribe']> = (
    client,
    asked,
    callback,
  ) => {
    const visitor = this.#door.visitorOf(client);
    if (visitor === undefined || !isWithinAny(asked.topic, visitor.rights.subscribe)) {
      this.#refusals.count('foreign-filter', { client: client.id });
      callback(null, null);
      return;
    }
    visitor.filters.add(asked.topic);
    if (visitor.filters.size > filtersPerClientMax) {
      this.#refuse('too-many-filters', client, callback);
      return;
    }
    callback(null, asked);
  };

  unsubscribed(client: Client, filters: readonly string[]): void {
    const visitor = this.#door.visitorOf(client);
    for (const filter of filters) visitor?.filters.delete(filter);
  }

  #takeReading(meter: MeterId, packet: Publication, callback: (error?: Error | null) => void) {
    const pending = this.#pending.get(meter) ?? 0;
    const refusal = this.#readingObjection(packet, pending);
    if (refusal !== undefined) {
      this.#refusals.count(refusal, { meter });
      callback(new Error(refusal));
      return;
    }
    this.#pending.set(meter, pending + 1);
    this.#pendingInAll += 1;
    this.#sink.offer(meter, Buffer.from(packet.payload), () => {
      this.#settle(meter);
      callback(null);
    });
  }

  #settle(meter: MeterId): void {
    const left = (this.#pending.get(meter) ?? 1) - 1;
    if (left === 0) this.#pending.delete(meter);
    else this.#pending.set(meter, left);
    this.#pendingInAll -= 1;
  }

  #readingObjection({ qos, retain }: Publication, pending: number): Refusal | undefined {
    if (qos !== 1) return 'wrong-qos';
    if (retain) return 'retained-reading';
    const { pendingMax, pendingPerMeterMax } = this.#limits;
    if (pending >= pendingPerMeterMax || this.#pendingInAll >= pendingMax)
      return 'too-many-pending';
    return undefined;
  }

  #objection(visitor: Visitor | undefined, packet: Publication): Refusal | undefined {
    if (visitor === undefined || !isWithinAny(packet.topic, visitor.rights.publish)) {
      return 'foreign-topic';
    }
    if (packet.qos > 1) return 'wrong-qos';
    const mayRetain = !packet.retain || isWithinAny(packet.topic, visitor.rights.retain);
    return mayRetain ? undefined : 'retained-elsewhere';
  }

  #refuse(reason: Refusal, client: Client | null, callback: (error: Error) => void): void {
    this.#refusals.count(reason, { client: client?.id ?? 'gone' });
    callback(new Error(reason));
  }
}
