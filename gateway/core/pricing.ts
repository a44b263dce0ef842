/** The community's rate: posted, inside a collar, moved once a day by yesterday's metered offer and need. */
import { type CentsPerKwh, centsPerKwh } from './units.ts';

export type Collar = { readonly floor: CentsPerKwh; readonly cap: CentsPerKwh };

const stepMost = 100;
const roundTo = 50;
const clamp = (least: number, value: number, most: number) =>
  Math.max(least, Math.min(value, most));

/**
 * The next day's rate from the lots that yesterday's two-sided rounds offered and asked.
 * Without a two-sided round the rate stays.
 */
export function nextRate(
  today: CentsPerKwh,
  { floor, cap }: Collar,
  offered: number,
  asked: number,
): CentsPerKwh {
  if (offered === 0 || asked === 0) return centsPerKwh(clamp(floor, today, cap));
  const target =
    offered >= asked
      ? floor
      : Math.floor((floor * cap * asked) / ((cap - floor) * offered + floor * asked));
  const moved = today + clamp(-stepMost, target - today, stepMost);
  return centsPerKwh(clamp(floor, Math.round(moved / roundTo) * roundTo, cap));
}
