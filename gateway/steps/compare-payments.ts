/** Compares the books with M-Pesa's own list of payments: the list comes over our own connection and is certain. */
import { scaledDeadline } from '../core/deadline.ts';
import { type Listed, placeOf, type Verdict } from '../core/evidence.ts';
import { readPaymentCode } from '../core/household.ts';
import { dayMs, hourMs } from '../core/slot.ts';
import type { Topup } from '../core/topup.ts';
import { type EpochMs, epochMs } from '../core/units.ts';
import type { Tell } from '../events/hub-event.ts';
import type { Books } from '../ports/books/books.ts';
import type { NeighbourhoodClock } from '../ports/clock.ts';
import type { MobileMoney } from '../ports/mobile-money.ts';

type Needs = {
  books: Pick<Books, 'deeds' | 'evidence' | 'households' | 'topups' | 'watch'>;
  money: Pick<MobileMoney, 'listPayments' | 'registerForLists' | 'health'>;
  clock: NeighbourhoodClock;
  tell: Tell;
};

/** M-Pesa keeps the list for 48 hours (Daraja, Pull Transactions). */
export const listReachesMs = 2 * dayMs;
/** A payment that is younger may be missing in the list without anything being wrong. */
export const listFreshMs = hourMs;
/** A push whose payment the list does not have after this long was not paid. */
const decidedAfterMs = dayMs;
/** Before the next look while something that was told of lately is not in the list; neighbourhood and machine ms. */
const [againMs, againFloorMs] = [600_000, 30_000];
/** Pages of one comparison; more is an answer that never ends. */
const pagesMost = 400;
/** Missing payments that one comparison reports, and open pushes that it decides. */
const reportsMost = 100;

/** What was done with a payment that the books did not have. */
export type Finding = { readonly payment: Listed; readonly verdict: Verdict };
export type Compared =
  | { readonly complete: true; readonly payments: number; readonly findings: readonly Finding[] }
  | { readonly complete: false; readonly why: string; readonly findings: readonly Finding[] };

/** Does the deed; while M-Pesa is away it is left standing, and a hub that may not ask tries again tomorrow. */
export async function comparePayments(needs: Needs, _subject?: string): Promise<Compared> {
  const { books, clock } = needs;
  // Which two days the list is of, and what is too old to be in it, is told by the time of day.
  if (clock.trust() !== 'trusted')
    return { complete: false, why: 'the time of day is not certain', findings: [] };
  const to = clock.now();
  const from = epochMs(Math.max(0, to - listReachesMs));
  const read = await readList(needs, from, to);
  const credited = read.findings.filter(
    ({ verdict }) => verdict.kind === 'topup' || verdict.kind === 'wallet',
  ).length;
  const result = { at: to, from, payments: read.payments, credited };
  if (read.problem === undefined) {
    noteGap(books.watch, from, to);
    books.watch.compared({ ...result, complete: true, why: '' });
    books.watch.end('silence', 'list', to);
    books.watch.forgetMoment('away-since');
    books.watch.forgetMoment('compare-wanted');
    decide(needs, from, to);
    return { complete: true, payments: read.payments, findings: read.findings };
  }
  const { kind, why } = read.problem;
  if (kind === 'misconfigured') {
    books.watch.compared({ ...result, complete: false, why });
    books.watch.forgetMoment('compare-wanted');
    leaveConflicts(needs, from, to);
    lookAgain(needs, to);
  }
  return { complete: false, why, findings: read.findings };
}

/** What was paid by hand before the list begins and after the last look is in no list that the hub saw. */
function noteGap(watch: Books['watch'], from: EpochMs, at: EpochMs): void {
  const last = watch.lastComplete();
  if (last === undefined || last.at >= from) return;
  const subject = new Date(last.at).toISOString();
  const words = `Nobody compared from ${subject} to ${new Date(from).toISOString()}: look on M-Pesa's portal for payments by hand.`;
  watch.raise({ kind: 'gap', subject, words, at });
}

type Read = {
  payments: number;
  readonly findings: Finding[];
  problem: { readonly kind: 'no-answer' | 'misconfigured'; readonly why: string } | undefined;
};

async function readList(needs: Needs, from: EpochMs, to: EpochMs): Promise<Read> {
  const read: Read = { payments: 0, findings: [], problem: await register(needs) };
  let offset: number | undefined = 0;
  for (let page = 0; offset !== undefined && read.problem === undefined; page++) {
    if (page === pagesMost) {
      read.problem = { kind: 'misconfigured', why: 'the list does not end' };
      break;
    }
    const answer = await needs.money.listPayments({ from, to, offset });
    if (answer.kind !== 'listed') {
      read.problem = answer;
      break;
    }
    read.payments += answer.payments.length;
    for (const payment of answer.payments) {
      const verdict = take(needs, payment);
      if (verdict !== undefined && verdict.kind !== 'known')
        read.findings.push({ payment, verdict });
    }
    offset = answer.next;
  }
  return read;
}

/** Once per shortcode, before the first list; a simulator forgets with every start, and a second time does no harm. */
async function register({ books, money, clock }: Needs): Promise<Read['problem']> {
  const isKept = money.health().environment !== 'simulator';
  if (isKept && books.watch.moment('lists-registered') !== undefined) return undefined;
  const answer = await money.registerForLists();
  if (answer.kind === 'not-registered') {
    const isAway = money.health().state === 'unreachable';
    return { kind: isAway ? 'no-answer' : 'misconfigured', why: answer.why };
  }
  books.watch.noteMoment('lists-registered', clock.now());
  return undefined;
}

