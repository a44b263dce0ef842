/** Asks M-Pesa to pay a household, under one conversation id for the payout's whole life. */
import { askFloorMs, scaledDeadline } from '../core/deadline.ts';
import type { PayoutId } from '../core/ids.ts';
import { pauseAfter, type SendingFacts, whyHeld } from '../core/pause.ts';
import { type Payout, payoutSilenceMs, resendMostMs } from '../core/payout.ts';
import { dayMs, startOfDay } from '../core/slot.ts';
import { type EpochMs, epochMs } from '../core/units.ts';
import type { Tell } from '../events/hub-event.ts';
import type { Books } from '../ports/books/books.ts';
import type { NeighbourhoodClock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';
import type { DisbursementAnswer, MobileMoney } from '../ports/mobile-money.ts';

type Needs = {
  books: Pick<Books, 'pauses' | 'payouts' | 'settings'>;
  money: Pick<MobileMoney, 'payOut'>;
  clock: NeighbourhoodClock;
  ids: Ids;
  tell: Tell;
  resultsTrusted: boolean;
};

const pathLivesMs = 7 * dayMs;
const silenceFloorMs = 4_000;
const [againMs, againFloorMs] = [60_000, 2_000];
/** How soon a held payout is looked at again; a person who resumes makes it due at once. */
const [heldMs, heldFloorMs] = [10 * 60_000, 30_000];
const [aloneMs, aloneFloorMs] = [5_000, 500];

/** Repeating is harmless: M-Pesa refuses a conversation id that it knows, and that tells us it has it. */
export async function sendPayout(needs: Needs, subject: string): Promise<void> {
  const { books, money, clock, ids } = needs;
  const payout = books.payouts.find(subject as PayoutId);
  if (payout === undefined || !['intent', 'unknown'].includes(payout.state)) return;
  const now = clock.now();
  if (isTooOld(payout, now))
    return books.payouts.unsure(payout, 'sent too long ago to be sent again', now);
  if (isHeld(needs, payout, now)) return;
  const [result, timeout] = [ids.callbackToken(), ids.callbackToken()];
  const expires = epochMs(now + pathLivesMs);
  const paths = { resultHash: result.hash, timeoutHash: timeout.hash, expires };
  books.payouts.markSent(payout, paths, now);
  const answer = await money.payOut({
    phone: payout.phone,
    amountCents: payout.amountCents,
    conversationId: payout.conversationId,
    resultToken: result.token,
    timeoutToken: timeout.token,
  });
  note(needs, payout, answer);
}

const isTooOld = ({ state, sentAt }: Payout, now: EpochMs): boolean =>
  state === 'unknown' && sentAt !== undefined && now - sentAt > resendMostMs;

/** Nothing is awaited between this look and `markSent`, so two deeds cannot both find room. */
function isHeld(needs: Needs, payout: Payout, now: EpochMs): boolean {
  const { books, clock } = needs;
  const hold = whyHeld(factsOf(needs, payout, now), now);
  if (hold === undefined) return false;
  const [waitMs, floorMs] =
    hold.kind === 'first-alone' ? [aloneMs, aloneFloorMs] : [heldMs, heldFloorMs];
  const until = hold.until ?? scaledDeadline(now, clock.speed, waitMs, floorMs);
  books.payouts.hold(payout, hold.why, until);
  return true;
}

function factsOf({ books, resultsTrusted }: Needs, payout: Payout, now: EpochMs): SendingFacts {
  const today = startOfDay(now);
  return {
    pauses: books.pauses.holding(now, payout.household),
    isRepeat: payout.state === 'unknown',
    amountCents: payout.amountCents,
    sentTodayCents: books.payouts.sentSince(today),
    dayMostCents: resultsTrusted ? undefined : books.settings.at(now).payoutDayMostCents,
    isProved: books.payouts.isProvedSince(today),
    othersUnderWay: books.payouts.othersUnderWay(payout.id),
  };
}

function note(needs: Needs, payout: Payout, answer: DisbursementAnswer): void {
  const { books, clock } = needs;
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
      stopAll(needs, payout, answer.why);
      return books.payouts.notSent(payout, answer.why, soon(heldMs, heldFloorMs));
    case 'refused':
      if (answer.again)
        return books.payouts.notSent(payout, answer.code, soon(againMs, againFloorMs));
      // The power was cut while it was sent before: that one may have been accepted, so this is no end.
      if (payout.state === 'unknown')
        return books.payouts.unsure(payout, answer.code, soon(0, askFloorMs));
      return refused(needs, payout, answer.code);
  }
}

/** First of all nobody else shall try: each bad try brings the initiator nearer to being locked. */
function stopAll({ books, clock, tell }: Needs, { household }: Payout, why: string): void {
  const pause = pauseAfter('stop', household, why, clock.now());
  if (pause !== undefined && books.pauses.pause(pause))
    tell({ name: 'payouts.paused', cause: pause.cause, household: undefined, why });
}

function refused({ books, clock, tell }: Needs, payout: Payout, why: string): void {
  const { id, household, amountCents } = payout;
  if (books.payouts.fail(payout, why, clock.now()))
    tell({ name: 'payout.failed', payout: id, household, amountCents, why });
}
