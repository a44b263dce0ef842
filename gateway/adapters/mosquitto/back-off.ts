/** How long to wait before the broker is called again. */

export type Patience = {
  /** After the first failure. */
  readonly leastMs: number;
  /** However often it failed. A connection that lasted longer than this was a good one. */
  readonly mostMs: number;
};

export const usualPatience: Patience = { leastMs: 500, mostMs: 30_000 };

/** Counts failures in a row. Times are milliseconds of one clock that never goes back. */
export class BackOff {
  readonly #patience: Patience;
  #failures = 0;
  #arrivedAtMs: number | undefined;

  constructor(patience: Patience) {
    this.#patience = patience;
  }

  arrived(atMs: number): void {
    this.#arrivedAtMs = atMs;
  }

  /**
   * Milliseconds to wait now that the call, or the connection, is over: doubled each time, of which half is
   * left to `chance` (from 0 up to 1), so that many hubs do not call in step.
   */
  ended(atMs: number, chance: number): number {
    const { leastMs, mostMs } = this.#patience;
    // Two hubs under one name put each other out at once; each such meeting counts as a failure.
    const wasGood = this.#arrivedAtMs !== undefined && atMs - this.#arrivedAtMs > mostMs;
    this.#arrivedAtMs = undefined;
    this.#failures = wasGood ? 1 : this.#failures + 1;
    const wholeMs = Math.min(mostMs, leastMs * 2 ** (this.#failures - 1));
    return (wholeMs / 2) * (1 + chance);
  }
}
