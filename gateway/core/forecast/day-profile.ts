/** What a place usually does at each quarter of the day, learned from itself: shade, habits and all. */

export const slotsPerDay = 96;
/** Beyond so many days the past counts ever less. */
const daysRemembered = 30;
/** Neighbouring quarters lend each other strength: a few days of data are a noisy mean. */
const lent = [1, 2, 3, 2, 1];
const lentSum = lent.reduce((sum, weight) => sum + weight, 0);
const reach = (lent.length - 1) / 2;

export class DayProfile {
  readonly #means = new Float64Array(slotsPerDay);
  readonly #seen = new Uint16Array(slotsPerDay);

  /** `quarter` is the number of the slot within the day, 0 to 95. */
  observe(quarter: number, value: number): void {
    const seen = Math.min(daysRemembered, (this.#seen[quarter] ?? 0) + 1);
    this.#seen[quarter] = seen;
    const mean = this.#means[quarter] ?? 0;
    this.#means[quarter] = mean + (value - mean) / seen;
  }

  /** The mean of this quarter's past. */
  at(quarter: number): number {
    return this.#means[wrapped(quarter)] ?? 0;
  }

  /** The same with a part of its neighbours. */
  smoothAt(quarter: number): number {
    return (
      lent.reduce((sum, weight, index) => sum + weight * this.at(quarter + index - reach), 0) /
      lentSum
    );
  }
}

const wrapped = (quarter: number): number => ((quarter % slotsPerDay) + slotsPerDay) % slotsPerDay;
