/** Why payouts wait: for everybody or for one household, until a person, the balance or the day says otherwise. */
import type { HouseholdId } from './ids.ts';
import { dayMs, startOfDay } from './slot.ts';
import { type Cents, type EpochMs, epochMs } from './units.ts';

/**
 * `credential`: M-Pesa refused the hub's own name; another try may lock it. `float`: the Utility account is
 * empty. `keeper`: a person said so. `receiver`: M-Pesa does not know the household's phone.
 * `receiver-limit`: the phone takes no more today. The last two hold one household only.
 */
export const pauseCauses = ['credential', 'float', 'keeper', 'receiver', 'receiver-limit'] as const;
export type PauseCause = (typeof pauseCauses)[number];

export type Pause = {
  readonly cause: PauseCause;
  /** Undefined: everybody's payouts wait. */
  readonly household: HouseholdId | undefined;
  readonly why: string;
  readonly since: EpochMs;
  /** Undefined: until somebody resumes. */
  readonly until: EpochMs | undefined;
};

/**
 * Codes that blame the hub's own name, password, role or shortcode, whatever was asked
 * (Daraja, B2C, Transaction Status and Reversal result codes).
 */
const credentialCodes: ReadonlySet<string> = new Set([
  ...['11', '18', '20', '21', '22'],
  ...['2001', '2006', '2028', '8006'],
]);
export const blamesCredential = (code: string | undefined): boolean =>
  code !== undefined && credentialCodes.has(code);

/** What a verdict on a payout means for the payouts that come after it. */
export function pauseAfter(
  verdict: string,
  household: HouseholdId,
  why: string,
  now: EpochMs,
): Pause | undefined {
  const everybody = { household: undefined, why, since: now, until: undefined };
  switch (verdict) {
    case 'stop':
      return { cause: 'credential', ...everybody };
    case 'pause':
      return { cause: 'float', ...everybody };
    case 'park':
      return { cause: 'receiver', ...everybody, household };
    case 'next-day':
      return { cause: 'receiver-limit', ...everybody, household, until: nextDay(now) };
    default:
      return undefined;
  }
}

/** The neighbourhood's next midnight. */
export const nextDay = (now: EpochMs): EpochMs => epochMs(startOfDay(now) + dayMs);

/** Whether what M-Pesa holds is enough again. */
export const isFunded = (utilityCents: number, neededCents: Cents): boolean =>
  utilityCents > 0 && utilityCents >= neededCents;

export type SendingFacts = {
  /** Those that hold this household's payouts. */
  readonly pauses: readonly Pause[];
  /** M-Pesa may have this payout already, so that sending it again under its id costs nothing more. */
  readonly isRepeat: boolean;
  readonly amountCents: Cents;
  /** What was sent today, to everybody. */
  readonly sentTodayCents: Cents;
  /** Undefined: results are trusted, and there is no cap. */
  readonly dayMostCents: Cents | undefined;
  /** M-Pesa has accepted the hub's name today. */
  readonly isProved: boolean;
  /** Other payouts that M-Pesa has and has not answered. */
  readonly othersUnderWay: number;
};

/** `until` undefined: look again soon. */
export type Hold = {
  readonly kind: 'paused' | 'day-cap' | 'first-alone';
  readonly why: string;
  readonly until: EpochMs | undefined;
};

/**
 * Why a payout may not be sent now. The first of a day goes alone: with a password that ran out over night,
 * a whole batch of tries would lock the initiator before the first result is back.
 */
export function whyHeld(facts: SendingFacts, now: EpochMs): Hold | undefined {
  const [pause] = facts.pauses;
  if (pause) return { kind: 'paused', why: `paused: ${pause.why}`, until: pause.until };
  const { dayMostCents, sentTodayCents, amountCents, isRepeat } = facts;
  const isOver = dayMostCents !== undefined && sentTodayCents + amountCents > dayMostCents;
  if (isOver && !isRepeat)
    return { kind: 'day-cap', why: 'the day’s cap is reached', until: nextDay(now) };
  if (!facts.isProved && facts.othersUnderWay > 0)
    return { kind: 'first-alone', why: 'the day’s first payout goes alone', until: undefined };
  return undefined;
}
