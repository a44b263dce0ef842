/** What became of the advice: scores per household and day, and how second opinions did. */
import type { HouseholdId } from '../../core/ids.ts';
import type { PairedDay } from '../../core/policy/record.ts';
import type { CentsPerKwh, SlotNumber, WattHours } from '../../core/units.ts';

/** An advice as far as it is scored. */
export type GivenAdvice = {
  readonly slot: SlotNumber;
  readonly household: HouseholdId;
  readonly energyWh: WattHours;
  readonly keepWh: WattHours;
  readonly ruleKeepWh: WattHours;
  /** What the model would have sold; undefined when it was not heard. */
  readonly opinionSellWh: WattHours | undefined;
  readonly rate: CentsPerKwh;
  readonly ownTariff: CentsPerKwh;
};

/** A day goes from 06:00 to 06:00 and has the number of the day on which it begins. */
export type AdviceScore = {
  readonly household: HouseholdId;
  /** Beyond selling at once: what the advice brought, and what was possible. */
  readonly gainedCents: number;
  readonly possibleCents: number;
  /** Worth of the day by the policy and by the model's opinions, where it was heard. */
  readonly ruleCents: number | undefined;
  readonly opinionCents: number | undefined;
};

export type DayScores = { readonly day: number; readonly scores: readonly AdviceScore[] };

export interface AdviceBooks {
  /** Advice with from <= slot < to. */
  givenBetween(from: SlotNumber, to: SlotNumber): GivenAdvice[];
  /** The first slot at or after `from` that has advice. */
  firstGiven(from: SlotNumber): SlotNumber | undefined;
  lastScoredDay(): number | undefined;
  /** Once per day and household; a second time changes nothing. */
  saveScores(day: number, scores: readonly AdviceScore[]): void;
  /** Sums per household since a day; the most gained first. */
  sumsSince(day: number): (AdviceScore & { readonly days: number })[];
  /** Days on which the model was heard, all households together, newest first. */
  pairedDays(limit: number): PairedDay[];
}
