/** Sees when it is time to compare the books with M-Pesa: every day, every hour, after time away. */
import { scaledDeadline } from '../core/deadline.ts';
import { dayMs, hourMs } from '../core/slot.ts';
import { type EpochMs, epochMs } from '../core/units.ts';
import type { Books } from '../ports/books/books.ts';
import type { NeighbourhoodClock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';
import type { Log } from '../ports/log.ts';
import type { MobileMoney } from '../ports/mobile-money.ts';

type Needs = {
  books: Pick<Books, 'deeds' | 'watch'>;
  money: Pick<MobileMoney, 'health'>;
  clock: NeighbourhoodClock;
};

/** Between two looks at the list; neighbourhood and machine ms. */
const [compareMs, compareFloorMs] = [dayMs, 60_000];
const [balanceMs, balanceFloorMs] = [hourMs, 60_000];

/** Writes deeds; asks nobody. Nothing is due while the time of day is not known. */
export function watchMoney({ books, money, clock }: Needs): void {
  if (clock.trust() !== 'trusted') return;
  const now = clock.now();
  noteAway(books.watch, money.health().state, now);
  noteSilence(books.watch, now);
  if (isComparisonDue(books.watch, clock)) books.deeds.ensure('compare-payments', 'list', now);
  if (isOver(books.watch.lastLook()?.askedAt, clock, balanceMs, balanceFloorMs))
    books.deeds.ensure('ask-balance', 'accounts', now);
}

/** M-Pesa's list reaches two days back: somebody should know before payments fall out of it unseen. */
const silenceMs = 36 * hourMs;

function noteSilence(watch: Books['watch'], now: EpochMs): void {
  const last = watch.lastComplete()?.at;
  if (last === undefined || now - last < silenceMs) return;
  const words = `Nothing was compared with M-Pesa's list since ${new Date(last).toISOString()}: scripts/hub pay reconcile says why.`;
  watch.raise({ kind: 'silence', subject: 'list', words, at: now });
}

/** What was paid while M-Pesa could not be reached is in its list when it is back. */
function noteAway(watch: Books['watch'], state: string, now: EpochMs): void {
  const since = watch.moment('away-since');
  if (state === 'unreachable' && since === undefined) watch.noteMoment('away-since', now);
  if (state !== 'ok' || since === undefined) return;
  watch.forgetMoment('away-since');
  watch.noteMoment('compare-wanted', now);
}

const isComparisonDue = (watch: Books['watch'], clock: NeighbourhoodClock): boolean =>
  watch.moment('compare-wanted') !== undefined ||
  isOver(watch.lastComparison()?.at, clock, compareMs, compareFloorMs);

/** Also when the last time lies ahead: the clock was put back. */
function isOver(
  last: EpochMs | undefined,
  clock: NeighbourhoodClock,
  everyMs: number,
  floorMs: number,
): boolean {
  const now = clock.now();
  return (
    last === undefined || last > now || now >= scaledDeadline(last, clock.speed, everyMs, floorMs)
  );
}

/** A start may be the end of a long time away. */
export function compareAfterStart({ books, clock }: Pick<Needs, 'books' | 'clock'>): void {
  if (books.watch.lastComparison() !== undefined)
    books.watch.noteMoment('compare-wanted', clock.now());
}

type Registering = {
  books: Pick<Books, 'watch'>;
  money: Pick<MobileMoney, 'health' | 'registerConfirmations'>;
  clock: NeighbourhoodClock;
  ids: Ids;
  log: Log;
};

/** How long the two standing paths are listened to. M-Pesa takes them once per shortcode in production. */
const standingPathLivesMs = 3650 * dayMs;

/** Tells M-Pesa, once, where to tell of money that is sent to the paybill by hand (Daraja, C2B). */
export async function registerForConfirmations(needs: Registering): Promise<void> {
  const { books, money, clock, ids, log } = needs;
  if (money.health().environment === 'simulator') return;
  if (books.watch.moment('confirmations-registered') !== undefined) return;
  // Each try gives out two paths for years: where M-Pesa refuses for good it must not be one with every comparison.
  if (!isOver(books.watch.moment('confirmations-tried'), clock, hourMs, 0)) return;
  const [confirmation, validation] = [ids.callbackToken(), ids.callbackToken()];
  const now = clock.now();
  books.watch.noteMoment('confirmations-tried', now);
  // On disk before M-Pesa knows them: a confirmation may come before the answer.
  books.watch.openConfirmations(
    confirmation.hash,
    validation.hash,
    epochMs(now + standingPathLivesMs),
  );
  const tokens = { confirmation: confirmation.token, validation: validation.token };
  const answer = await money.registerConfirmations(tokens);
  if (answer.kind === 'registered') books.watch.noteMoment('confirmations-registered', clock.now());
  else log.warn('M-Pesa does not tell of payments by hand', { why: answer.why });
}
