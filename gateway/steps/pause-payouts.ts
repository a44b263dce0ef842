/** A person stops all payouts. */
import type { Pause } from '../core/pause.ts';
import type { Tell } from '../events/hub-event.ts';
import type { Books } from '../ports/books/books.ts';
import type { NeighbourhoodClock } from '../ports/clock.ts';

type Needs = { books: Pick<Books, 'pauses'>; clock: NeighbourhoodClock; tell: Tell };

/** False when a person has stopped them before. What M-Pesa has already goes on. */
export function pausePayouts({ books, clock, tell }: Needs, why: string): boolean {
  const since = clock.now();
  const pause: Pause = { cause: 'keeper', household: undefined, why, since, until: undefined };
  if (!books.pauses.pause(pause)) return false;
  tell({ name: 'payouts.paused', cause: pause.cause, household: undefined, why });
  return true;
}
