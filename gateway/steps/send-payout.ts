/** Asks M-Pesa to pay a seller, under one conversation id for the payout's whole life. */
import { askFloorMs, scaledDeadline } from '../core/deadline.ts';
import type { PayoutId } from '../core/ids.ts';
import { type Payout, payoutSilenceMs } from '../core/payout.ts';
import { dayMs } from '../core/slot.ts';
import { epochMs } from '../core/units.ts';
import type { Tell } from '../events/hub-event.ts';
import type { Books } from '../ports/books/books.ts';
import type { NeighbourhoodClock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';
import type { DisbursementAnswer, MobileMoney } from '../ports/mobile-money.ts';

type Needs = {
  books: Pick<Books, 'payouts'>;
  money: Pick<MobileMoney, 'payOut'>;
  clock: NeighbourhoodClock;
  ids: Ids;
  tell: Tell;
};

const pathLivesMs = 7 * dayMs;
const silenceFloorMs = 4_000;
const [againMs, againFloorMs] = [60_000, 2_000];

/** Repeating is harmless: M-Pesa refuses a conversation id that it knows, and that tells us it has it. */
export async function sendPayout(needs: Needs, subject: string): Promise<void> {
  const { books, money, clock, ids } = needs;
  const payout = books.payouts.find(subject as PayoutId);
  if (payout === undefined || !['intent', 'unknown'].includes(payout.state)) return;
  const [result, timeout] = [ids.callbackToken(), ids.callbackToken()];
  const now = clock.now();
  books.payouts.markSent(payout, result.hash, timeout.hash, epochMs(now + pathLivesMs), now);
  const answer = await money.payOut({
    phone: payout.phone,
    amountCents: payout.amountCents,
    conversationId: payout.conversationId,
    resultToken: result.token,
    timeoutToken: timeout.token,
  });
  note(needs, payout, answer);
}

function note({ books, clock, tell }: Needs, payout: Payout, answer: DisbursementAnswer): void {
  const soon = (ms: number, floor: number) => scaledDeadline(clock.now(), clock.speed, ms, floor);
  switch (answer.kind) {
    case 'accepted':
      return books.payouts.pending(
        payout,
        answer.mpesaConversationId,
        soon(payoutSilenceMs, silenceFloorMs),
      );
    case 'duplicate':
      return books.payouts.pending(payout, undefined, soon(0, askFloorMs));
    case 'unclear':
      return books.payouts.unsure(payout, answer.why, soon(0, askFloorMs));
    case 'not-sent':
      return books.payouts.notSent(payout, answer.why, soon(againMs, againFloorMs));
    case 'misconfigured':
      return books.payouts.notSent(payout, answer.why, soon(10 * againMs, 10 * againFloorMs));
    case 'refused': {
      if (answer.again)
        return books.payouts.notSent(payout, answer.code, soon(againMs, againFloorMs));
      // The power was cut while it was sent before: that one may have been accepted, so this is no end.
      if (payout.state === 'unknown')
        return books.payouts.unsure(payout, answer.code, soon(0, askFloorMs));
      books.payouts.fail(payout, answer.code, clock.now());
      const { id, household, amountCents } = payout;
      return tell({ name: 'payout.failed', payout: id, household, amountCents, why: answer.code });
    }
  }
}
