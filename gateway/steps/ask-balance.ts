/** Asks M-Pesa what lies in the hub's accounts. The answer comes through the tunnel and moves nothing. */
import { dayMs, hourMs } from '../core/slot.ts';
import { cents, epochMs } from '../core/units.ts';
import type { Books } from '../ports/books/books.ts';
import type { NeighbourhoodClock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';
import type { Log } from '../ports/log.ts';
import type { MobileMoney } from '../ports/mobile-money.ts';

type Needs = {
  books: Pick<Books, 'deeds' | 'pauses' | 'watch'>;
  money: Pick<MobileMoney, 'askBalance'>;
  clock: NeighbourhoodClock;
  ids: Ids;
  log: Log;
};

/** Before it is looked again whether a person has mended the hub's name with M-Pesa. */
const restMs = hourMs;
/** How long an answer is listened to. */
const pathLivesMs = dayMs;

/** The books' own figures are kept with the question, so that what moved meanwhile explains a difference. */
export async function askBalance(needs: Needs, _subject?: string): Promise<string | undefined> {
  const { books, money, clock, ids, log } = needs;
  const [id, now] = [ids.fresh(), clock.now()];
  // One more try with a wrong password may lock the initiator.
  if (books.pauses.credentialFault(now) !== undefined) {
    books.deeds.hasten('ask-balance', 'accounts', epochMs(now + restMs));
    return undefined;
  }
  const { outCents, utilityCents, chargesCents } = books.watch.ours();
  const ours = { utilityCents, chargesCents };
  const [result, timeout] = [ids.callbackToken(), ids.callbackToken()];
  const look = { id, askedAt: now, ours, inFlightCents: cents(outCents) };
  books.watch.askBalance(
    { ...look, answeredAt: undefined, theirs: undefined, off: undefined },
    result.hash,
    timeout.hash,
    epochMs(now + pathLivesMs),
  );
  const paths = { resultToken: result.token, timeoutToken: timeout.token };
  const answer = await money.askBalance(paths);
  if (answer.kind === 'not-asked')
    log.warn('M-Pesa was not asked for the balance', { why: answer.why });
  return id;
}
