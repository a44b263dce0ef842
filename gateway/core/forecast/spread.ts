/** How far the truth lay from what was said, as parts of it: the newest few hundred misses, by quantile. */

const missesKept = 300;
/** Before so many are known the spread is a guess. */
const missesLeast = 30;
const guessed = 0.5;
/** Looking up quantiles sorts; so often is often enough. */
const sortEvery = 20;

export class Spread {
  readonly #misses: number[] = [];
  #sorted: number[] = [];
  #noted = 0;

  note(miss: number): void {
    this.#misses[this.#noted % missesKept] = miss;
    this.#noted += 1;
    if (this.#noted % sortEvery === 0) this.#sorted = this.#misses.toSorted((a, b) => a - b);
  }

  /** The miss below which `level` of them lie. */
  at(level: number): number {
    if (this.#sorted.length < missesLeast) return (level - 0.5) * 2 * guessed;
    return this.#sorted[Math.floor((this.#sorted.length - 1) * level)] ?? 0;
  }
}
