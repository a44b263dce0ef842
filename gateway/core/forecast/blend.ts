/**
 * What a forecast must beat: the best mix of "as now" and "as usual at that time" (persistence and climatology),
 * its weight fitted on the past alone.
 */
export class Blend {
  #agreement = 0;
  #distance = 0;

  guess(asNow: number, asUsual: number): number {
    const weight = this.#distance > 0 ? this.#agreement / this.#distance : 0;
    return asUsual + Math.max(0, Math.min(1, weight)) * (asNow - asUsual);
  }

  learn(asNow: number, asUsual: number, truth: number): void {
    const apart = asNow - asUsual;
    this.#agreement += (truth - asUsual) * apart;
    this.#distance += apart * apart;
  }
}
