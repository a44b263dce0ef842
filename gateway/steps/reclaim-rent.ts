/** Brings home, at night, the rent of markers that guard nothing any more. */
import { hourMs, slotEnd, timeOfDayMs } from '../core/slot.ts';
import { expiryMarginBlocks } from '../core/token.ts';
import type { EventOf } from '../events/hub-event.ts';
import type { Books } from '../ports/books/books.ts';
import type { NeighbourhoodClock } from '../ports/clock.ts';
import type { TokenChain } from '../ports/tokens.ts';

type Needs = {
  books: Pick<Books, 'deeds' | 'tokens'>;
  chain: Pick<TokenChain, 'finalizedHeight' | 'reclaimRent'>;
  clock: NeighbourhoodClock;
};

const reclaimAtMs = 3 * hourMs;
/** As many as one transaction brings home. */
const rentsAtOnce = 7;
const subject = 'all';

export function rememberRents({ books }: Pick<Needs, 'books'>, { slot }: EventOf<'slot.closed'>) {
  const at = slotEnd(slot);
  if (timeOfDayMs(at) !== reclaimAtMs) return;
  if (books.tokens.rents(1).length > 0) books.deeds.hasten('reclaim-rent', subject, at);
}

/**
 * One handful; the outbox comes again until none is left. A marker must stand as long as any attempt of its intent
 * can land, so only what is past every attempt's last height, finalized and with a margin, is touched.
 */
export async function reclaimRent({ books, chain, clock }: Needs): Promise<void> {
  const height = await chain.finalizedHeight();
  if (!height.ok) return;
  const safe = height.value - expiryMarginBlocks;
  const rents = books.tokens.rents(rentsAtOnce).filter(({ pastHeight }) => pastHeight < safe);
  if (rents.length > 0) {
    const pastHeight = Math.max(...rents.map((rent) => rent.pastHeight)) + expiryMarginBlocks;
    const intents = rents.map(({ intent }) => intent);
    const home = await chain.reclaimRent(intents, pastHeight);
    if (!home.ok) return;
    books.tokens.rentReclaimed(home.value, clock.now());
  }
  if (rents.length === 0) books.deeds.done(`reclaim-rent:${subject}`);
  else books.deeds.hasten('reclaim-rent', subject, clock.now());
}
