/** Reads a callback about a push that was kept in the inbox. What it claims is a hint: it makes the hub ask. */
import type { InboxId, TopupId } from '../core/ids.ts';
import { dayMs } from '../core/slot.ts';
import type { Topup } from '../core/topup.ts';
import type { EpochMs } from '../core/units.ts';
import type { Books } from '../ports/books/books.ts';
import type { InboxMessage } from '../ports/books/deeds.ts';
import type { NeighbourhoodClock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Claim, MobileMoney } from '../ports/mobile-money.ts';

type Needs = {
  books: Pick<Books, 'inbox' | 'topups' | 'watch'>;
  money: Pick<MobileMoney, 'readCallback' | 'askAboutPush'>;
  clock: NeighbourhoodClock;
  log: Log;
};
type PushClaim = Extract<Claim, { kind: 'push' }>;

/** The message is marked as read only after what it asks for is written; unread it is tried again later. */
export async function readPushCallback(needs: Needs, subject: string): Promise<void> {
  const { books, money, log } = needs;
  const message = books.inbox.find(subject as InboxId);
  if (message === undefined) return;
  const claim = money.readCallback(message.kind, message.body);
  const readAs = await follow(needs, claim, message);
  if (readAs === 'later' || readAs === 'heard') return;
  if (readAs.startsWith('refused')) log.warn('a callback was set aside', { why: readAs });
  books.inbox.markRead(message.id, readAs);
}

/** How the message was read; 'later' when it was not, 'heard' when that is written already. */
async function follow(needs: Needs, claim: Claim, message: InboxMessage): Promise<string> {
  if (claim.kind === 'unreadable') return `refused: ${claim.why}`;
  if (claim.kind !== 'push') return 'refused: not about a push';
  const topup = needs.books.topups.find(message.subject as TopupId);
  if (topup === undefined) return 'refused: nothing was asked';
  if (topup.checkoutRequestId === undefined) return adopt(needs, claim, topup, message);
  if (topup.checkoutRequestId !== claim.checkoutRequestId) return 'refused: another payment';
  return hint(needs, claim, topup, message);
}

/** The answer to our push was lost; this callback names a candidate, and only the query makes it ours. */
async function adopt(
  needs: Needs,
  claim: PushClaim,
  topup: Topup,
  message: InboxMessage,
): Promise<string> {
  const { books, money, clock } = needs;
  if (books.topups.byCheckoutRequest(claim.checkoutRequestId) !== undefined)
    return 'refused: another payment';
  if (claim.amountCents !== undefined && claim.amountCents !== topup.amountCents)
    return 'refused: another amount';
  if (claim.phone !== undefined && claim.phone !== topup.phone) return 'refused: another phone';
  const outcome = await money.askAboutPush(claim.checkoutRequestId);
  if (outcome.kind === 'no-answer' || outcome.kind === 'misconfigured')
    return isOld(topup, clock.now()) ? 'refused: nobody knows it' : 'later';
  // While M-Pesa was asked, our push may have got its own id, or another push this one.
  if (books.topups.byCheckoutRequest(claim.checkoutRequestId) === undefined)
    books.topups.ringing(topup, claim.checkoutRequestId, claim.merchantRequestId, clock.now());
  const now = books.topups.find(topup.id) ?? topup;
  const { checkoutRequestId = claim.checkoutRequestId } = now;
  if (checkoutRequestId !== claim.checkoutRequestId) return 'refused: another payment';
  return hint(needs, claim, now, message);
}

/** A day of M-Pesa not knowing a candidate is enough: a forged one would otherwise be asked about for ever. */
const isOld = ({ sentAt, createdAt }: Topup, now: EpochMs): boolean =>
  now - (sentAt ?? createdAt) > dayMs;

/** A recorded success stays as it is; before it, another amount than ours leaves the word to M-Pesa's list. */
function hint(needs: Needs, claim: PushClaim, topup: Topup, message: InboxMessage): string {
  const { books, clock, log } = needs;
  const readAs = `push: code ${claim.code ?? 'unreadable'}`;
  const paid = claim.code === '0';
  const sameAmount = claim.amountCents === topup.amountCents;
  if (paid && !sameAmount) {
    log.warn('a callback claims another amount than was asked', { topup: topup.id });
    if (topup.state !== 'credited') contradict(needs, claim, topup, message.at);
    return readAs;
  }
  const isOpen = topup.state !== 'credited';
  const isOurs = books.topups.hear(topup, {
    ...{ message: message.id, readAs, toldAt: message.at },
    paidCents: paid && isOpen ? claim.amountCents : undefined,
    receipt: paid ? claim.receipt : undefined,
    askAt: isOpen ? clock.now() : undefined,
  });
  if (!isOurs) log.warn('a callback claims the receipt of another payment', { topup: topup.id });
  return 'heard';
}

function contradict(
  { books, clock }: Needs,
  claim: PushClaim,
  topup: Topup,
  toldAt: EpochMs,
): void {
  const { id } = topup;
  const why = 'a callback says paid, with another amount than was asked';
  books.topups.noteClaim(topup, claim.amountCents, toldAt);
  books.topups.conflict(topup, why, clock.now());
  const words = `Top-up ${id}: ${why}`;
  books.watch.raise({ kind: 'conflict', subject: id, words, at: clock.now() });
}
