/** Energy that one household gives to another, or to the community's school or clinic, for nothing. */
import type { HouseholdId } from './ids.ts';
import { fail, ok, type Result } from './result.ts';
import { type WattHours, wattHours } from './units.ts';

export type Gift = {
  /** Whoever asks twice under one id gives once. */
  readonly id: string;
  readonly from: HouseholdId;
  readonly to: HouseholdId;
  readonly energyWh: WattHours;
};

export type GiftProblem =
  | { readonly kind: 'unknown-household' }
  | { readonly kind: 'to-itself' }
  | { readonly kind: 'not-whole' }
  /** Only energy that is the household's own and that no trade reserves can be given. */
  | { readonly kind: 'not-enough'; readonly freeWh: WattHours };

/** Whether so much may be given away; what is kept for the evening may. */
export function mayGive(energyWh: number, freeWh: WattHours): Result<WattHours, GiftProblem> {
  if (!Number.isSafeInteger(energyWh) || energyWh <= 0) return fail({ kind: 'not-whole' });
  return energyWh > freeWh ? fail({ kind: 'not-enough', freeWh }) : ok(wattHours(energyWh));
}
