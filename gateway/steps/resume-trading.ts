/** A person lets the market go on, from the next slot that closes. */
import type { Books } from '../ports/books/books.ts';
import type { NeighbourhoodClock } from '../ports/clock.ts';

type Needs = { books: Pick<Books, 'evidence' | 'settings'>; clock: NeighbourhoodClock };

/** False when it was not stopped. */
export function resumeTrading({ books, clock }: Needs, reason: string): boolean {
  const at = clock.now();
  if (books.settings.at(at).marketOpen) return false;
  books.evidence.noteAct({
    act: 'resume trading',
    subject: 'market',
    household: undefined,
    reason,
    at,
  });
  books.settings.change('marketOpen', 1, at);
  return true;
}
