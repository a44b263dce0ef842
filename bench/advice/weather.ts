/** What a weather service would have said about the rest of each day: right on the whole, wrong by day and hour. */
import { sunAheadOf } from '../../gateway/core/policy/sun-ahead.ts';
import { bell } from '../../gateway/simulators/neighbourhood/chance.ts';
import type { SunAhead } from './play.ts';
import { slotsPerDay, type Truth } from './truth.ts';

/** Deviations of the factor by which a forecast of a tropical day misses: for the day, and for each hour of it. */
const [dayError, hourError] = [0.2, 0.3];
const slotsPerHour = 4;

export function aForecast({ irradiance }: Truth, seed: number): SunAhead {
  const said = irradiance.map((watts, slot) => {
    const day = 1 + dayError * bell(seed, 71, Math.floor(slot / slotsPerDay));
    const hour = 1 + hourError * bell(seed, 72, Math.floor(slot / slotsPerHour));
    return Math.max(0, watts * day * hour);
  });
  return (slot) => sunAheadOf(said, slot);
}
