/** Reads a result about a payout that was kept in the inbox. Results are not signed, so a failure is only a hint. */
import type { InboxId, PayoutId } from '../core/ids.ts';
import { blamesCredential, type Pause, pauseAfter } from '../core/pause.ts';
import { type Payout, resendMostMs } from '../core/payout.ts';
import { cents } from '../core/units.ts';
import type { Tell } from '../events/hub-event.ts';
import type { Books } from '../ports/books/books.ts';
import type { NeighbourhoodClock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Claim, MobileMoney } from '../ports/mobile-money.ts';

type Needs = {
  books: Pick<Books, 'deeds' | 'inbox' | 'payouts' | 'watch'>;
  money: Pick<MobileMoney, 'readCallback'>;
  clock: NeighbourhoodClock;
  log: Log;
  tell: Tell;
  /** Whether results that come through the tunnel may end a payout as failed; facts: they are not signed. */
  resultsTrusted: boolean;
};
type ClaimOf<Kind extends Claim['kind']> = Extract<Claim, { kind: Kind }>;

/** The message is marked as read only after what it asks for is written. */
export async function readPayoutCallback(needs: Needs, subject: string): Promise<void> {
  const { books, money, log } = needs;
  const message = books.inbox.find(subject as InboxId);
  if (message === undefined) return;
  const claim = money.readCallback(message.kind, message.body);
  const readAs = follow(needs, claim, message.subject as PayoutId);
  if (readAs.startsWith('refused')) log.warn('a callback was set aside', { why: readAs });
  books.inbox.markRead(message.id, readAs);
}

function follow(needs: Needs, claim: Claim, id: PayoutId): string {
  if (claim.kind === 'unreadable') return `refused: ${claim.why}`;
  const payout = needs.books.payouts.find(id);
  if (payout === undefined) return 'refused: nothing was paid out';
  switch (claim.kind) {
    case 'disbursement':
      return ofResult(needs, claim, payout);
    case 'status':
      return ofStatus(needs, claim, payout);
    case 'timeout':
      return hear(needs, payout, undefined, 'M-Pesa’s queue timed out.');
    default:
      return 'refused: not about a payout';
  }
}

function ofResult(needs: Needs, claim: ClaimOf<'disbursement'>, payout: Payout): string {
  const { final, code, verdict, words, amountCents } = claim;
  if (!final) return 'payout: more follows';
  if (verdict === 'done') {
    if (amountCents !== undefined && amountCents !== payout.amountCents)
      return hear(needs, payout, undefined, 'A result names another amount.');
    return finish(needs, payout, claim.transactionId, claim.chargeCents);
  }
  const pause = pauseAfter(verdict, payout.household, words, needs.clock.now());
  const isAmbiguous = verdict === 'ask' || verdict === 'unknown';
  return hear(needs, payout, code, words, { pause, isAmbiguous });
}

function ofStatus(needs: Needs, claim: ClaimOf<'status'>, payout: Payout): string {
  const { books, clock } = needs;
  const { code, amountCents } = claim;
  if (code !== undefined && !blamesCredential(code)) books.payouts.proved(payout, clock.now());
  if (!claim.answered) return notAnswered(needs, claim, payout);
  if (claim.status === 'completed') {
    // After books were restored from a backup the same id may have carried another amount.
    if (amountCents !== undefined && amountCents !== payout.amountCents)
      return toReview(needs, payout, `M-Pesa paid ${amountCents} cents under this id`);
    return finish(needs, payout, claim.receipt, claim.chargeCents);
  }
  if (!['declined', 'cancelled', 'expired'].includes(claim.status ?? '')) return 'status: open';
  if (!['intent', 'unknown', 'pending'].includes(payout.state)) return 'status: it is over';
  const about = payout.code === undefined ? '' : ` (${payout.detail} Code ${payout.code})`;
  return notPaid(needs, payout, `M-Pesa says ${claim.status}${about}`);
}

/** A forged "declined" would pay twice: without trusted results a person confirms it first. */
function notPaid(needs: Needs, payout: Payout, why: string): string {
  const { books, clock, tell, resultsTrusted } = needs;
  const { id, household, amountCents } = payout;
  const about = { payout: id, household, amountCents, why };
  if (!resultsTrusted) return toReview(needs, payout, why);
  if (books.payouts.fail(payout, why, clock.now())) tell({ name: 'payout.failed', ...about });
  return `status: ${why}`;
}

function toReview({ books, clock, tell }: Needs, payout: Payout, why: string): string {
  const { id, household, amountCents } = payout;
  if (books.payouts.review(payout, why, clock.now()))
    tell({ name: 'payout.unsure', payout: id, household, amountCents, why });
  return `status: ${why}`;
}

/** M-Pesa cannot tell: an unclear payout is sent again under its own id, which M-Pesa takes only once. */
function notAnswered(needs: Needs, { code }: ClaimOf<'status'>, payout: Payout): string {
  const { books, clock } = needs;
  const now = clock.now();
  if (blamesCredential(code)) {
    const words = 'M-Pesa refused the hub’s own name when it was asked for a status.';
    const pause = pauseAfter('stop', payout.household, words, now);
    return hear(needs, payout, code, words, { pause, isAmbiguous: false });
  }
  if (payout.state !== 'unknown') return 'status: no answer yet';
  if (payout.sentAt !== undefined && now - payout.sentAt > resendMostMs)
    return toReview(needs, payout, 'M-Pesa does not know it, and it was sent long ago');
  books.deeds.hasten('pay-out', payout.id, now);
  return 'status: M-Pesa does not know it';
}

function finish(
  { books, clock, log, tell }: Needs,
  payout: Payout,
  transactionId: string | undefined,
  chargeCents: number | undefined,
): string {
  const { id, household, kind, amountCents } = payout;
  const fee =
    chargeCents === undefined ? books.payouts.feeFor(amountCents, clock.now()) : cents(chargeCents);
  const use = books.payouts.finish(payout, transactionId, fee, clock.now());
  if (use === 'used') return 'refused: another payout’s transaction';
  if (use === 'finished') {
    const name = kind === 'batch' ? 'seller.paid' : 'withdrawal.paid';
    tell({ name, payout: id, household, amountCents });
  } else if (payout.state === 'failed') {
    const words = `Payout ${id} was given up, and M-Pesa says that it went: its money may go out twice.`;
    if (books.watch.raise({ kind: 'given-up', subject: id, words, at: clock.now() }))
      log.error('a payout that was given up has gone through: a person must look', { payout: id });
  }
  return 'payout: done';
}

type Weight = { readonly pause: Pause | undefined; readonly isAmbiguous: boolean };

/** What is said is written down, and the hub asks: a claim by itself ends nothing. */
function hear(
  { books, clock, log, tell }: Needs,
  payout: Payout,
  code: string | undefined,
  words: string,
  { pause, isAmbiguous }: Weight = { pause: undefined, isAmbiguous: true },
): string {
  const at = clock.now();
  if (books.payouts.heard(payout, { code, words, isAmbiguous, askAt: at, at }, pause) && pause) {
    const { cause, household, why } = pause;
    log.error('payouts are paused', { cause, why });
    tell({ name: 'payouts.paused', cause, household, why });
  }
  return `payout: ${code === undefined ? words : `code ${code}`}`;
}
