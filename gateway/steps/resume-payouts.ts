/** Payouts go on: a person says so, or M-Pesa's balance is enough again. */
import type { HouseholdId } from '../core/ids.ts';
import { isFunded, type PauseCause } from '../core/pause.ts';
import type { Tell } from '../events/hub-event.ts';
import type { Books } from '../ports/books/books.ts';
import type { NeighbourhoodClock } from '../ports/clock.ts';

type Needs = { books: Pick<Books, 'pauses'>; clock: NeighbourhoodClock; tell: Tell };
type Balances = { books: Pick<Books, 'pauses' | 'payouts' | 'watch'> };

/** `household` undefined: what holds everybody. False when there is no such pause. */
export function resumePayouts(
  { books, clock, tell }: Needs,
  cause: PauseCause,
  household: HouseholdId | undefined,
  why: string,
): boolean {
  if (!books.pauses.resume(cause, household, why, clock.now())) return false;
  tell({ name: 'payouts.resumed', cause, household, why });
  return true;
}

/** Ends the pause of an empty float once a balance that was asked for later shows enough for what waits. */
export function resumeWhenFunded(needs: Needs & Balances): void {
  const { books, clock } = needs;
  const empty = books.pauses.holding(clock.now()).find(({ cause }) => cause === 'float');
  if (empty === undefined) return;
  // An empty name: whichever look was answered last.
  const look = books.watch.lastAnswered('');
  if (look?.theirs === undefined || look.askedAt < empty.since) return;
  if (!isFunded(look.theirs.utilityCents, books.payouts.neededCents())) return;
  resumePayouts(needs, 'float', undefined, 'the Utility account holds enough again');
}
