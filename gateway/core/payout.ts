/** When a seller is paid, what a household may withdraw, and which trades a payout closes. */
import type { HouseholdId, PayoutId, TradeId } from './ids.ts';
import type { Msisdn } from './phone.ts';
import { fail, ok, type Result } from './result.ts';
import { dayMs, dayOf, minuteMs, timeOfDayMs } from './slot.ts';
import { type Cents, cents, centsPerShilling, type EpochMs } from './units.ts';

export type PayoutState = 'intent' | 'unknown' | 'pending' | 'done' | 'failed' | 'review';
/** `batch`: what a seller has earned. `withdrawal`: what a household asks back from its wallet. */
export type PayoutKind = 'batch' | 'withdrawal';

export type Payout = {
  readonly id: PayoutId;
  readonly household: HouseholdId;
  readonly kind: PayoutKind;
  readonly sequence: number;
  readonly phone: Msisdn;
  readonly amountCents: Cents;
  readonly conversationId: string;
  readonly state: PayoutState;
  readonly createdAt: EpochMs;
  /** When M-Pesa may first have heard of it. */
  readonly sentAt: EpochMs | undefined;
  readonly asks: number;
  /** The last result code that M-Pesa is said to have given. */
  readonly code: string | undefined;
  readonly detail: string;
};

/** States in which the money is still on its way; a household has one such payout at a time. */
export const openPayoutStates: readonly PayoutState[] = ['intent', 'unknown', 'pending', 'review'];

/** M-Pesa pays out 10 to 250,000 whole shillings (Daraja, B2C). */
export const payoutLeastCents = cents(1000);
export const payoutMostCents = cents(25_000_000);

/** After M-Pesa refused a payout its money waits this long before it is tried anew. */
export const refusedRestMs = 3_600_000;

export type PayoutRule = {
  /** Earnings below this wait. */
  readonly leastCents: Cents;
  /** False: as soon as there is enough; true: once a day. */
  readonly daily: boolean;
  /** Minutes after the neighbourhood's midnight from which a day's payouts begin. */
  readonly fromMinute: number;
  /** No payout is larger; while results are only hints that is the day's cap. */
  readonly mostCents: Cents;
};

export type PayoutHistory = {
  /** When the newest payout from earnings was begun. */
  readonly lastAt: EpochMs | undefined;
  /** What was begun for this household today, whatever kind; failed payouts are left out. */
  readonly todayCents: Cents;
};

/** What to pay out now: whole shillings, or undefined when it must wait. More than M-Pesa carries takes days. */
export function payoutDue(
  earnings: Cents,
  rule: PayoutRule,
  { lastAt, todayCents }: PayoutHistory,
  now: EpochMs,
): Cents | undefined {
  if (rule.daily && !isPayTime(rule.fromMinute, lastAt, now)) return undefined;
  const room = Math.max(0, payoutMostCents - todayCents);
  const whole = Math.floor(Math.min(earnings, rule.mostCents, room) / centsPerShilling);
  const amount = whole * centsPerShilling;
  return amount < Math.max(rule.leastCents, payoutLeastCents) ? undefined : cents(amount);
}

/** Whether the day's payouts have begun. */
export const isPayHour = (fromMinute: number, now: EpochMs): boolean =>
  timeOfDayMs(now) >= (fromMinute * minuteMs) % dayMs;

const isPayTime = (fromMinute: number, lastAt: EpochMs | undefined, now: EpochMs): boolean =>
  isPayHour(fromMinute, now) && (lastAt === undefined || dayOf(lastAt) !== dayOf(now));

export type WithdrawalProblem =
  | { readonly kind: 'unknown-household' }
  /** Money leaves only to the number that the household is registered with. */
  | { readonly kind: 'another-number' }
  | { readonly kind: 'not-whole-shillings' }
  | { readonly kind: 'too-little'; readonly leastCents: Cents }
  | { readonly kind: 'too-much'; readonly mostCents: Cents }
  /** What open trades still need is not free. */
  | { readonly kind: 'not-enough'; readonly freeCents: Cents }
  | { readonly kind: 'payout-on-its-way' }
  | { readonly kind: 'parked'; readonly why: string };

