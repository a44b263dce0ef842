/** Sends the push that makes a phone ring, and never the same one twice. */
import { askFloorMs, expiryFloorMs, scaledDeadline } from '../core/deadline.ts';
import type { TopupId } from '../core/ids.ts';
import { dayMs } from '../core/slot.ts';
import { isQuiet, nextAskMs, type Topup } from '../core/topup.ts';
import { unpaidStates } from '../core/trade.ts';
import { type EpochMs, epochMs } from '../core/units.ts';
import type { Tell } from '../events/hub-event.ts';
import type { Books } from '../ports/books/books.ts';
import type { NeighbourhoodClock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';
import type { MobileMoney, PushAnswer } from '../ports/mobile-money.ts';

type Needs = {
  books: Pick<Books, 'households' | 'topups' | 'trades'>;
  money: Pick<MobileMoney, 'getReady' | 'ring'>;
  clock: NeighbourhoodClock;
  ids: Ids;
  tell: Tell;
};

/** How long a callback path of a push is listened to: late successes come within a day. */
const pathLivesMs = 2 * dayMs;
/** How long somebody who asked by hand waits at the phone; as long as a trade waits for funds. */
const handWaitsMs = 600_000;
/** Before a push that was certainly not sent, or refused for now, is tried again; neighbourhood and machine ms. */
const [againMs, againFloorMs] = [60_000, 2_000];

/** 'sent' is on disk before the call, so that after a power cut we know that the phone may be ringing. */
export async function ringPhone(needs: Needs, subject: string): Promise<void> {
  const { books, money, clock, ids, tell } = needs;
  const topup = books.topups.find(subject as TopupId);
  if (topup === undefined) return;
  const { id, household, amountCents } = topup;
  if (topup.state === 'unknown') {
    books.topups.unsure(topup, 'the power was cut while the phone was being asked', clock.now());
    return tell({ name: 'topup.unsure', topup: id, household, amountCents, why: 'power cut' });
  }
  await money.getReady();
  const obstacle = whyNotWanted(needs, topup);
  if (obstacle !== undefined) return books.topups.abandon(topup, obstacle);
  const { token, hash } = ids.callbackToken();
  const now = clock.now();
  if (!books.topups.markSent(topup, hash, epochMs(now + pathLivesMs), now)) return;
  const answer = await money.ring({
    phone: topup.phone,
    amountCents,
    accountReference: topup.accountReference,
    description: 'Energy',
    callbackToken: token,
  });
  note(needs, topup, answer);
}

/** Nobody shall type a PIN for a trade that is over, or be woken by a push that could not leave in the evening. */
function whyNotWanted({ books, clock }: Needs, topup: Topup): string | undefined {
  const now = clock.now();
  const { household, id, byHand, createdAt } = topup;
  if (byHand) {
    const over = scaledDeadline(createdAt, clock.speed, handWaitsMs, expiryFloorMs);
    return now < over ? undefined : 'too late to ring';
  }
  const waiting = books.trades
    .ofBuyer(household, unpaidStates)
    .filter((trade) => trade.topup === id && trade.expiresAt > now);
  if (waiting.length === 0) return 'its trade is over';
  // Somebody waits for what was ordered by hand.
  const isAwaited = waiting.some(({ funding }) => funding === 'phone');
  return !isAwaited && isQuiet(books.households.ruleOf(household, now), now)
    ? 'quiet hours have begun'
    : undefined;
}

function note({ books, clock, tell }: Needs, topup: Topup, answer: PushAnswer): void {
  const { id, household, amountCents } = topup;
  const about = { topup: id, household, amountCents };
  const soon = (ms: number, floor: number): EpochMs =>
    scaledDeadline(clock.now(), clock.speed, ms, floor);
  switch (answer.kind) {
    case 'accepted': {
      const firstAsk = soon(nextAskMs(0) ?? 0, askFloorMs);
      books.topups.ringing(topup, answer.checkoutRequestId, answer.merchantRequestId, firstAsk);
      return tell({ name: 'topup.ringing', ...about });
    }
    case 'unclear':
      books.topups.unsure(topup, answer.why, clock.now());
      return tell({ name: 'topup.unsure', ...about, why: answer.why });
    case 'not-sent':
      return books.topups.notSent(topup, answer.why, soon(againMs, againFloorMs));
    case 'refused':
      if (answer.again)
        return books.topups.notSent(topup, answer.code, soon(againMs, againFloorMs));
      books.topups.neverRang(topup, answer.code, 'M-Pesa refused the push');
      return tell({
        name: 'topup.refused',
        ...about,
        why: `M-Pesa refused the push (${answer.code})`,
      });
    case 'misconfigured':
      books.topups.neverRang(topup, 'config', answer.why);
      return tell({ name: 'topup.refused', ...about, why: answer.why });
  }
}
