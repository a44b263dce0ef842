/** Looks, every hour and at every start, whether the accounts hold what the books say of trades, payouts and payments. */
import { hourMs, slotEnd } from '../core/slot.ts';
import type { EventOf } from '../events/hub-event.ts';
import type { Books } from '../ports/books/books.ts';
import type { NeighbourhoodClock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';

type Needs = { books: Pick<Books, 'audit' | 'watch'>; clock: NeighbourhoodClock; log: Log };

const kind = 'books';
const alarmsMost = 100;

/** A difference is an alarm while it lasts; only a person can mend books. */
export function auditBooks({ books, clock, log }: Needs): void {
  const at = clock.now();
  const imbalances = books.audit.standing();
  for (const { what, expected, found } of imbalances) {
    const words = `The books do not agree: ${what} is ${found} and should be ${expected}.`;
    if (books.watch.raise({ kind, subject: what, words, at })) log.error(words);
  }
  const still = new Set(imbalances.map(({ what }) => what));
  for (const alarm of books.watch.alarms(alarmsMost))
    if (alarm.kind === kind && !still.has(alarm.subject)) books.watch.end(kind, alarm.subject, at);
}

/** At each full hour. */
export function auditEveryHour(needs: Needs, { slot }: EventOf<'slot.closed'>): void {
  if (slotEnd(slot) % hourMs === 0) auditBooks(needs);
}
