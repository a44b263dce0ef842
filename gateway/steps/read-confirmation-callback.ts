/** Reads what somebody tells of money sent to the paybill by hand. It is a hint: M-Pesa's list makes money of it. */
import type { PaymentHint } from '../core/evidence.ts';
import type { InboxId } from '../core/ids.ts';
import { cents, type EpochMs } from '../core/units.ts';
import type { Books } from '../ports/books/books.ts';
import type { NeighbourhoodClock } from '../ports/clock.ts';
import type { Claim, MobileMoney } from '../ports/mobile-money.ts';

type Needs = {
  books: Pick<Books, 'deeds' | 'evidence' | 'inbox'>;
  money: Pick<MobileMoney, 'readCallback'>;
  clock: NeighbourhoodClock;
};

/** Hints kept; whoever knows the path may send as many as it likes. */
const hintsMost = 10_000;

/** Makes the hub look at the list at once (Daraja, C2B). */
export async function readConfirmationCallback(needs: Needs, subject: string): Promise<void> {
  const { books, money, clock } = needs;
  const message = books.inbox.find(subject as InboxId);
  if (message === undefined) return;
  const claim = money.readCallback(message.kind, message.body);
  if (claim.kind !== 'confirmation') {
    const why = claim.kind === 'unreadable' ? claim.why : 'not about a payment by hand';
    return books.inbox.markRead(message.id, `refused: ${why}`);
  }
  if (message.kind === 'validation') return books.inbox.markRead(message.id, 'validation');
  if (books.evidence.find(claim.receipt) === undefined) {
    books.evidence.noteHint(toHint(claim, message.at), hintsMost);
    books.deeds.hasten('compare-payments', 'list', clock.now());
  }
  books.inbox.markRead(message.id, `confirmation: ${claim.receipt}`);
}

const toHint = (
  { receipt, amountCents, reference, phone }: Extract<Claim, { kind: 'confirmation' }>,
  at: EpochMs,
): PaymentHint => ({
  ...{ receipt, reference, phone, at },
  amountCents: amountCents === undefined ? undefined : cents(amountCents),
});
