/** Remembers clients that asked for it while they are away: bounded in number, and each in what it is owed. */
import { FilterTree } from './filter-tree.ts';
import type { Qos } from './packets.ts';
import type { Refusals } from './refusals.ts';
import { type Owed, Session, type SessionLimits, type SessionWish } from './session.ts';

export type SessionsLimits = SessionLimits & {
  /** Remembered clients in all; the one that has been away longest is forgotten. */
  readonly sessionsMax: number;
};

/** MQTT 5 section 3.1.2.11.2. */
export const neverS = 0xffff_ffff;

/** More than aedes hands on at the same time. */
const justRetainedMax = 256;

type Publication = {
  readonly topic: string;
  readonly payload: Buffer | string;
  readonly qos: number;
  readonly retain: boolean;
  readonly brokerCounter: number;
};

export class Sessions {
  readonly #limits: SessionsLimits;
  readonly #refusals: Refusals;
  /** Absent ones in the order in which they left, then those that are here. */
  readonly #kept = new Map<string, Session>();
  readonly #here = new Set<Session>();
  /** Absent ones that will be forgotten, and when. */
  readonly #expiring = new Map<Session, number>();
  readonly #justRetained = new Set<number>();
  readonly #wanted = new FilterTree<Session>();

  constructor(limits: SessionsLimits, refusals: Refusals) {
    this.#limits = limits;
    this.#refusals = refusals;
  }

  /**
   * The session of a client that just came, and whether it was remembered: MQTT 3.1.1 section 3.2.2.2. A clean
   * start ends what was before.
   */
  begin(key: string, isClean: boolean, wish: SessionWish) {
    const before = this.#kept.get(key);
    if (isClean && before !== undefined) this.forget(before);
    const known = isClean ? undefined : before?.renewed(wish);
    const session = known ?? new Session(key, wish, this.#limits);
    if (!session.isKept) return { session, isPresent: false };
    this.#kept.set(key, session);
    this.#here.add(session);
    this.#expiring.delete(session);
    this.#makeRoom();
    return { session, isPresent: known !== undefined };
  }

  /** Its connection is over. */
  leave(session: Session, nowMs: number): void {
    this.#here.delete(session);
    if (this.#kept.get(session.key) !== session) return;
    this.#kept.delete(session.key);
    if (session.expiryS === 0) {
      this.forget(session);
      return;
    }
    this.#kept.set(session.key, session);
    if (session.expiryS < neverS) this.#expiring.set(session, nowMs + session.expiryS * 1000);
  }

  /** Forgets who stayed away longer than it asked to be remembered. */
  expire(nowMs: number): void {
    for (const [session, atMs] of this.#expiring) if (atMs <= nowMs) this.forget(session);
  }

  forget(session: Session): void {
    this.#here.delete(session);
    this.#expiring.delete(session);
    if (this.#kept.get(session.key) === session) this.#kept.delete(session.key);
    for (const filter of session.filters.keys()) this.#wanted.remove(filter, session);
  }

  subscribe(session: Session, filter: string, qos: Qos): void {
    session.filters.set(filter, qos);
    if (session.isKept) this.#wanted.add(filter, session, qos);
  }

  unsubscribe(session: Session, filter: string): void {
    session.unsubscribe(filter);
    this.#wanted.remove(filter, session);
  }

  /** Writes down what remembered clients are owed of this publication, whether they are here or not. */
  owe(publication: Publication): void {
    if (publication.qos === 0) return;
    for (const [session, granted] of this.#wanted.wanting(publication.topic)) {
      const qos = Math.min(publication.qos, granted);
      const retain = publication.retain && session.keepsRetain(publication.topic);
      if (qos > 0) this.oweTo(session, publication, qos as 1 | 2, retain);
    }
  }

  /** aedes takes the mark off before it hands a message on; MQTT 5 clients may ask for it. */
  noteRetained({ brokerCounter }: Pick<Publication, 'brokerCounter'>): void {
    this.#justRetained.add(brokerCounter);
    if (this.#justRetained.size <= justRetainedMax) return;
    const [oldest = brokerCounter] = this.#justRetained;
    this.#justRetained.delete(oldest);
  }

  wasRetained({ brokerCounter }: Pick<Publication, 'brokerCounter'>): boolean {
    return this.#justRetained.has(brokerCounter);
  }

  oweTo(session: Session, publication: Publication, qos: 1 | 2, retain = false): Owed {
    const { topic, payload, brokerCounter: counter } = publication;
    const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
    const sending = { packetId: 0, isReceived: false };
    const message: Owed = { topic, payload: bytes, qos, retain, counter, ...sending };
    if (session.owe(message) > 0) this.#refusals.count('message-dropped', { client: session.key });
    return message;
  }

  #makeRoom(): void {
    if (this.#kept.size <= this.#limits.sessionsMax) return;
    for (const session of this.#kept.values()) {
      if (this.#here.has(session)) continue;
      this.forget(session);
      this.#refusals.count('session-dropped', { client: session.key });
      return;
    }
  }
}
