/** Books come back from a backup: nobody is paid before M-Pesa and the chain have told what happened since. */
import type { HouseholdId, PayoutId } from '../core/ids.ts';
import { type Payout, payoutLeastCents, payoutMostCents } from '../core/payout.ts';
import { restoredPause } from '../core/restored.ts';
import { type Cents, cents, centsPerShilling, type EpochMs, epochMs } from '../core/units.ts';
import type { Books } from '../ports/books/books.ts';
import type { Ids } from '../ports/ids.ts';

type Needs = {
  books: Pick<
    Books,
    'deeds' | 'households' | 'pauses' | 'payouts' | 'reversals' | 'settings' | 'trades' | 'watch'
  >;
  ids: Ids;
};

const nobodysPathMs = 1;

/**
 * To be written as a whole, before any hub opens the books. `madeAt`: of the backup; from then on everything may have
 * happened. Answers how many payouts M-Pesa will be asked about.
 */
export function markRestored(needs: Needs, madeAt: EpochMs, now: EpochMs): number {
  const { books } = needs;
  const pause = { cause: 'keeper', household: undefined, why: restoredPause } as const;
  books.pauses.pause({ ...pause, since: now, until: undefined });
  books.watch.noteMoment('restored', now);
  books.watch.noteMoment('compare-wanted', now);
  const words = `The books were restored from a backup of ${new Date(madeAt).toISOString()}: payouts wait until M-Pesa was compared (scripts/hub pay reconcile) and a person says so (scripts/hub pay resume).`;
  books.watch.raise({ kind: 'restored', subject: 'books', words, at: now });
  books.deeds.hasten('compare-payments', 'list', now);
  books.deeds.hasten('ask-balance', 'accounts', now);
  for (const household of earnersOf(books, madeAt)) intendWhatMayHaveGone(needs, household, madeAt);
  return askAboutAll(needs, madeAt, now);
}

/** Who had earned enough to be paid right after the backup. */
const earnersOf = ({ payouts, settings }: Needs['books'], at: EpochMs): HouseholdId[] =>
  payouts.earners(cents(Math.max(settings.at(at).payoutLeastCents, payoutLeastCents)));

/**
 * The next payout of each seller may have left after the backup, under the id that the hub would choose again. It
 * stands in the books as sent, so that M-Pesa is asked about that id before anything is sent under it.
 */
function intendWhatMayHaveGone({ books, ids }: Needs, id: HouseholdId, at: EpochMs): void {
  const household = books.households.find(id);
  if (household === undefined || books.payouts.openOf(id) !== undefined) return;
  const most = Math.min(payoutMostCents, books.settings.at(at).payoutDayMostCents);
  const amountCents = wholeShillings(Math.min(books.trades.earningsOf(id), most));
  if (amountCents < payoutLeastCents) return;
  const sequence = books.payouts.nextSequence(id);
  const payout: Payout = {
    ...{ id: ids.fresh() as PayoutId, household: id, kind: 'batch', sequence },
    ...{ phone: household.phone, amountCents },
    conversationId: ids.payoutConversation(id, sequence),
    ...{ state: 'intent', createdAt: at, sentAt: undefined, asks: 0 },
    ...{ code: undefined, detail: '' },
  };
  books.payouts.start(payout, at);
}

const wholeShillings = (amount: number): Cents =>
  cents(Math.floor(amount / centsPerShilling) * centsPerShilling);

/** What had not left at the backup may have left since. */
function askAboutAll({ books, ids }: Needs, madeAt: EpochMs, now: EpochMs): number {
  const open = books.payouts.inStates(['intent', 'unknown', 'pending']);
  for (const payout of open) {
    if (payout.state === 'pending') {
      books.deeds.hasten('ask-about-payout', payout.id, now);
      continue;
    }
    // Answers come over the paths of the question that follows; over these two nobody speaks.
    const paths = {
      ...{ resultHash: ids.callbackToken().hash, timeoutHash: ids.callbackToken().hash },
      expires: epochMs(madeAt + nobodysPathMs),
    };
    books.payouts.markSent(payout, paths, madeAt);
    const unknown = books.payouts.find(payout.id) ?? payout;
    books.payouts.unsure(unknown, 'the books were restored: M-Pesa is asked first', now);
  }
  return open.length;
}
