/** A person wants payouts to go on after a restore: only when M-Pesa and the chain have told what happened since. */
import { whatRestoreLacks } from '../core/restored.ts';
import type { Books } from '../ports/books/books.ts';
import type { NeighbourhoodClock } from '../ports/clock.ts';

type Needs = { books: Pick<Books, 'restored' | 'watch'>; clock: NeighbourhoodClock };

/** What still stands against it; empty, and the restore is over, when nothing does. */
export function endRestore({ books, clock }: Needs): string[] {
  const restoredAt = books.watch.moment('restored');
  if (restoredAt === undefined) return [];
  const look = books.watch.lastAnswered('');
  const lacks = whatRestoreLacks({
    restoredAt,
    comparedAt: books.watch.lastComplete()?.at,
    unanswered: books.restored.unanswered(restoredAt),
    intentsOpen: books.restored.intentsOpen(restoredAt),
    balance: look && { askedAt: look.askedAt, offCents: look.off?.utilityCents },
  });
  if (lacks.length > 0) return lacks;
  books.watch.forgetMoment('restored');
  books.watch.end('restored', 'books', clock.now());
  return [];
}
