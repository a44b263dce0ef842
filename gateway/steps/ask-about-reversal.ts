/** Asks M-Pesa whether the payment that shall go back still stands; the answer comes as a callback. */
import { scaledDeadline } from '../core/deadline.ts';
import type { ReversalId } from '../core/ids.ts';
import { nextQuestionMs, payoutAsksMost } from '../core/payout.ts';
import { dayMs } from '../core/slot.ts';
import { epochMs } from '../core/units.ts';
import type { Tell } from '../events/hub-event.ts';
import type { Books } from '../ports/books/books.ts';
import type { NeighbourhoodClock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';
import type { MobileMoney } from '../ports/mobile-money.ts';

type Needs = {
  books: Pick<Books, 'pauses' | 'reversals'>;
  money: Pick<MobileMoney, 'askAboutReceipt'>;
  clock: NeighbourhoodClock;
  ids: Ids;
  tell: Tell;
};

const pathLivesMs = 2 * dayMs;
const silenceFloorMs = 4_000;
const [heldMs, heldFloorMs] = [10 * 60_000, 30_000];

/** Fresh paths for every question; after many without an answer a person must look. */
export async function askAboutReversal(needs: Needs, subject: string): Promise<void> {
  const { books, money, clock, ids, tell } = needs;
  const reversal = books.reversals.find(subject as ReversalId);
  if (reversal === undefined || !['unknown', 'pending'].includes(reversal.state)) return;
  const now = clock.now();
  const fault = books.pauses.credentialFault(now);
  if (fault !== undefined) {
    const until = scaledDeadline(now, clock.speed, heldMs, heldFloorMs);
    return books.reversals.hold(reversal, `paused: ${fault.why}`, until);
  }
  const { id, receipt, amountCents, asks } = reversal;
  if (asks >= payoutAsksMost) {
    const why = 'no certain answer';
    if (books.reversals.review(reversal, why, now))
      tell({ name: 'reversal.unsure', reversal: id, amountCents, why });
    return;
  }
  const [result, timeout] = [ids.callbackToken(), ids.callbackToken()];
  const next = scaledDeadline(now, clock.speed, nextQuestionMs(asks), silenceFloorMs);
  const expires = epochMs(now + pathLivesMs);
  const paths = { resultHash: result.hash, timeoutHash: timeout.hash, expires };
  books.reversals.noteQuestion(reversal, paths, next);
  const answer = await money.askAboutReceipt({
    receipt,
    resultToken: result.token,
    timeoutToken: timeout.token,
  });
  if (answer.kind === 'asked') books.reversals.asked(reversal);
}
