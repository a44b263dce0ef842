/** One timer walks by all connections: who said nothing for too long is seen off. */

/** How often, in milliseconds; a silence is noticed that much late. */
const roundMs = 500;
/** How long a connection that we ended may take to go. */
const lingerMs = 2_000;

export interface Watched {
  /** Ends itself when its time is over; `nowMs` is monotonic. */
  check(nowMs: number): void;
}

export class Rounds {
  readonly #watched = new Set<Watched>();
  readonly #leaving = new Map<{ destroy(): void }, number>();
  readonly #now: () => number;
  readonly #also: (nowMs: number) => void;
  readonly #timer: NodeJS.Timeout;

  /** `also` is done on every round. */
  constructor(now: () => number, also: (nowMs: number) => void) {
    this.#now = now;
    this.#also = also;
    this.#timer = setInterval(() => this.walk(), roundMs);
  }

  watch(connection: Watched): void {
    this.#watched.add(connection);
  }

  forget(connection: Watched): void {
    this.#watched.delete(connection);
  }

  /** It was told to go; `gone` when it went. */
  seeOff(wire: { destroy(): void }): void {
    this.#leaving.set(wire, this.#now());
  }

  gone(wire: { destroy(): void }): void {
    this.#leaving.delete(wire);
  }

  /** Everyone under watch, those who are leaving included. */
  get watching(): number {
    return this.#watched.size + this.#leaving.size;
  }

  walk(): void {
    const now = this.#now();
    this.#also(now);
    for (const connection of this.#watched) connection.check(now);
    for (const [wire, since] of this.#leaving) {
      if (now - since < lingerMs) continue;
      this.#leaving.delete(wire);
      wire.destroy();
    }
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
