/** Reads a callback that was kept in the inbox. What it claims is a hint: it makes the hub ask. */
import type { InboxId, PayoutId, TopupId } from '../core/ids.ts';
import type { Payout } from '../core/payout.ts';
import { dayMs } from '../core/slot.ts';
import type { Topup } from '../core/topup.ts';
import { cents, type EpochMs } from '../core/units.ts';
import type { Tell } from '../events/hub-event.ts';
import type { Books } from '../ports/books/books.ts';
import type { NeighbourhoodClock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Claim, MobileMoney } from '../ports/mobile-money.ts';

type Needs = {
  books: Pick<Books, 'deeds' | 'inbox' | 'payouts' | 'topups'>;
  money: Pick<MobileMoney, 'readCallback' | 'askAboutPush'>;
  clock: NeighbourhoodClock;
  log: Log;
  tell: Tell;
  /** Whether results that come through the tunnel may end a payout as failed; facts: they are not signed. */
  resultsTrusted: boolean;
};
type ClaimOf<Kind extends Claim['kind']> = Extract<Claim, { kind: Kind }>;

/** The message is marked as read only after what it asks for is written; unread it is tried again later. */
export async function readCallback(needs: Needs, subject: string): Promise<void> {
  const { books, money, log } = needs;
  const message = books.inbox.find(subject as InboxId);
  if (message === undefined) return;
  const claim = money.readCallback(message.kind, message.body);
  const readAs = await follow(needs, claim, message.subject);
  if (readAs === 'later') return;
  if (readAs.startsWith('refused')) log.warn('a callback was set aside', { why: readAs });
  books.inbox.markRead(message.id, readAs);
}

async function follow(needs: Needs, claim: Claim, subject: string): Promise<string> {
  switch (claim.kind) {
    case 'unreadable':
      return `refused: ${claim.why}`;
    case 'push':
      return followPush(needs, claim, subject as TopupId);
    case 'disbursement':
      return followPayout(needs, subject as PayoutId, (payout) => ofResult(needs, claim, payout));
    case 'status':
      return followPayout(needs, subject as PayoutId, (payout) => ofStatus(needs, claim, payout));
    case 'timeout':
      return followPayout(needs, subject as PayoutId, (payout) =>
        askAgain(needs, payout, 'timed out'),
      );
  }
}

async function followPush(needs: Needs, claim: ClaimOf<'push'>, id: TopupId): Promise<string> {
  const { books } = needs;
  const topup = books.topups.find(id);
  if (topup === undefined) return 'refused: nothing was asked';
  if (topup.checkoutRequestId === undefined) return adopt(needs, claim, topup);
  if (topup.checkoutRequestId !== claim.checkoutRequestId) return 'refused: another payment';
  return hint(needs, claim, topup);
}

/** The answer to our push was lost; this callback names a candidate, and only the query makes it ours. */
async function adopt(needs: Needs, claim: ClaimOf<'push'>, topup: Topup): Promise<string> {
  const { books, money, clock } = needs;
  if (books.topups.byCheckoutRequest(claim.checkoutRequestId) !== undefined)
    return 'refused: another payment';
  if (claim.amountCents !== undefined && claim.amountCents !== topup.amountCents)
    return 'refused: another amount';
  if (claim.phone !== undefined && claim.phone !== topup.phone) return 'refused: another phone';
  const outcome = await money.askAboutPush(claim.checkoutRequestId);
  if (outcome.kind === 'no-answer' || outcome.kind === 'misconfigured')
    return isOld(topup, clock.now()) ? 'refused: nobody knows it' : 'later';
  books.topups.ringing(topup, claim.checkoutRequestId, claim.merchantRequestId, clock.now());
  return hint(needs, claim, topup);
}

/** A day of M-Pesa not knowing a candidate is enough: a forged one would otherwise be asked about for ever. */
const isOld = ({ sentAt, createdAt }: Topup, now: EpochMs): boolean =>
  now - (sentAt ?? createdAt) > dayMs;

function hint({ books, clock, log }: Needs, claim: ClaimOf<'push'>, topup: Topup): string {
  const paid = claim.code === '0';
  const sameAmount = claim.amountCents === undefined || claim.amountCents === topup.amountCents;
  if (paid && !sameAmount) {
    log.warn('a callback claims another amount than was asked', { topup: topup.id });
  } else if (paid && claim.receipt !== undefined) {
    if (!books.topups.noteReceipt(topup, claim.receipt))
      log.warn('a callback claims the receipt of another payment', { topup: topup.id });
  }
  if (topup.state !== 'credited') books.deeds.hasten('ask-about-topup', topup.id, clock.now());
  return `push: code ${claim.code ?? 'unreadable'}`;
}

function followPayout(needs: Needs, id: PayoutId, act: (payout: Payout) => string): string {
  const payout = needs.books.payouts.find(id);
  return payout === undefined ? 'refused: nothing was paid out' : act(payout);
}

function ofResult(needs: Needs, claim: ClaimOf<'disbursement'>, payout: Payout): string {
  if (!claim.final) return 'payout: more follows';
  if (claim.code !== '0') return askAgain(needs, payout, `code ${claim.code ?? 'unreadable'}`);
  if (claim.amountCents !== undefined && claim.amountCents !== payout.amountCents)
    return askAgain(needs, payout, 'another amount');
  return finish(needs, payout, claim.transactionId, claim.chargeCents);
}

function ofStatus(needs: Needs, claim: ClaimOf<'status'>, payout: Payout): string {
  const { books, clock, tell, resultsTrusted } = needs;
  if (!claim.answered) return sendOnce(needs, payout);
  if (claim.status === 'completed') {
    if (claim.amountCents !== undefined && claim.amountCents !== payout.amountCents)
      return 'refused: another amount';
    return finish(needs, payout, claim.receipt, claim.chargeCents);
  }
  if (!['declined', 'cancelled', 'expired'].includes(claim.status ?? '')) return 'status: open';
  if (!['intent', 'unknown', 'pending'].includes(payout.state)) return 'status: it is over';
  const why = `M-Pesa says ${claim.status}`;
  // A forged "declined" would pay twice: without trusted results a person confirms it first.
  if (resultsTrusted) books.payouts.fail(payout, why, clock.now());
  else books.payouts.review(payout, why);
  const { id, household, amountCents } = payout;
  tell({ name: 'payout.failed', payout: id, household, amountCents, why });
  return `status: ${claim.status}`;
}

/** M-Pesa cannot tell: an unclear payout is sent again under its own id, which M-Pesa takes only once. */
function sendOnce({ books, clock }: Needs, payout: Payout): string {
  if (payout.state === 'unknown') books.deeds.hasten('pay-out', payout.id, clock.now());
  return 'status: no answer yet';
}

function finish(
  { books, clock, log, tell }: Needs,
  payout: Payout,
  transactionId: string | undefined,
  chargeCents: number | undefined,
): string {
  const { id, household, amountCents } = payout;
  const fee =
    chargeCents === undefined ? books.payouts.feeFor(amountCents, clock.now()) : cents(chargeCents);
  if (books.payouts.finish(payout, transactionId, fee, clock.now()))
    tell({ name: 'seller.paid', payout: id, household, amountCents });
  else if (payout.state === 'failed')
    log.error('a payout that was given up has gone through: a person must look', { payout: id });
  return 'payout: done';
}

function askAgain({ books, clock }: Needs, payout: Payout, why: string): string {
  if (payout.state === 'unknown' || payout.state === 'pending')
    books.deeds.hasten('ask-about-payout', payout.id, clock.now());
  return `payout: ${why}`;
}
