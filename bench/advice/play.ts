/** Plays the days of a house with a policy that knows only what was metered before. */

import { pastDaysMost } from '../../gateway/core/policy/past.ts';
import type { Policy } from '../../gateway/core/policy/policies.ts';
import {
  bestChoice,
  type Choice,
  type ReplayedDay,
  sellAtOnce,
  worthCents,
} from '../../gateway/core/policy/replay.ts';
import { centsPerKwh, type SlotNumber } from '../../gateway/core/units.ts';
import { type House, slotsPerDay } from './truth.ts';

export const rate = centsPerKwh(1500);
export const keepCostPercent = 20;

/** Sun of the rest of the day against the usual, as the weather has it at this slot; undefined without weather. */
export type SunAhead = (slot: number) => number | undefined;

export const withoutWeather: SunAhead = () => undefined;

/** A policy, or who knows the whole day. */
export type Player = Policy | 'best' | 'sell at once';

/** Cents over all days after those that are only learned from. */
export const play = (
  house: House,
  player: Player,
  daysLearned: number,
  sunAhead = withoutWeather,
): number => playDays(house, player, daysLearned, sunAhead).reduce((sum, one) => sum + one, 0);

/** The same, day by day. */
export function playDays(
  house: House,
  player: Player,
  daysLearned: number,
  sunAhead = withoutWeather,
): number[] {
  const days = Math.floor(house.loadWh.length / slotsPerDay);
  return Array.from({ length: Math.max(0, days - daysLearned) }, (_, index) => {
    const day = daysLearned + index;
    const replayed = dayOf(house, day);
    return worthCents(replayed, choiceOf(house, day, player, replayed, sunAhead));
  });
}

export const dayOf = ({ sunWh, loadWh, ownTariff }: House, day: number): ReplayedDay => ({
  netWh: Float64Array.from({ length: slotsPerDay }, (_, index) => {
    const at = day * slotsPerDay + index;
    return (loadWh[at] ?? 0) - (sunWh[at] ?? 0);
  }),
  mayDecide: () => true,
  rate,
  ownTariff: centsPerKwh(ownTariff),
  keepCostPercent,
  sellMostWh: Number.POSITIVE_INFINITY,
});

function choiceOf(
  house: House,
  day: number,
  player: Player,
  replayed: ReplayedDay,
  sunAhead: SunAhead,
): Choice {
  if (player === 'best') return bestChoice(replayed);
  if (player === 'sell at once') return sellAtOnce;
  const { ownTariff } = replayed;
  return ({ index, atHandWh, keptWh }) => {
    const end = day * slotsPerDay + index + 1;
    const first = Math.max(0, end - pastDaysMost * slotsPerDay);
    return player.keepWh({
      past: {
        first: first as SlotNumber,
        sunWh: house.sunWh.subarray(first, end),
        loadWh: house.loadWh.subarray(first, end),
      },
      ...{ atHandWh, keptWh, slotsAhead: slotsPerDay - index - 1 },
      ...{ rate, ownTariff, keepCostPercent, batteryWh: 0, sunAhead: sunAhead(end) },
    });
  };
}

/** Percent of what perfect foresight brings beyond selling at once. */
export const shareOf = (cents: number, base: number, best: number): number =>
  best === base ? 100 : (100 * (cents - base)) / (best - base);
