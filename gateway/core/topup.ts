/** When and for how much a phone may be asked to fill its wallet. */
import type { StandingRule } from './household.ts';
import type { HouseholdId, TopupId } from './ids.ts';
import type { Msisdn } from './phone.ts';
import { dayOf, timeOfDayMs } from './slot.ts';
import { type Cents, cents, centsPerShilling, type EpochMs } from './units.ts';

export type TopupState =
  | 'intent'
  | 'unknown'
  | 'pending'
  | 'credited'
  | 'failed'
  | 'closed'
  | 'abandoned'
  | 'conflict'
  | 'review';

export type Topup = {
  readonly id: TopupId;
  readonly household: HouseholdId;
  readonly phone: Msisdn;
  readonly amountCents: Cents;
  readonly accountReference: string;
  readonly state: TopupState;
  readonly createdAt: EpochMs;
  readonly sentAt: EpochMs | undefined;
  readonly polls: number;
  readonly checkoutRequestId: string | undefined;
  readonly merchantRequestId: string | undefined;
  readonly code: string | undefined;
  readonly receipt: string | undefined;
  readonly detail: string;
  /** A person asked for it; no trade waits. */
  readonly byHand: boolean;
  /** A callback said paid. What it said of the amount is a claim: undefined when it was no amount at all. */
  readonly claim: { readonly at: EpochMs; readonly amountCents: number | undefined } | undefined;
};

/** What a top-up is before anything happened to it. */
export const blankTopup = {
  state: 'intent',
  sentAt: undefined,
  polls: 0,
  checkoutRequestId: undefined,
  merchantRequestId: undefined,
  code: undefined,
  receipt: undefined,
  detail: '',
  byHand: false,
  claim: undefined,
} as const;

/** A callback claims another amount than was asked: only M-Pesa's list, or a person, tells which is true. */
export const isOtherAmount = ({ claim, amountCents }: Topup): boolean =>
  claim !== undefined && claim.amountCents !== amountCents;

/** M-Pesa takes 1 to 250,000 whole shillings in one payment (Daraja, M-Pesa Express). */
export const topupMostCents = cents(25_000_000);
/** M-Pesa refuses the same amount for the same phone within two minutes (Daraja result code 17). */
export const promptDistanceMs = 120_000;

/** What a phone must be asked for. M-Pesa takes whole shillings, so the odd cents stay in the wallet. */
export function topupFor(missing: Cents, block: Cents): Cents {
  const wanted = Math.max(missing, block);
  return cents(Math.ceil(wanted / centsPerShilling) * centsPerShilling);
}

/** What is known of a phone when somebody wants to ring it. */
export type PhoneHistory = {
  readonly promptOpen: boolean;
  readonly promptsToday: number;
  readonly lastPromptAt: EpochMs | undefined;
  /** The last prompt was refused or not answered, and nothing was asked by the household since. */
  readonly unansweredAt: EpochMs | undefined;
};

export type NoRing =
  | 'quiet-hours'
  | 'prompt-open'
  | 'enough-for-today'
  | 'too-soon'
  | 'refused-today';

/** Whether the phone may ring now, or why not. */
export function mayRing(
  rule: Pick<StandingRule, 'quietFromMs' | 'quietUntilMs' | 'promptsDaily'>,
  phone: PhoneHistory,
  now: EpochMs,
): NoRing | undefined {
  if (phone.promptOpen) return 'prompt-open';
  if (isQuiet(rule, now)) return 'quiet-hours';
  if (phone.promptsToday >= rule.promptsDaily) return 'enough-for-today';
  if (phone.unansweredAt !== undefined && dayOf(phone.unansweredAt) === dayOf(now))
    return 'refused-today';
  if (phone.lastPromptAt !== undefined && now - phone.lastPromptAt < promptDistanceMs)
    return 'too-soon';
  return undefined;
}

export type NoTopup =
  | { readonly kind: 'prompt-open' }
  | { readonly kind: 'amount' }
  | { readonly kind: 'same-amount'; readonly waitMs: number };

/** A person who waits at the phone may be rung at any hour; M-Pesa's own limits stay. `equalAt`: this amount before. */
export function mayRingByHand(
  amountCents: number,
  { promptOpen }: Pick<PhoneHistory, 'promptOpen'>,
  equalAt: EpochMs | undefined,
  now: EpochMs,
): NoTopup | undefined {
  const isWhole = Number.isSafeInteger(amountCents) && amountCents % centsPerShilling === 0;
  if (!isWhole || amountCents < centsPerShilling || amountCents > topupMostCents)
    return { kind: 'amount' };
  if (promptOpen) return { kind: 'prompt-open' };
  if (equalAt === undefined) return undefined;
  const waitMs = equalAt + promptDistanceMs - now;
  return waitMs > 0 ? { kind: 'same-amount', waitMs } : undefined;
}

/** At most 12 letters and digits (Daraja, M-Pesa Express), unique per attempt; the first five find the wallet. */
export const referenceFor = (code: string, attempt: number): string =>
  `${code}${attempt.toString(36).toUpperCase().padStart(4, '0')}`.slice(0, 12);

/** Also over midnight; no quiet hours when both ends are the same. */
export function isQuiet(
  { quietFromMs, quietUntilMs }: Pick<StandingRule, 'quietFromMs' | 'quietUntilMs'>,
  now: EpochMs,
): boolean {
  const time = timeOfDayMs(now);
  if (quietFromMs <= quietUntilMs) return time >= quietFromMs && time < quietUntilMs;
  return time >= quietFromMs || time < quietUntilMs;
}

/** Seconds after the push at which M-Pesa is asked; later every 5 min to 1 h, then hourly to 24 h. */
const askAtSeconds = [5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300];
const hourS = 3600;

/** Milliseconds from the n-th question (0 = the push itself) to the next; undefined when a person must look. */
export function nextAskMs(asked: number): number | undefined {
  const at = askedAtSeconds(asked);
  if (at >= 24 * hourS) return undefined;
  return (askedAtSeconds(asked + 1) - at) * 1000;
}

function askedAtSeconds(asked: number): number {
  if (asked === 0) return 0;
  const early = askAtSeconds[asked - 1];
  if (early !== undefined) return early;
  const fiveMinutes = 300 * (asked - askAtSeconds.length + 1);
  if (fiveMinutes <= hourS) return fiveMinutes;
  return hourS * (asked - askAtSeconds.length - hourS / 300 + 2);
}
