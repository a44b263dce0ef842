/** Forgets, every night, callback paths that are over and never brought anything. */
import { hourMs, slotEnd, timeOfDayMs } from '../core/slot.ts';
import type { EventOf } from '../events/hub-event.ts';
import type { Books } from '../ports/books/books.ts';

type Needs = { books: Pick<Books, 'inbox'> };

const forgetAtMs = 3 * hourMs;

/** Paths that brought a message stay with it, as evidence. */
export function forgetPaths({ books }: Needs, { slot }: EventOf<'slot.closed'>): void {
  const at = slotEnd(slot);
  if (timeOfDayMs(at) === forgetAtMs) books.inbox.forgetPaths(at);
}
