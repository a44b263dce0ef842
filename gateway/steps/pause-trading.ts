/** A person stops the market: no round begins, and one that has begun ends without trades. */
import type { Books } from '../ports/books/books.ts';
import type { NeighbourhoodClock } from '../ports/clock.ts';

type Needs = { books: Pick<Books, 'evidence' | 'settings'>; clock: NeighbourhoodClock };

/** False when it stands still already. Trades that were made before go their way: they are promises. */
export function pauseTrading({ books, clock }: Needs, reason: string): boolean {
  const at = clock.now();
  if (!books.settings.at(at).marketOpen) return false;
  books.evidence.noteAct({
    act: 'pause trading',
    subject: 'market',
    household: undefined,
    reason,
    at,
  });
  books.settings.change('marketOpen', 0, at);
  return true;
}
