/** Outside opinions. Both may be absent for weeks; the hub trades sensibly without them. */
import type { Question } from '../core/advice.ts';
import type { Result } from '../core/result.ts';
import type { EpochMs } from '../core/units.ts';
import type { Words } from '../core/words-of-advice.ts';

/** Global horizontal irradiance, mean over the hour that begins at `from`, in whole W/m2. */
export type SunHour = { readonly from: EpochMs; readonly wattsPerM2: number };

export interface Weather {
  /** The newest forecast that is at most 6 h old; asks outside when it must, at most hourly. */
  forecast(): Promise<Result<readonly SunHour[], 'unreachable' | 'stale'>>;
  health(): OutsideHealth;
}

/** Only numbers go out: no name, no note, no phone. */
export type AdviceQuestion = Question;

/** What a language model said, schema-checked but neither clamped nor compared with what the hub computed. */
export type Opinion = {
  readonly action: 'sell' | 'hold';
  readonly sellWh: number;
  /** Plain letters, digits and punctuation. */
  readonly words: Words;
  readonly model: string;
  /** As it was sent; both hashes are sha256 in hex. */
  readonly prompt: string;
  readonly promptHash: string;
  readonly answerHash: string;
};

export interface SecondOpinion {
  /** Answers within its own deadline, or says why not. Never throws. */
  ask(question: AdviceQuestion): Promise<Result<Opinion, string>>;
  health(): OutsideHealth;
}

export type OutsideHealth = {
  readonly mode: 'off' | 'on';
  readonly state: 'ok' | 'unknown' | 'unreachable' | 'resting';
  readonly detail: string;
};

/** The forecast that is at hand now; the steps never wait for the weather. */
export interface SunForecast {
  latest(): readonly SunHour[] | undefined;
}
