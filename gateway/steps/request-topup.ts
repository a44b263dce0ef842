/** Asks the buyer's phone, once, for what all of its open trades lack together. */
import type { HouseholdId, TopupId } from '../core/ids.ts';
import { mayMove } from '../core/own-wallet.ts';
import {
  blankTopup,
  mayRing,
  type PhoneHistory,
  referenceFor,
  topupFor,
  topupMostCents,
} from '../core/topup.ts';
import { type Trade, unpaidStates } from '../core/trade.ts';
import { type Cents, cents, sumCents } from '../core/units.ts';
import type { EventOf, Tell } from '../events/hub-event.ts';
import type { Books } from '../ports/books/books.ts';
import type { NeighbourhoodClock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';

type Needs = {
  books: Pick<Books, 'households' | 'topups' | 'trades' | 'wallets'>;
  clock: NeighbourhoodClock;
  ids: Ids;
  tell: Tell;
};

/** Writes the intention; the outbox rings. Does nothing while the phone may not ring: the trade waits or expires. */
export function requestTopup(
  { books, clock, ids, tell }: Needs,
  { buyer }: EventOf<'funds.missing'>,
): void {
  const household = books.households.find(buyer);
  const unasked = books.trades.ofBuyer(buyer, unpaidStates).filter((t) => t.topup === undefined);
  const moment = { now: clock.now(), speed: clock.speed };
  // No phone rings for tokens that their owner may not let go.
  const waiting = unasked.filter(({ seller, energyWh }) => {
    const wallet = books.wallets.of(seller);
    if (wallet === undefined) return true;
    return mayMove(wallet, energyWh, books.wallets.owedWh(seller), moment).kind === 'yes';
  });
  if (household === undefined || waiting.length === 0) return;
  const now = clock.now();
  const rule = books.households.ruleOf(buyer, now);
  const history = books.topups.historyOf(buyer, household.phone, now);
  const byHand = waiting.some(({ funding }) => funding === 'phone');
  const limits = byHand ? { ...rule, ...withoutLimits } : rule;
  const mayAsk = mayRing(limits, byHand ? actedNow(history) : history, now) === undefined;
  const amountCents = cents(
    Math.min(
      topupFor(missing(books, buyer, waiting), byHand ? cents(0) : rule.blockCents),
      topupMostCents,
    ),
  );
  if (!mayAsk || amountCents === 0) return;
  const id = ids.fresh() as TopupId;
  const accountReference = referenceFor(household.code, books.topups.attemptsOf(buyer) + 1);
  books.topups.request(
    {
      ...blankTopup,
      id,
      household: buyer,
      phone: household.phone,
      amountCents,
      accountReference,
      createdAt: now,
    },
    waiting.map((trade) => trade.id),
    now,
  );
  tell({ name: 'topup.requested', topup: id, household: buyer, amountCents });
}

/** An order by hand comes from a person who waits: quiet hours and the daily number do not hold it back. */
const withoutLimits = {
  quietFromMs: 0,
  quietUntilMs: 0,
  promptsDaily: Number.MAX_SAFE_INTEGER,
};
const actedNow = (history: PhoneHistory): PhoneHistory => ({ ...history, unansweredAt: undefined });

/** A trade by hand asks the phone for all of it; the others for what the wallet lacks. */
function missing(books: Needs['books'], buyer: HouseholdId, waiting: readonly Trade[]): Cents {
  const amounts = (funding: Trade['funding']) =>
    sumCents(waiting.filter((trade) => trade.funding === funding).map((t) => t.amountCents));
  const lacking = Math.max(0, amounts('wallet') - books.trades.walletOf(buyer));
  return cents(lacking + amounts('phone'));
}
