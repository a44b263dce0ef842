/** Asks M-Pesa to give a payment back. It takes no id of ours, so a doubt is settled before it is sent again. */
import { askFloorMs, scaledDeadline } from '../core/deadline.ts';
import type { ReversalId } from '../core/ids.ts';
import { payoutSilenceMs } from '../core/payout.ts';
import type { Reversal } from '../core/reversal.ts';
import { dayMs } from '../core/slot.ts';
import { epochMs } from '../core/units.ts';
import type { Tell } from '../events/hub-event.ts';
import type { Books } from '../ports/books/books.ts';
import type { NeighbourhoodClock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';
import type { MobileMoney, ReversalAnswer } from '../ports/mobile-money.ts';

type Needs = {
  books: Pick<Books, 'pauses' | 'reversals'>;
  money: Pick<MobileMoney, 'reverse'>;
  clock: NeighbourhoodClock;
  ids: Ids;
  tell: Tell;
};

const pathLivesMs = 7 * dayMs;
const silenceFloorMs = 4_000;
const [againMs, againFloorMs] = [60_000, 2_000];
const [heldMs, heldFloorMs] = [10 * 60_000, 30_000];

/** Sent before, or perhaps: the original payment is asked about first, and only if it stands this is repeated. */
export async function sendReversal(needs: Needs, subject: string): Promise<void> {
  const { books, money, clock, ids } = needs;
  const reversal = books.reversals.find(subject as ReversalId);
  if (reversal === undefined || !['intent', 'unknown', 'pending'].includes(reversal.state)) return;
  const now = clock.now();
  if (reversal.state !== 'intent' && !reversal.mayRepeat)
    return books.reversals.unsure(reversal, 'it is not known whether it was sent', now);
  const fault = books.pauses.credentialFault(now);
  if (fault !== undefined) {
    const until = scaledDeadline(now, clock.speed, heldMs, heldFloorMs);
    return books.reversals.hold(reversal, `paused: ${fault.why}`, until);
  }
  const [result, timeout] = [ids.callbackToken(), ids.callbackToken()];
  const expires = epochMs(now + pathLivesMs);
  const paths = { resultHash: result.hash, timeoutHash: timeout.hash, expires };
  books.reversals.markSent(reversal, paths, now);
  const answer = await money.reverse({
    receipt: reversal.receipt,
    amountCents: reversal.amountCents,
    resultToken: result.token,
    timeoutToken: timeout.token,
  });
  note(needs, reversal, answer);
}

function note(needs: Needs, reversal: Reversal, answer: ReversalAnswer): void {
  const { books, clock, tell } = needs;
  const soon = (ms: number, floor: number) => scaledDeadline(clock.now(), clock.speed, ms, floor);
  switch (answer.kind) {
    case 'accepted':
      return books.reversals.pending(
        reversal,
        answer.mpesaConversationId,
        soon(payoutSilenceMs, silenceFloorMs),
      );
    case 'unclear':
      return books.reversals.unsure(reversal, answer.why, soon(0, askFloorMs));
    case 'not-sent':
      return books.reversals.notSent(reversal, answer.why, soon(againMs, againFloorMs));
    case 'misconfigured':
      stopAll(needs, answer.why);
      return books.reversals.notSent(reversal, answer.why, soon(heldMs, heldFloorMs));
    case 'refused': {
      if (answer.again)
        return books.reversals.notSent(reversal, answer.code, soon(againMs, againFloorMs));
      // An earlier send may have been taken, so a refusal of this one is no end.
      if (reversal.state !== 'intent')
        return books.reversals.unsure(reversal, answer.code, soon(0, askFloorMs));
      const { id, amountCents } = reversal;
      if (books.reversals.fail(reversal, answer.code, clock.now()))
        tell({ name: 'reversal.failed', reversal: id, amountCents, why: answer.code });
    }
  }
}

function stopAll({ books, clock, tell }: Needs, why: string): void {
  const [cause, since] = ['credential' as const, clock.now()];
  if (books.pauses.pause({ cause, household: undefined, why, since, until: undefined }))
    tell({ name: 'payouts.paused', cause, household: undefined, why });
}