/** Each receipt once, whatever was known of it. */
function take({ books, clock, tell }: Needs, payment: Listed): Verdict | undefined {
  if (payment.receipt === '' || payment.amountCents === 0) return undefined;
  const asked = books.topups.byReference(payment.reference);
  const verdict = placeOf(payment, {
    payment: books.evidence.find(payment.receipt),
    asked,
    askedHas: asked && books.evidence.ofTopup(asked.id),
    claiming: books.topups.byReceipt(payment.receipt),
    coded: books.households.byCode(readPaymentCode(payment.reference) ?? '')?.id,
  });
  const at = clock.now();
  const { receipt, amountCents } = payment;
  const raise = (kind: string, words: string) =>
    books.watch.raise({ kind, subject: receipt, words, at });
  switch (verdict.kind) {
    case 'known':
      // What a person had seen is now in the list too.
      books.evidence.take(payment, { kind: 'suspense', why: '' }, 'list', at);
      return verdict;
    case 'other-amount':
      raise('amount', `M-Pesa lists ${receipt} with another amount than the books have.`);
      return verdict;
    case 'misplaced':
      return correct({ books, clock, tell }, payment, verdict);
    case 'corrects':
      books.evidence.take(payment, { kind: 'topup', topup: verdict.topup }, 'list', at);
      return verdict;
    case 'suspense':
      books.evidence.take(payment, verdict, 'list', at);
      raise('suspense', `Payment ${receipt} is in suspense: ${verdict.why}.`);
      return verdict;
    case 'topup': {
      const { id, household } = verdict.topup;
      for (const kind of ['conflict', 'missing']) books.watch.end(kind, id, at);
      if (books.evidence.take(payment, verdict, 'list', at))
        tell({ name: 'topup.confirmed', topup: id, household, amountCents });
      return verdict;
    }
    case 'wallet':
      if (books.evidence.take(payment, verdict, 'list', at))
        tell({ name: 'paybill.credited', household: verdict.household, amountCents, receipt });
      return verdict;
  }
}

type Misplaced = Extract<Verdict, { kind: 'misplaced' }>;

/** The push that M-Pesa names gets its receipt. What a person credited with it stays, and a person must look. */
function correct(
  { books, clock, tell }: Pick<Needs, 'books' | 'clock' | 'tell'>,
  payment: Listed,
  verdict: Misplaced,
): Verdict {
  const { topup, was } = verdict;
  const { receipt, amountCents } = payment;
  const at = clock.now();
  const words = `Receipt ${receipt} pays top-up ${topup.id}, and a person gave it to ${was.household}.`;
  books.watch.raise({ kind: 'misplaced', subject: receipt, words, at });
  if (was.place === 'topup' && topup.amountCents === amountCents)
    if (books.evidence.take(payment, { kind: 'topup', topup }, 'list', at))
      tell({ name: 'topup.confirmed', topup: topup.id, household: topup.household, amountCents });
  return verdict;
}

/** What a whole list does not have was not paid; what the books credited and it does not have is a difference. */
function decide({ books, clock }: Needs, from: EpochMs, to: EpochMs): void {
  for (const topup of books.topups.undecidedSince(from, reportsMost))
    decideOn(books.topups, topup, to);
  lookAgain({ books, clock }, to);
  const fresh = epochMs(Math.max(0, to - listFreshMs));
  for (const id of books.watch.missingInList(from, fresh, reportsMost)) {
    const words = `Top-up ${id} is credited, and M-Pesa's list does not have it.`;
    books.watch.raise({ kind: 'missing', subject: id, words, at: to });
  }
}

function lookAgain({ books, clock }: Pick<Needs, 'books' | 'clock'>, now: EpochMs): void {
  if (!isAwaited(books, now)) return;
  const again = scaledDeadline(clock.now(), clock.speed, againMs, againFloorMs);
  books.deeds.ensure('compare-payments', 'list', again);
}

/** A payment of the last hour that somebody told of: the list may have it later. */
const isAwaited = (books: Needs['books'], now: EpochMs): boolean =>
  books.topups
    .inStates(['conflict'], reportsMost)
    .some(({ claim }) => claim !== undefined && now - claim.at < listFreshMs) ||
  books.evidence.openHints(1).some(({ at }) => now - at < listFreshMs);

/** Where there is no list for this hub, a person decides what it would decide. */
function leaveConflicts({ books }: Needs, from: EpochMs, to: EpochMs): void {
  for (const topup of books.topups.undecidedSince(from, reportsMost))
    if (topup.state === 'conflict' && isListed(topup, to))
      books.topups.review(topup, `${topup.detail}; there is no list that could tell`);
}

/** By now the list has it, if it was paid. */
const isListed = ({ claim, sentAt, createdAt }: Topup, to: EpochMs): boolean =>
  to - (claim?.at ?? sentAt ?? createdAt) >= listFreshMs;

function decideOn(topups: Books['topups'], topup: Topup, to: EpochMs): void {
  const since = topup.sentAt ?? topup.createdAt;
  if (topup.state === 'conflict') {
    if (isListed(topup, to))
      topups.review(topup, `${topup.detail}; M-Pesa's list does not have it`);
  } else if (topup.claim === undefined && to - since >= decidedAfterMs) {
    topups.close(topup, "M-Pesa's list of that day does not have it");
  }
}
