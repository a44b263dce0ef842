/** Asks a phone for money because its household, or the keeper in its name, wants to fill the wallet now. */
import type { HouseholdId, TopupId } from '../core/ids.ts';
import { fail, ok, type Result } from '../core/result.ts';
import {
  blankTopup,
  mayRingByHand,
  type NoTopup,
  referenceFor,
  type Topup,
} from '../core/topup.ts';
import { cents } from '../core/units.ts';
import type { Tell } from '../events/hub-event.ts';
import type { Books } from '../ports/books/books.ts';
import type { NeighbourhoodClock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';

type Needs = {
  books: Pick<Books, 'households' | 'topups'>;
  clock: NeighbourhoodClock;
  ids: Ids;
  tell: Tell;
};

/** Whole shillings, 1 to 250,000. Quiet hours and the daily number are for the hub's own prompts, not for these. */
export function topUpByHand(
  { books, clock, ids, tell }: Needs,
  { household: id, amountCents }: { readonly household: HouseholdId; readonly amountCents: number },
): Result<Topup, NoTopup | { readonly kind: 'unknown-household' }> {
  const household = books.households.find(id);
  if (household === undefined) return fail({ kind: 'unknown-household' });
  const now = clock.now();
  const { phone } = household;
  const equalAt = books.topups.equalPromptAt(phone, amountCents);
  const no = mayRingByHand(amountCents, books.topups.historyOf(id, phone, now), equalAt, now);
  if (no !== undefined) return fail(no);
  const topup: Topup = {
    ...blankTopup,
    id: ids.fresh() as TopupId,
    household: id,
    phone,
    amountCents: cents(amountCents),
    accountReference: referenceFor(household.code, books.topups.attemptsOf(id) + 1),
    createdAt: now,
    byHand: true,
  };
  books.topups.request(topup, [], now);
  tell({ name: 'topup.requested', topup: topup.id, household: id, amountCents: topup.amountCents });
  return ok(topup);
}
