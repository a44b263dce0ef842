/** Asks M-Pesa what became of a push: the query is the truth, the callback only makes us ask sooner. */
import { askFloorMs, scaledDeadline } from '../core/deadline.ts';
import type { TopupId } from '../core/ids.ts';
import { nextAskMs, type Topup } from '../core/topup.ts';
import type { EpochMs } from '../core/units.ts';
import type { Tell } from '../events/hub-event.ts';
import type { Books } from '../ports/books/books.ts';
import type { NeighbourhoodClock } from '../ports/clock.ts';
import type { MobileMoney } from '../ports/mobile-money.ts';

type Needs = {
  books: Pick<Books, 'deeds' | 'topups'>;
  money: Pick<MobileMoney, 'askAboutPush'>;
  clock: NeighbourhoodClock;
  tell: Tell;
};

/** Without a request id only a callback can help; after this long a person must look. */
const [unknownMs, unknownFloorMs] = [15 * 60_000, 20_000];
/** Between two questions while M-Pesa does not answer. */
const [awayMs, awayFloorMs] = [10_000, 1_000];
const [unknownLookMs, unknownLookFloorMs] = [60_000, 1_000];

/** A recorded success is never overwritten; a failure is, by a late success, for a day. */
export async function confirmTopup(needs: Needs, subject: string): Promise<void> {
  const { books, money, clock, tell } = needs;
  const topup = books.topups.find(subject as TopupId);
  if (topup === undefined) return;
  if (topup.state === 'credited') return books.topups.asked(topup, undefined);
  if (topup.checkoutRequestId === undefined) return waitForCallback(needs, topup);
  const outcome = await money.askAboutPush(topup.checkoutRequestId);
  const { id, household, amountCents } = topup;
  if (outcome.kind === 'paid') {
    if (books.topups.credit(topup, clock.now()))
      tell({ name: 'topup.confirmed', topup: id, household, amountCents });
    return;
  }
  if (outcome.kind === 'no-answer' || outcome.kind === 'misconfigured') {
    // Only an answer counts as one: while M-Pesa is away the hub asks again, for weeks if need be.
    const again = scaledDeadline(clock.now(), clock.speed, awayMs, awayFloorMs);
    return books.deeds.hasten('ask-about-topup', id, again);
  }
  const next = nextAsk(topup, clock);
  if (outcome.kind === 'failed' && topup.state === 'pending') {
    books.topups.refuse(topup, outcome.code, 'M-Pesa says it was not paid', next);
    return tell({
      name: 'topup.refused',
      topup: id,
      household,
      amountCents,
      why: `code ${outcome.code}`,
    });
  }
  if (next === undefined && topup.state === 'pending')
    return books.topups.review(topup, 'no certain answer for a day');
  books.topups.asked(topup, next);
}

function nextAsk(topup: Topup, clock: NeighbourhoodClock): EpochMs | undefined {
  const waitMs = nextAskMs(topup.polls + 1);
  return waitMs === undefined
    ? undefined
    : scaledDeadline(clock.now(), clock.speed, waitMs, askFloorMs);
}

function waitForCallback({ books, clock }: Needs, topup: Topup): void {
  const since = topup.sentAt ?? topup.createdAt;
  const over = scaledDeadline(since, clock.speed, unknownMs, unknownFloorMs);
  if (clock.now() >= over)
    return books.topups.review(topup, 'it is not known whether the phone rang');
  books.topups.asked(
    topup,
    scaledDeadline(clock.now(), clock.speed, unknownLookMs, unknownLookFloorMs),
  );
}
