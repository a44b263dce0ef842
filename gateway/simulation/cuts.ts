/** When the power fails and when the internet is away, drawn from a seed. */
import { bell, chance } from '../simulators/neighbourhood/chance.ts';
import { dayMs, dayOf, hourMs, minuteMs } from '../simulators/neighbourhood/local-time.ts';

export type Away = {
  isAway(atMs: number): boolean;
  /** All of it, ms. */
  readonly totalMs: number;
  readonly times: number;
};

export type CutOptions = {
  readonly seed: number;
  /** The neighbourhood's midnight. */
  readonly fromMs: number;
  readonly days: number;
};

/** Interruptions per customer and year, July 2022 to June 2023 (Kenya Power, SAIFI). */
const cutsPerYear = 44.9;
/** An assumption: nobody publishes it for villages. */
const internetLossesPerYear = 60;
const internetLossMeanHours = 6;

/** Lengths are log-normal about `meanHours`; two starts in three fall into the evening half of the day. */
export const powerCuts = (options: CutOptions, meanHours: number): Away =>
  drawn(options, 81, cutsPerYear, meanHours);

export const internetLosses = (options: CutOptions): Away =>
  drawn(options, 91, internetLossesPerYear, internetLossMeanHours);

const spread = 0.8;
const eveningShare = 2 / 3;

function drawn(
  { seed, fromMs, days }: CutOptions,
  key: number,
  perYear: number,
  meanHours: number,
): Away {
  const spans: { readonly from: number; readonly to: number }[] = [];
  for (let day = 0; day < days; day++) {
    const date = dayOf(fromMs + day * dayMs);
    if (chance(seed, key, date) >= perYear / 365) continue;
    const half = chance(seed, key + 1, date) < eveningShare ? 12 : 0;
    const from = fromMs + day * dayMs + (half + 12 * chance(seed, key + 2, date)) * hourMs;
    const hours = meanHours * Math.exp(spread * bell(seed, key + 3, date) - spread ** 2 / 2);
    spans.push({ from: wholeMinutes(from), to: wholeMinutes(from + hours * hourMs) });
  }
  return {
    isAway: (at) => spans.some(({ from, to }) => at >= from && at < to),
    totalMs: spans.reduce((sum, { from, to }) => sum + to - from, 0),
    times: spans.length,
  };
}

const wholeMinutes = (ms: number): number => Math.floor(ms / minuteMs) * minuteMs;
