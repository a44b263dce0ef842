/** A meter says which key it signs with: the first one counts, another one needs the keeper. */
import type { MeterId } from '../core/ids.ts';
import type { Books } from '../ports/books/books.ts';
import type { KeyMeeting } from '../ports/books/meters.ts';
import type { NeighbourhoodClock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';

type Needs = {
  readonly books: Pick<Books, 'meters'>;
  readonly clock: Pick<NeighbourhoodClock, 'now'>;
  readonly log: Log;
};

/** `publicKey`: Ed25519 in lower-case hex, heard on a connection that proved to be this meter's. */
export function meetKey(
  { books, clock, log }: Needs,
  meter: MeterId,
  publicKey: string,
): KeyMeeting {
  const meeting = books.meters.meetKey(meter, publicKey, clock.now());
  if (meeting === 'pinned') log.info('a meter’s signing key counts from now on', { meter });
  if (meeting === 'changed')
    log.warn('a meter has another signing key: its readings are set aside until the keeper looks', {
      meter,
    });
  return meeting;
}
