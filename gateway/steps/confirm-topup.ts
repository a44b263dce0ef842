/** Asks M-Pesa what became of a push: the query is the truth, the callback only makes us ask sooner. */
import { askFloorMs, scaledDeadline } from '../core/deadline.ts';
import type { TopupId } from '../core/ids.ts';
import { dayMs } from '../core/slot.ts';
import { isOtherAmount, nextAskMs, type Topup } from '../core/topup.ts';
import type { EpochMs } from '../core/units.ts';
import type { Tell } from '../events/hub-event.ts';
import type { Books } from '../ports/books/books.ts';
import type { NeighbourhoodClock } from '../ports/clock.ts';
import type { MobileMoney, PushOutcome } from '../ports/mobile-money.ts';

type Needs = {
  books: Pick<Books, 'deeds' | 'topups' | 'watch'>;
  money: Pick<MobileMoney, 'askAboutPush' | 'health'>;
  clock: NeighbourhoodClock;
  tell: Tell;
};

/** Without a request id only a callback can help; after this long a person must look. */
const [unknownMs, unknownFloorMs] = [15 * 60_000, 20_000];
/** Whether M-Pesa can still tell of an older push is not known. */
const forgottenMs = 2 * dayMs;
/** Between two questions while M-Pesa does not answer. */
const [awayMs, awayFloorMs] = [10_000, 1_000];
const [unknownLookMs, unknownLookFloorMs] = [60_000, 1_000];

/** A recorded success is never overwritten; a failure is, by a late success, for a day. */
export async function confirmTopup(needs: Needs, subject: string): Promise<void> {
  const { books, money, clock } = needs;
  const topup = books.topups.find(subject as TopupId);
  if (topup === undefined) return;
  if (topup.state === 'credited') return books.topups.asked(topup, undefined);
  if (topup.checkoutRequestId === undefined) return waitForCallback(needs, topup);
  const outcome = await money.askAboutPush(topup.checkoutRequestId);
  // A callback may have been read while M-Pesa was asked.
  const now = books.topups.find(topup.id) ?? topup;
  if (outcome.kind === 'paid') return bePaid(needs, now);
  if (outcome.kind === 'no-answer' || outcome.kind === 'misconfigured')
    return notAnswered(needs, now, outcome.kind);
  const next = nextAsk(now, clock);
  if (outcome.kind === 'failed') return beFailed(needs, now, outcome, next);
  if (next === undefined && isOpen(now))
    return books.topups.review(now, 'no certain answer for a day');
  books.topups.asked(now, next);
}

/** Only an answer counts as one: while M-Pesa is away the hub asks again, for weeks if need be. */
function notAnswered(
  { books, money, clock }: Needs,
  topup: Topup,
  kind: 'no-answer' | 'misconfigured',
): void {
  const at = clock.now();
  // Asked only because somebody looked: without an answer it is where it was.
  if (isOver(topup, at)) return books.topups.asked(topup, undefined);
  // M-Pesa speaks and does not know it: the phone is not kept waiting for it any longer.
  const isHeard = kind === 'no-answer' && money.health().state === 'ok';
  if (isHeard && isOpen(topup) && isForgotten(topup, at))
    books.topups.review(topup, 'M-Pesa has told nothing of it for two days');
  const again = scaledDeadline(at, clock.speed, awayMs, awayFloorMs);
  books.deeds.hasten('ask-about-topup', topup.id, again);
}

const isOver = (topup: Topup, now: EpochMs): boolean =>
  (topup.state === 'review' || topup.state === 'closed') &&
  (topup.claim === undefined || isForgotten(topup, now));
const isForgotten = ({ sentAt, createdAt }: Topup, now: EpochMs): boolean =>
  now - (sentAt ?? createdAt) >= forgottenMs;
const isOpen = ({ state }: Topup): boolean => state === 'pending' || state === 'conflict';

/** We bound the amount to the id; a callback that names another one leaves the word to M-Pesa's list. */
function bePaid({ books, clock, tell }: Needs, topup: Topup): void {
  const { id, household, amountCents, state } = topup;
  if (isOtherAmount(topup)) {
    books.topups.conflict(topup, 'paid, but its callback names another amount', clock.now());
    return books.topups.asked(topup, undefined);
  }
  if (!books.topups.credit(topup, clock.now())) return;
  if (state === 'conflict' || state === 'review') books.watch.end('conflict', id, clock.now());
  tell({ name: 'topup.confirmed', topup: id, household, amountCents });
}

type Failure = Extract<PushOutcome, { kind: 'failed' }>;

function beFailed(
  { books, clock, tell }: Needs,
  topup: Topup,
  { code, words, isOurs }: Failure,
  next: EpochMs | undefined,
): void {
  const { id, household, amountCents, state } = topup;
  const at = clock.now();
  if (isOurs)
    books.watch.raise({ kind: 'push', subject: code, words: `Pushes fail: ${words}`, at });
  if (topup.claim !== undefined && (state === 'pending' || state === 'failed')) {
    const why = `a callback says paid, M-Pesa says ${code}`;
    books.topups.conflict(topup, why, at);
    books.watch.raise({ kind: 'conflict', subject: id, words: `Top-up ${id}: ${why}`, at });
    books.topups.asked(topup, next);
    return tell({ name: 'topup.unsure', topup: id, household, amountCents, why });
  }
  if (state === 'pending') {
    books.topups.refuse(topup, code, words, next);
    return tell({ name: 'topup.refused', topup: id, household, amountCents, why: `code ${code}` });
  }
  if (next === undefined && state === 'failed')
    return books.topups.close(topup, 'not paid for a day');
  if (next === undefined && state === 'conflict') return books.topups.review(topup, topup.detail);
  books.topups.asked(topup, next);
}

function nextAsk(topup: Topup, clock: NeighbourhoodClock): EpochMs | undefined {
  const waitMs = nextAskMs(topup.polls + 1);
  return waitMs === undefined
    ? undefined
    : scaledDeadline(clock.now(), clock.speed, waitMs, askFloorMs);
}

/** M-Pesa's list is what may still tell of it, for two days; a person may, for ever. */
function waitForCallback({ books, clock }: Needs, topup: Topup): void {
  if (topup.state !== 'unknown') return books.topups.asked(topup, undefined);
  const since = topup.sentAt ?? topup.createdAt;
  const over = scaledDeadline(since, clock.speed, unknownMs, unknownFloorMs);
  if (clock.now() >= over)
    return books.topups.review(topup, 'it is not known whether the phone rang');
  books.topups.asked(
    topup,
    scaledDeadline(clock.now(), clock.speed, unknownLookMs, unknownLookFloorMs),
  );
}