/** What of a wallet is not spoken for by open trades. */
export const freeOf = (wallet: Cents, spokenFor: Cents): Cents =>
  cents(Math.max(0, wallet - spokenFor));

/** Whether M-Pesa can carry it and the wallet has it. */
export function withdrawable(
  amountCents: number,
  freeCents: Cents,
  mostCents: Cents,
): Result<Cents, WithdrawalProblem> {
  const most = cents(Math.min(mostCents, payoutMostCents));
  if (!Number.isSafeInteger(amountCents) || amountCents % centsPerShilling !== 0)
    return fail({ kind: 'not-whole-shillings' });
  if (amountCents < payoutLeastCents)
    return fail({ kind: 'too-little', leastCents: payoutLeastCents });
  if (amountCents > most) return fail({ kind: 'too-much', mostCents: most });
  if (amountCents > freeCents) return fail({ kind: 'not-enough', freeCents });
  return ok(cents(amountCents));
}

/** The least, the most and the fee of one step of M-Pesa's tariff. */
export type FeeStep = {
  readonly leastCents: Cents;
  readonly mostCents: Cents;
  readonly feeCents: Cents;
};

/** M-Pesa's fee for every payout up to an amount that is above the band before it. */
export type FeeBand = { readonly upToCents: Cents; readonly feeCents: Cents };

/** The same as steps that leave out nothing; the first band begins with the least that M-Pesa pays out. */
export const tariffOf = (bands: readonly FeeBand[]): FeeStep[] =>
  bands.map(({ upToCents, feeCents }, at) => {
    const before = bands[at - 1]?.upToCents;
    const leastCents = before === undefined ? payoutLeastCents : cents(before + 1);
    return { leastCents, mostCents: upToCents, feeCents };
  });

/** A tariff names every whole shilling from the least to the most that M-Pesa pays out, once. */
export function isTariff(steps: readonly FeeStep[]): boolean {
  const sorted = [...steps].sort((a, b) => a.leastCents - b.leastCents);
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (first === undefined || last === undefined) return false;
  const joined = sorted.every(
    ({ leastCents, mostCents }, at) =>
      leastCents <= mostCents && (at === 0 || leastCents === (sorted[at - 1]?.mostCents ?? 0) + 1),
  );
  return joined && first.leastCents <= payoutLeastCents && last.mostCents >= payoutMostCents;
}

export type Earned = {
  readonly trade: TradeId;
  readonly amountCents: Cents;
  readonly closed: boolean;
};

/**
 * Trades that payouts have covered, first in first out, but for less than one shilling. `earned` are all
 * trades of a seller in the order in which they were settled; `paidOut` is the sum of finished payouts.
 */
export function coveredTrades(earned: readonly Earned[], paidOut: Cents): TradeId[] {
  let sum = 0;
  const covered: TradeId[] = [];
  for (const { trade, amountCents, closed } of earned) {
    sum += amountCents;
    if (sum - paidOut >= centsPerShilling) break;
    if (!closed) covered.push(trade);
  }
  return covered;
}

/** M-Pesa sends a result by itself; after this long without one the hub asks. */
export const payoutSilenceMs = 120_000;
/** Questions about one payout, or one reversal, before a person must look. */
export const payoutAsksMost = 24;
/** Nobody knows for how long M-Pesa refuses a second payout under one id: after a day none is sent again. */
export const resendMostMs = dayMs;
/** Questions come ever more slowly: twice as far apart each time, to at most an hour. */
const slowestMs = 3_600_000;
/** From one question about money on its way out to the next. */
export const nextQuestionMs = (asks: number): number =>
  Math.min(slowestMs, payoutSilenceMs * 2 ** asks);
