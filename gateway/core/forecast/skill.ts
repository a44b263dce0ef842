/** How good a forecast was, beside the reference that it must beat. */

export type Skill = {
  /** Slots ahead. */
  readonly lead: number;
  /** Forecasts that were compared with the truth. */
  readonly count: number;
  /** 1 - RMSE / RMSE of the reference: above 0 is better than it; undefined before anything was compared. */
  readonly skill: number | undefined;
  /** Mean of forecast less truth. */
  readonly bias: number;
  readonly rmse: number;
  /** Mean pinball loss of the three quantiles, and how often the truth lay between the outer two, in percent. */
  readonly pinball: number;
  readonly coveragePercent: number;
};

export type Quantiles = { readonly low: number; readonly middle: number; readonly high: number };
export const quantileLevels = { low: 0.1, middle: 0.5, high: 0.9 } as const;

export class SkillBook {
  #count = 0;
  #squares = 0;
  #referenceSquares = 0;
  #sum = 0;
  #pinball = 0;
  #covered = 0;

  note(truth: number, mean: number, reference: number, quantiles: Quantiles): void {
    this.#count += 1;
    this.#squares += (mean - truth) ** 2;
    this.#referenceSquares += (reference - truth) ** 2;
    this.#sum += mean - truth;
    for (const name of ['low', 'middle', 'high'] as const)
      this.#pinball += pinballLoss(truth - quantiles[name], quantileLevels[name]) / 3;
    if (truth >= quantiles.low && truth <= quantiles.high) this.#covered += 1;
  }

  read(lead: number): Skill {
    const count = this.#count;
    const per = Math.max(1, count);
    const skill =
      this.#referenceSquares > 0
        ? 1 - Math.sqrt(this.#squares / this.#referenceSquares)
        : undefined;
    return {
      ...{ lead, count, skill },
      bias: this.#sum / per,
      rmse: Math.sqrt(this.#squares / per),
      pinball: this.#pinball / per,
      coveragePercent: (100 * this.#covered) / per,
    };
  }

  /** Sums of squared misses, so that several households can be told as one. */
  squares(): { readonly own: number; readonly reference: number; readonly count: number } {
    return { own: this.#squares, reference: this.#referenceSquares, count: this.#count };
  }
}

const pinballLoss = (miss: number, level: number): number =>
  miss >= 0 ? level * miss : (level - 1) * miss;
