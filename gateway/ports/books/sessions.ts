/** Who is signed in, and what households chose on their page. Moments of sign-in are the machine's wall clock. */
import type { Choice } from '../../core/choice.ts';
import type { HouseholdId } from '../../core/ids.ts';
import type { EpochMs } from '../../core/units.ts';

export interface SessionBooks {
  pinOf(household: HouseholdId): string | undefined;
  /** A new PIN ends every session of the household. */
  setPin(household: HouseholdId, hash: string, at: number): void;
  /** `hash` is the sha256 of the code, in hex. What is over is forgotten. */
  addCode(hash: string, household: HouseholdId, expires: number, at: number): void;
  /** Whose code it is, once; undefined when it is unknown, used or over. */
  useCode(hash: string, at: number): HouseholdId | undefined;
  /** Beyond `most` the household's oldest session ends. */
  begin(
    session: { readonly hash: string; readonly household: HouseholdId; readonly expires: number },
    most: number,
    at: number,
  ): void;
  of(hash: string, at: number): HouseholdId | undefined;
  end(hash: string): void;
}

export interface ChoiceBooks {
  /** What holds at a moment. */
  at(household: HouseholdId, moment: EpochMs): Choice;
  choose(household: HouseholdId, choice: Choice, from: EpochMs): void;
  /** The language in which the hub speaks to the household. */
  speak(household: HouseholdId, language: 'en' | 'sw'): void;
}
