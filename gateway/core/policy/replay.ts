/**
 * A day from 06:00 to 06:00 once more: what a way of keeping and selling brings, what selling at once would have
 * brought, and the best that was possible. All three sell in the same slots, at the same rate, inside the same limits.
 */
import type { CentsPerKwh } from '../units.ts';

export type ReplayedDay = {
  /** Import less export of each slot, from 06:00 on. */
  readonly netWh: ArrayLike<number>;
  /** Whether something could be decided after that slot. */
  readonly mayDecide: (index: number) => boolean;
  readonly rate: CentsPerKwh;
  readonly ownTariff: CentsPerKwh;
  readonly keepCostPercent: number;
  /** The household sells no more than this in one day. */
  readonly sellMostWh: number;
};

export type Moment = {
  readonly index: number;
  /** Not yet decided about. */
  readonly atHandWh: number;
  /** Kept, and still there. */
  readonly keptWh: number;
};

/** How much of what is at hand to keep until 06:00; what is left is sold. */
export type Choice = (moment: Moment) => number;

/** What the household has after the day, in cents; below 0 when it bought more than it sold. */
export function worthCents(day: ReplayedDay, choice: Choice): number {
  const { netWh, rate, ownTariff, keepCostPercent } = day;
  let [atHand, kept, sold, missing] = [0, 0, 0, 0];
  for (let index = 0; index < netWh.length; index++) {
    const net = netWh[index] ?? 0;
    const fromKept = Math.min(kept, Math.max(0, net));
    kept -= fromKept;
    atHand -= net - fromKept;
    missing += Math.max(0, -atHand);
    atHand = Math.max(0, atHand);
    if (atHand === 0 || !day.mayDecide(index)) continue;
    const more = Math.max(0, Math.min(atHand, choice({ index, atHandWh: atHand, keptWh: kept })));
    const sell = Math.min(atHand - more, Math.max(0, day.sellMostWh - sold));
    kept += more;
    sold += sell;
    atHand -= more + sell;
  }
  const inVain = (kept * rate * (100 - keepCostPercent)) / 100;
  return Math.round(((sold + atHand) * rate + inVain - missing * ownTariff) / 1000);
}

export const sellAtOnce: Choice = () => 0;

/** Keeps exactly what the rest of the day lacks: nobody who sells in the same slots does better. */
export const bestChoice = ({ netWh, rate, ownTariff }: ReplayedDay): Choice =>
  ownTariff <= rate
    ? sellAtOnce
    : ({ index, keptWh }) => lackWh(netWh, index + 1, netWh.length) - keptWh;

/** The deepest that a stock falls from `from` on: what comes before a need counts against it. */
export function lackWh(netWh: ArrayLike<number>, from: number, until: number): number {
  let [sum, most] = [0, 0];
  for (let at = from; at < until; at++) {
    sum += netWh[at] ?? 0;
    if (sum > most) most = sum;
  }
  return most;
}

export type DayScore = {
  /** What the advice brought beyond selling at once; below 0 when that would have been better. */
  readonly gainedCents: number;
  readonly possibleCents: number;
};

export function scoreOf(day: ReplayedDay, choice: Choice): DayScore {
  const base = worthCents(day, sellAtOnce);
  return {
    gainedCents: worthCents(day, choice) - base,
    possibleCents: worthCents(day, bestChoice(day)) - base,
  };
}
