/** A linear guess that learns from every miss: recursive least squares with slow forgetting (Plackett 1950). */

/** How free the weights are at the start: small, so that a few days of data do not run away with them. */
const freedom = 0.0005;
const forgetting = 0.9995;

export class Regression {
  readonly #weights: Float64Array;
  /** The weights' uncertainty, row by row. */
  readonly #spread: Float64Array;
  readonly #gain: Float64Array;

  /** `prior` is what is believed before anything was seen. */
  constructor(prior: readonly number[]) {
    const size = prior.length;
    this.#weights = Float64Array.from(prior);
    this.#gain = new Float64Array(size);
    this.#spread = new Float64Array(size * size);
    for (let at = 0; at < size; at++) this.#spread[at * size + at] = freedom;
  }

  guess(inputs: Float64Array): number {
    let sum = 0;
    for (let at = 0; at < inputs.length; at++)
      sum += this.#of(this.#weights, at) * this.#of(inputs, at);
    return sum;
  }

  learn(inputs: Float64Array, truth: number): void {
    const size = inputs.length;
    const miss = truth - this.guess(inputs);
    let scale = forgetting;
    for (let row = 0; row < size; row++) {
      let sum = 0;
      for (let column = 0; column < size; column++)
        sum += this.#of(this.#spread, row * size + column) * this.#of(inputs, column);
      this.#gain[row] = sum;
      scale += sum * this.#of(inputs, row);
    }
    for (let row = 0; row < size; row++) {
      const part = this.#of(this.#gain, row) / scale;
      this.#weights[row] = this.#of(this.#weights, row) + part * miss;
      for (let column = 0; column < size; column++) {
        const at = row * size + column;
        const less = part * this.#of(this.#gain, column);
        this.#spread[at] = (this.#of(this.#spread, at) - less) / forgetting;
      }
    }
  }

  #of(numbers: Float64Array, at: number): number {
    return numbers[at] as number;
  }
}
