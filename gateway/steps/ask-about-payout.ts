/** Asks M-Pesa what became of a payout that has no result yet; the answer comes as a callback. */
import { scaledDeadline } from '../core/deadline.ts';
import type { PayoutId } from '../core/ids.ts';
import { nextQuestionMs, payoutAsksMost } from '../core/payout.ts';
import { dayMs } from '../core/slot.ts';
import { epochMs } from '../core/units.ts';
import type { Tell } from '../events/hub-event.ts';
import type { Books } from '../ports/books/books.ts';
import type { NeighbourhoodClock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';
import type { MobileMoney } from '../ports/mobile-money.ts';

type Needs = {
  books: Pick<Books, 'deeds' | 'pauses' | 'payouts'>;
  money: Pick<MobileMoney, 'askAboutPayout'>;
  clock: NeighbourhoodClock;
  ids: Ids;
  tell: Tell;
};

const pathLivesMs = 2 * dayMs;
const silenceFloorMs = 4_000;
/** While the hub's own name is refused nothing is asked; a person who resumes makes it due at once. */
const [heldMs, heldFloorMs] = [10 * 60_000, 30_000];

/** Fresh paths for every question; after many without an answer a person must look. */
export async function askAboutPayout(needs: Needs, subject: string): Promise<void> {
  const { books, money, clock, ids, tell } = needs;
  const payout = books.payouts.find(subject as PayoutId);
  if (payout === undefined || !['unknown', 'pending'].includes(payout.state)) return;
  const now = clock.now();
  if (books.pauses.credentialFault(now) !== undefined) {
    const later = scaledDeadline(now, clock.speed, heldMs, heldFloorMs);
    return books.deeds.hasten('ask-about-payout', payout.id, later);
  }
  if (payout.asks >= payoutAsksMost) {
    const why = 'no certain answer';
    const { id, household, amountCents } = payout;
    if (books.payouts.review(payout, why, now))
      tell({ name: 'payout.unsure', payout: id, household, amountCents, why });
    return;
  }
  const [result, timeout] = [ids.callbackToken(), ids.callbackToken()];
  const next = scaledDeadline(now, clock.speed, nextQuestionMs(payout.asks), silenceFloorMs);
  const expires = epochMs(now + pathLivesMs);
  const paths = { resultHash: result.hash, timeoutHash: timeout.hash, expires };
  books.payouts.noteQuestion(payout, paths, next);
  const answer = await money.askAboutPayout({
    conversationId: payout.conversationId,
    resultToken: result.token,
    timeoutToken: timeout.token,
  });
  // Only a question that left the hub counts: days without a network end nowhere.
  if (answer.kind === 'asked') books.payouts.asked(payout);
}
