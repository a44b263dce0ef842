/** Asks M-Pesa what became of a payout that has no result yet; the answer comes as a callback. */
import { scaledDeadline } from '../core/deadline.ts';
import type { PayoutId } from '../core/ids.ts';
import { payoutAsksMost, payoutSilenceMs } from '../core/payout.ts';
import { dayMs } from '../core/slot.ts';
import { epochMs } from '../core/units.ts';
import type { Books } from '../ports/books/books.ts';
import type { NeighbourhoodClock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';
import type { MobileMoney } from '../ports/mobile-money.ts';

type Needs = {
  books: Pick<Books, 'payouts'>;
  money: Pick<MobileMoney, 'askAboutPayout'>;
  clock: NeighbourhoodClock;
  ids: Ids;
};

const pathLivesMs = 2 * dayMs;
const silenceFloorMs = 4_000;
/** Questions come ever more slowly: twice as far apart each time, to at most an hour. */
const slowestMs = 3_600_000;

/** Fresh paths for every question; after many without an answer a person must look. */
export async function askAboutPayout(
  { books, money, clock, ids }: Needs,
  subject: string,
): Promise<void> {
  const payout = books.payouts.find(subject as PayoutId);
  if (payout === undefined || !['unknown', 'pending'].includes(payout.state)) return;
  if (payout.asks >= payoutAsksMost) return books.payouts.review(payout, 'no certain answer');
  const [result, timeout] = [ids.callbackToken(), ids.callbackToken()];
  const now = clock.now();
  const waitMs = Math.min(slowestMs, payoutSilenceMs * 2 ** payout.asks);
  const next = scaledDeadline(now, clock.speed, waitMs, silenceFloorMs);
  books.payouts.noteQuestion(payout, result.hash, timeout.hash, epochMs(now + pathLivesMs), next);
  const answer = await money.askAboutPayout({
    conversationId: payout.conversationId,
    resultToken: result.token,
    timeoutToken: timeout.token,
  });
  // Only a question that left the hub counts: days without a network end nowhere.
  if (answer.kind === 'asked') books.payouts.asked(payout);
}
