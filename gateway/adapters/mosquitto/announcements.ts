/** What the hub has to say, until the broker has acknowledged it. */
import type { IPublishPacket } from 'mqtt-packet';
import type { Refusals } from './refusals.ts';

/** Announcements that may wait while the broker is away; then the oldest is dropped and counted. */
export const announcementsWaitingMax = 10_000;
/** Sent and not yet acknowledged. */
const announcementsInFlightMax = 256;
/** Packet identifiers above it are for other packets than announcements. */
const packetIdMax = 60_000;

type Announcement = { readonly topic: string; readonly payload: string; readonly retain: boolean };
type Send = (packet: IPublishPacket) => void;

export class Announcements {
  readonly #refusals: Refusals;
  /** In the order of speaking; a retained one stands under its topic, so that a newer one takes its place. */
  readonly #waiting = new Map<string | symbol, Announcement>();
  readonly #inFlight = new Map<number, Announcement>();
  #send: Send | undefined;
  #lastId = 0;

  constructor(refusals: Refusals) {
    this.#refusals = refusals;
  }

  add(announcement: Announcement): void {
    const key = announcement.retain ? announcement.topic : Symbol();
    this.#waiting.delete(key);
    this.#waiting.set(key, announcement);
    if (this.#waiting.size > announcementsWaitingMax) {
      const [oldest = key] = this.#waiting.keys();
      this.#waiting.delete(oldest);
      this.#refusals.count('announcement-dropped');
    }
    this.#sendWaiting();
  }

  /** What was not acknowledged is sent again under its identifier: MQTT 3.1.1 section 4.4. */
  connected(send: Send): void {
    this.#send = send;
    for (const [messageId, announcement] of this.#inFlight)
      send(packetOf(announcement, messageId, true));
    this.#sendWaiting();
  }

  disconnected(): void {
    this.#send = undefined;
  }

  acknowledged(messageId: number): void {
    this.#inFlight.delete(messageId);
    this.#sendWaiting();
  }

  #sendWaiting(): void {
    for (const [key, announcement] of this.#waiting) {
      if (this.#send === undefined || this.#inFlight.size >= announcementsInFlightMax) return;
      this.#waiting.delete(key);
      const messageId = this.#freeId();
      this.#inFlight.set(messageId, announcement);
      this.#send(packetOf(announcement, messageId, false));
    }
  }

  #freeId(): number {
    do this.#lastId = (this.#lastId % packetIdMax) + 1;
    while (this.#inFlight.has(this.#lastId));
    return this.#lastId;
  }
}

const packetOf = (said: Announcement, messageId: number, dup: boolean): IPublishPacket => ({
  ...{ cmd: 'publish', qos: 1, dup, messageId },
  ...said,
});
