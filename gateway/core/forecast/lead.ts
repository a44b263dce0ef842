/** Everything about one lead: what was said, how it turned out, and what was learned from that. */
import { Blend } from './blend.ts';
import { Regression } from './regression.ts';
import { type Quantiles, quantileLevels, type Skill, SkillBook } from './skill.ts';
import { Spread } from './spread.ts';

export type Forecast = Quantiles & {
  readonly lead: number;
  readonly mean: number;
};

/** What was known when a forecast was made. */
export type Known = {
  readonly inputs: Float64Array;
  readonly asNow: number;
  readonly asUsual: number;
  /** Nothing is expected, as at night. */
  readonly isNothing: boolean;
};

/** How much of the regression's difference from the blend is used before that has proved itself. */
const trust = { half: 1, weight: 2 };
const trustForgetting = 0.9998;

/** Cells of what is open: whether it is, what was known, what was said; then the inputs. */
const cell = {
  ...{ target: 0, asNow: 1, asUsual: 2, reference: 3, learned: 4 },
  ...{ mean: 5, low: 6, middle: 7, high: 8, inputs: 9 },
} as const;

export class Lead {
  readonly slots: number;
  readonly book = new SkillBook();
  readonly #blend = new Blend();
  readonly #regression: Regression;
  readonly #spread = new Spread();
  /** A ring: as many forecasts are open as the lead has slots. */
  readonly #open: Float32Array;
  readonly #width: number;
  readonly #inputs: Float64Array;
  #newest: Forecast | undefined;
  #agreement = trust.half;
  #distance = trust.weight;

  /** How many inputs it learns from. */
  get inputs(): number {
    return this.#inputs.length;
  }

  constructor(slots: number, prior: readonly number[]) {
    this.slots = slots;
    this.#regression = new Regression(prior);
    this.#inputs = new Float64Array(prior.length);
    this.#width = cell.inputs + prior.length;
    this.#open = new Float32Array(slots * this.#width).fill(-1);
  }

  /** What was thought usual for a slot that has come; 0 when nothing was said about it. */
  usualAt(slot: number): number {
    const at = this.#cellOf(slot);
    return at === undefined ? 0 : this.#read(at, cell.asUsual);
  }

  newest(): Forecast | undefined {
    return this.#newest;
  }

  skill(): Skill {
    return this.book.read(this.slots);
  }

  open(target: number, { inputs, asNow, asUsual, isNothing }: Known): void {
    const reference = this.#blend.guess(asNow, asUsual);
    const learned = Math.max(0, this.#regression.guess(inputs));
    const part = Math.max(0, Math.min(1, this.#agreement / this.#distance));
    const mean = isNothing ? 0 : Math.max(0, reference + part * (learned - reference));
    const at = (level: number) => Math.max(0, mean + this.#spread.at(level) * mean);
    const [low, middle, high] = [
      at(quantileLevels.low),
      at(quantileLevels.middle),
      at(quantileLevels.high),
    ];
    const place = (target % this.slots) * this.#width;
    const said = [asNow, asUsual, reference, learned, mean, low, middle, high];
    this.#open[place] = mark(target);
    this.#open.set(said, place + cell.asNow);
    this.#open.set(inputs, place + cell.inputs);
    this.#newest = { lead: this.slots, mean, low, middle, high };
  }

  /** `scale` makes households of all sizes alike to the regression; 0 while it is not known. */
  learn(slot: number, truth: number, scale: number, isDay: boolean, isScored: boolean): void {
    const place = this.#cellOf(slot);
    if (place === undefined) return;
    this.#open[place] = -1;
    const of = (what: number) => this.#read(place, what);
    const [reference, mean] = [of(cell.reference), of(cell.mean)];
    const quantiles = { low: of(cell.low), middle: of(cell.middle), high: of(cell.high) };
    if (isScored) this.book.note(truth, mean, reference, quantiles);
    if (scale <= 0) return;
    const apart = (of(cell.learned) - reference) / scale;
    this.#agreement = this.#agreement * trustForgetting + ((truth - reference) / scale) * apart;
    this.#distance = this.#distance * trustForgetting + apart * apart;
    this.#blend.learn(of(cell.asNow) / scale, of(cell.asUsual) / scale, truth / scale);
    if (!isDay) return;
    for (let at = 0; at < this.#inputs.length; at++)
      this.#inputs[at] = of(cell.inputs + at) / scale;
    this.#regression.learn(this.#inputs, truth / scale);
    if (mean > nightPart * scale) this.#spread.note(truth / mean - 1);
  }

  #cellOf(slot: number): number | undefined {
    const place = (slot % this.slots) * this.#width;
    return this.#open[place] === mark(slot) ? place : undefined;
  }

  #read(place: number, what: number): number {
    return this.#open[place + what] as number;
  }
}

/** What is less than this part of the mean slot is night, for a series that knows nights. */
export const nightPart = 0.02;

/** A slot's number, short enough for a cell. */
const mark = (slot: number): number => slot % 2 ** 20;
