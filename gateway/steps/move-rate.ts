/** Posts the next day's community rate at midnight, from the day's metered offer and need. */
import { nextRate } from '../core/pricing.ts';
import { dayMs, slotEnd, slotMs, timeOfDayMs } from '../core/slot.ts';
import { epochMs, slotNumber } from '../core/units.ts';
import type { EventOf } from '../events/hub-event.ts';
import type { Announcer } from '../ports/announcer.ts';
import type { Books } from '../ports/books/books.ts';

type Needs = { books: Pick<Books, 'rounds' | 'settings'>; announcer: Announcer };

/** Only metered quantities enter, so asking for more moves nothing. */
export function moveRate({ books, announcer }: Needs, { slot }: EventOf<'slot.closed'>): void {
  const midnight = slotEnd(slot);
  if (timeOfDayMs(midnight) !== 0) return;
  const [before, today] = [books.settings.at(epochMs(midnight - 1)), books.settings.at(midnight)];
  // Posted already: by the keeper, or by us before the power was cut.
  if (today.rate !== before.rate) return;
  const first = slotNumber(Math.max(0, slot + 1 - dayMs / slotMs));
  const { offered, asked } = books.rounds.lotsBetween(first, slotNumber(slot + 1));
  const rate = nextRate(today.rate, today, offered, asked);
  books.settings.change('rate', rate, midnight);
  announcer.announce('market/rate', { v: 1, centsPerKwh: rate, from: midnight }, { retain: true });
}
