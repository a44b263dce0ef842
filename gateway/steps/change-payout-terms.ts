/** The keeper says from when on and from how much sellers are paid, and what M-Pesa takes for it today. */
import { limits } from '../core/keeper-limits.ts';
import { type FeeBand, isTariff, tariffOf } from '../core/payout.ts';
import { fail, ok, type Result } from '../core/result.ts';
import { dayMs, minuteMs } from '../core/slot.ts';
import type { Cents } from '../core/units.ts';
import type { Books } from '../ports/books/books.ts';
import type { NeighbourhoodClock } from '../ports/clock.ts';

type Needs = {
  books: Pick<Books, 'evidence' | 'payouts' | 'settings'>;
  clock: NeighbourhoodClock;
};

/** What is undefined stays as it is. */
export type PayoutTerms = {
  /** Minutes after the neighbourhood's midnight from which the day's payouts begin. */
  readonly fromMinute: number | undefined;
  /** Earnings below this wait. */
  readonly leastCents: Cents | undefined;
  /** M-Pesa's fees, cheapest band first; the last one reaches the most that M-Pesa pays out. */
  readonly tariff: readonly FeeBand[] | undefined;
  readonly reason: string;
};

export type TermsProblem =
  | { readonly kind: 'nothing-to-change' }
  | { readonly kind: 'not-a-time' }
  | { readonly kind: 'not-a-least' }
  | { readonly kind: 'not-a-tariff' };

/** Holds from now on, all of it or nothing. */
export function changePayoutTerms(
  { books, clock }: Needs,
  terms: PayoutTerms,
): Result<void, TermsProblem> {
  const problem = problemOf(terms);
  if (problem !== undefined) return fail({ kind: problem });
  const { fromMinute, leastCents, tariff, reason } = terms;
  const at = clock.now();
  const act = { act: 'pay terms', subject: 'payouts', household: undefined };
  books.evidence.noteAct({ ...act, reason, at });
  if (fromMinute !== undefined) books.settings.change('payoutFromMinute', fromMinute, at);
  if (leastCents !== undefined) books.settings.change('payoutLeastCents', leastCents, at);
  if (tariff !== undefined) books.payouts.changeFees(tariffOf(tariff), at);
  return ok(undefined);
}

function problemOf({
  fromMinute,
  leastCents,
  tariff,
}: PayoutTerms): TermsProblem['kind'] | undefined {
  if (fromMinute === undefined && leastCents === undefined && tariff === undefined)
    return 'nothing-to-change';
  if (fromMinute !== undefined && !isMinuteOfDay(fromMinute)) return 'not-a-time';
  const { least, most } = limits.payoutLeastCents;
  if (leastCents !== undefined && (leastCents < least || leastCents > most)) return 'not-a-least';
  return tariff !== undefined && !isTariff(tariffOf(tariff)) ? 'not-a-tariff' : undefined;
}

const isMinuteOfDay = (minute: number): boolean =>
  Number.isInteger(minute) && minute >= 0 && minute * minuteMs < dayMs;
