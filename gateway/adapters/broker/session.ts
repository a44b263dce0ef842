/** What the broker remembers of one client: MQTT 3.1.1 section 3.1.2.4. */
import type { Qos } from './packets.ts';
import { isWithin } from './topic-rights.ts';

/** A message at QoS 1 or 2 on its way to a client. */
export type Owed = {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: 1 | 2;
  readonly retain: boolean;
  /** aedes' number of the publication. */
  readonly counter: number;
  /** 0 until it was sent. */
  packetId: number;
  /** At QoS 2: the client has it, only the end of the handshake is open. */
  isReceived: boolean;
};

export type SessionLimits = {
  /** Messages that wait for one client or for its acknowledgements; the oldest is dropped. */
  readonly owedMax: number;
  /** QoS 2 packets of one client that it has not released. */
  readonly unreleasedMax: number;
};

/** What a client asks for when it comes. */
export type SessionWish = {
  readonly isKept: boolean;
  readonly expiryS: number;
  readonly windowMax: number;
};

/** Of MQTT 5; everybody else hears its own messages, and every last word without its mark. */
export type FilterOptions = {
  readonly noLocal: boolean;
  readonly keepsRetain: boolean;
  readonly retained: 'always' | 'when-new' | 'never';
};

export type Heard = {
  readonly topic: string;
  /** Whether the client itself said it. */
  readonly isOwn: boolean;
  /** Whether it was said before the client asked for it. */
  readonly isLastWord: boolean;
};

const packetIdMax = 65_535;

export class Session {
  readonly key: string;
  /** Whether what it is owed is written down until it is acknowledged. */
  readonly isKept: boolean;
  /** How long it outlives its connection, in seconds. */
  expiryS: number;
  /** Messages at QoS 1 and 2 that it takes before it acknowledges one: MQTT 5 section 3.1.2.11.3. */
  windowMax: number;
  readonly filters = new Map<string, Qos>();
  /** In the order in which they were published. */
  readonly owed = new Set<Owed>();
  readonly #limits: SessionLimits;
  /** Made when needed: most clients never send at QoS 2. */
  #unreleased: Set<number> | undefined;
  #options: Map<string, FilterOptions> | undefined;
  #lastPacketId = 0;

  constructor(key: string, wish: SessionWish, limits: SessionLimits) {
    this.key = key;
    this.isKept = wish.isKept;
    this.expiryS = wish.expiryS;
    this.windowMax = wish.windowMax;
    this.#limits = limits;
  }

  /** Its client is here again, and wishes something else. */
  renewed({ expiryS, windowMax }: SessionWish): this {
    this.expiryS = expiryS;
    this.windowMax = windowMax;
    return this;
  }

  /** The highest QoS that its overlapping filters grant: MQTT 3.1.1 section 3.3.5. */
  qosFor({ topic, isOwn, isLastWord }: Heard): Qos | undefined {
    let highest: Qos | undefined;
    for (const [filter, qos] of this.filters) {
      if ((highest !== undefined && qos <= highest) || !isWithin(topic, filter)) continue;
      const options = this.#options?.get(filter);
      if (options !== undefined && isOwn && options.noLocal) continue;
      if (options !== undefined && isLastWord && options.retained === 'never') continue;
      highest = qos;
    }
    return highest;
  }

  /** MQTT 5 section 3.8.3.1: to be told before the filter is granted. */
  asks(filter: string, options: FilterOptions): void {
    const wantsNone = options.retained === 'when-new' && this.filters.has(filter);
    this.#options ??= new Map();
    this.#options.set(filter, wantsNone ? { ...options, retained: 'never' } : options);
  }

  unsubscribe(filter: string): void {
    this.filters.delete(filter);
    this.#options?.delete(filter);
  }

  /** Refused filters leave no trace. */
  forgetRefused(filter: string): void {
    if (!this.filters.has(filter)) this.#options?.delete(filter);
  }

  keepsRetain(topic: string): boolean {
    for (const [filter, { keepsRetain }] of this.#options ?? []) {
      if (keepsRetain && this.filters.has(filter) && isWithin(topic, filter)) return true;
    }
    return false;
  }

  /** Sent and not acknowledged. */
  get inFlight(): number {
    let count = 0;
    for (const { packetId } of this.owed) if (packetId !== 0) count += 1;
    return count;
  }

  /** Answers how many messages were dropped for it before they were ever sent. */
  owe(message: Owed): number {
    this.owed.add(message);
    if (this.owed.size <= this.#limits.owedMax) return 0;
    const [oldest = message] = this.owed;
    this.owed.delete(oldest);
    return oldest.packetId === 0 ? 1 : 0;
  }

  owedBy(counter: number): Owed | undefined {
    for (const message of this.owed) if (message.counter === counter) return message;
    return undefined;
  }

  /** It does not want to hear this one. */
  writeOff(counter: number): void {
    const message = this.owedBy(counter);
    if (message !== undefined) this.owed.delete(message);
  }

  /** PUBACK or PUBCOMP. */
  settle(packetId: number): void {
    const message = this.#sentAs(packetId);
    if (message !== undefined) this.owed.delete(message);
  }

  /** PUBREC: from now on only the PUBREL is sent again. */
  received(packetId: number): void {
    const message = this.#sentAs(packetId);
    if (message !== undefined) message.isReceived = true;
  }

  nextPacketId(): number {
    do {
      this.#lastPacketId = this.#lastPacketId >= packetIdMax ? 1 : this.#lastPacketId + 1;
    } while (this.#sentAs(this.#lastPacketId) !== undefined);
    return this.#lastPacketId;
  }

  hasUnreleased(packetId: number): boolean {
    return this.#unreleased?.has(packetId) === true;
  }

  /** False when too many wait already: the client never says PUBREL. */
  holdUnreleased(packetId: number): boolean {
    this.#unreleased ??= new Set();
    if (this.#unreleased.size >= this.#limits.unreleasedMax) return false;
    this.#unreleased.add(packetId);
    return true;
  }

  release(packetId: number): boolean {
    return this.#unreleased?.delete(packetId) === true;
  }

  #sentAs(packetId: number): Owed | undefined {
    for (const message of this.owed) if (message.packetId === packetId) return message;
    return undefined;
  }
}
