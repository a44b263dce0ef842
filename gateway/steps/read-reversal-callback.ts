/** Reads a result about a reversal that was kept in the inbox. Results are not signed, so a failure is only a hint. */
import type { InboxId, ReversalId } from '../core/ids.ts';
import { blamesCredential, type Pause } from '../core/pause.ts';
import { endsReversal, originalIs, type Reversal } from '../core/reversal.ts';
import type { Tell } from '../events/hub-event.ts';
import type { Books } from '../ports/books/books.ts';
import type { NeighbourhoodClock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Claim, MobileMoney } from '../ports/mobile-money.ts';

type Needs = {
  books: Pick<Books, 'inbox' | 'reversals' | 'watch'>;
  money: Pick<MobileMoney, 'readCallback'>;
  clock: NeighbourhoodClock;
  log: Log;
  tell: Tell;
  resultsTrusted: boolean;
};
type ClaimOf<Kind extends Claim['kind']> = Extract<Claim, { kind: Kind }>;

/** The message is marked as read only after what it asks for is written. */
export async function readReversalCallback(needs: Needs, subject: string): Promise<void> {
  const { books, money, log } = needs;
  const message = books.inbox.find(subject as InboxId);
  if (message === undefined) return;
  const claim = money.readCallback(message.kind, message.body);
  const readAs = follow(needs, claim, message.subject as ReversalId);
  if (readAs.startsWith('refused')) log.warn('a callback was set aside', { why: readAs });
  books.inbox.markRead(message.id, readAs);
}

function follow(needs: Needs, claim: Claim, id: ReversalId): string {
  if (claim.kind === 'unreadable') return `refused: ${claim.why}`;
  const reversal = needs.books.reversals.find(id);
  if (reversal === undefined) return 'refused: nothing was to go back';
  switch (claim.kind) {
    case 'reversal':
      return ofResult(needs, claim, reversal);
    case 'status':
      return ofOriginal(needs, claim, reversal);
    case 'timeout':
      return hear(needs, reversal, undefined, 'M-Pesa’s queue timed out.');
    default:
      return 'refused: not about a reversal';
  }
}

function ofResult(needs: Needs, claim: ClaimOf<'reversal'>, reversal: Reversal): string {
  const { final, reversed, code, amountCents, transactionId } = claim;
  if (!final) return 'reversal: more follows';
  if (reversed) {
    if (amountCents !== undefined && amountCents !== reversal.amountCents)
      return hear(needs, reversal, undefined, 'A result names another amount.');
    return finish(needs, reversal, transactionId);
  }
  if (endsReversal(code)) return notReversed(needs, reversal, `M-Pesa says code ${code}`);
  return hear(needs, reversal, code, 'The result is no certain end.');
}

/** The status of the payment that shall go back. */
function ofOriginal(needs: Needs, claim: ClaimOf<'status'>, reversal: Reversal): string {
  if (!claim.answered) {
    if (!blamesCredential(claim.code)) return 'original: no answer yet';
    return hear(needs, reversal, claim.code, 'M-Pesa refused the hub’s own name.');
  }
  switch (originalIs(claim.status)) {
    case 'reversed':
      return finish(needs, reversal, undefined);
    case 'standing':
      // M-Pesa answers R000001 to a second reversal of one receipt, so repeating gives nothing back twice.
      needs.books.reversals.stands(reversal, needs.clock.now());
      return 'original: it stands';
    default:
      return 'original: unclear';
  }
}

function finish(
  { books, clock, log, tell }: Needs,
  reversal: Reversal,
  transactionId: string | undefined,
): string {
  const use = books.reversals.finish(reversal, transactionId, clock.now());
  if (use === 'used') return 'refused: another reversal’s transaction';
  const { id, amountCents } = reversal;
  if (use === 'finished') tell({ name: 'reversal.done', reversal: id, amountCents });
  else if (reversal.state === 'failed') {
    const words = `Reversal ${id} was given up, and M-Pesa says that the payment went back.`;
    if (books.watch.raise({ kind: 'given-up', subject: id, words, at: clock.now() }))
      log.error('a reversal that was given up has gone through: a person must look', {
        reversal: id,
      });
  }
  return 'reversal: done';
}

/** A forged failure would give back twice what a household then spends: a person confirms it first. */
function notReversed(needs: Needs, reversal: Reversal, why: string): string {
  const { books, clock, tell, resultsTrusted } = needs;
  const { id, amountCents } = reversal;
  if (!resultsTrusted) {
    if (books.reversals.review(reversal, why, clock.now()))
      tell({ name: 'reversal.unsure', reversal: id, amountCents, why });
  } else if (
    ['intent', 'unknown', 'pending'].includes(reversal.state) &&
    books.reversals.fail(reversal, why, clock.now())
  )
    tell({ name: 'reversal.failed', reversal: id, amountCents, why });
  return `reversal: ${why}`;
}

function hear(
  { books, clock, tell, log }: Needs,
  reversal: Reversal,
  code: string | undefined,
  words: string,
): string {
  const at = clock.now();
  const blamed = blamesCredential(code);
  const pause: Pause | undefined = blamed
    ? { cause: 'credential', household: undefined, why: words, since: at, until: undefined }
    : undefined;
  const heard = { code, words, isAmbiguous: !blamed, askAt: at, at };
  if (books.reversals.heard(reversal, heard, pause)) {
    log.error('payouts are paused', { cause: 'credential', why: words });
    tell({ name: 'payouts.paused', cause: 'credential', household: undefined, why: words });
  }
  return `reversal: ${code === undefined ? words : `code ${code}`}`;
}
