/** Asks for payments, one after the other, and notes when each arrived and when it was credited. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { OpenBooks } from '../gateway/adapters/sqlite/open.ts';
import type { StandingRule } from '../gateway/core/household.ts';
import type { TopupId } from '../gateway/core/ids.ts';
import { blankTopup, type Topup } from '../gateway/core/topup.ts';
import { cents, centsPerKwh, epochMs, wattHours } from '../gateway/core/units.ts';
import type { NeighbourhoodClock } from '../gateway/ports/clock.ts';
import type { Ids } from '../gateway/ports/ids.ts';
import type { MobileMoney } from '../gateway/ports/mobile-money.ts';
import {
  amountOf,
  codeOf,
  householdOf,
  isPaid,
  mishapOf,
  numberOf,
  phoneOf,
} from './settlement-plan.ts';

type Watched = {
  readonly books: OpenBooks;
  readonly money: MobileMoney;
  readonly clock: NeighbourhoodClock;
  readonly ids: Ids;
  readonly payments: number;
  readonly perRound: number;
  readonly secondsMost: number;
  readonly underWayMost: number;
  readonly callbackUrl: (token: string) => string;
  /** Rows that the books have ever changed. */
  readonly changes: () => number;
};

export type RoundResult = {
  readonly seconds: number;
  readonly asked: number;
  readonly credited: number;
  /** From the first callback's last byte to the credit on disk, where a callback came first. */
  readonly latenciesMs: readonly number[];
  /** Commands of the books that wrote something; each is a transaction of its own. */
  readonly commits: number;
};

/** A payment that is not over by then is none; its round says so. */
const patienceMs = 30_000;
/** What the books are asked without being changed. */
const reads = /^(find|due|of|by|wallet|open|history|attempts|at|all|rule|waiting|balance|in)/;

type Notes = {
  readonly arrivedAt: Map<string, number>;
  readonly over: Map<string, (isCredited: boolean) => void>;
  readonly latenciesMs: number[];
  commits: number;
};

/** Pays until the time or the payments of a round are over. */
export function watchPayments(watched: Watched) {
  const { books, money, perRound, secondsMost } = watched;
  const notes: Notes = { arrivedAt: new Map(), over: new Map(), latenciesMs: [], commits: 0 };
  let next = 0;
  books.together(() => moveIn(books, watched.payments));

  const pay = async (number: number, work: () => void): Promise<boolean> => {
    const topup = request(watched, number);
    const ended = new Promise<boolean>((resolve) => notes.over.set(topup.id, resolve));
    work();
    return Promise.race([ended, sleep(patienceMs, false, { ref: false })]);
  };
  return {
    books: watchedBooks(watched, notes),
    money: { ...money, ring: lyingAbout(money.ring, watched) },
    async play(work: () => void): Promise<RoundResult> {
      [notes.latenciesMs.length, notes.commits] = [0, 0];
      const [first, last] = [next, next + perRound];
      let credited = 0;
      const began = performance.now();
      const isOver = () => next >= last || performance.now() - began > secondsMost * 1_000;
      const payer = async () => {
        while (!isOver()) if (await pay(next++, work)) credited += 1;
      };
      await Promise.all(Array.from({ length: watched.underWayMost }, payer));
      const seconds = (performance.now() - began) / 1_000;
      const { latenciesMs, commits } = notes;
      return { seconds, asked: next - first, credited, latenciesMs: [...latenciesMs], commits };
    },
    wallets: () =>
      Array.from({ length: next }, (_, number) => [
        phoneOf(number),
        books.trades.walletOf(householdOf(number)),
      ]),
  };
}

/** The same books; what they are told is noted on the way. */
function watchedBooks({ books, changes }: Watched, notes: Notes): OpenBooks {
  const { arrivedAt, over, latenciesMs } = notes;
  const pathOf = new Map<string, TopupId>();
  const end = (id: string, isCredited: boolean): void => {
    over.get(id)?.(isCredited);
    over.delete(id);
    arrivedAt.delete(id);
  };
  const topups: OpenBooks['topups'] = {
    ...books.topups,
    markSent: (topup, hash, ...rest) => {
      pathOf.set(hash, topup.id);
      return books.topups.markSent(topup, hash, ...rest);
    },
    credit: (topup, ...rest) => {
      const isFirst = books.topups.credit(topup, ...rest);
      const arrived = arrivedAt.get(topup.id);
      if (isFirst && arrived !== undefined) latenciesMs.push(performance.now() - arrived);
      if (isFirst) end(topup.id, true);
      return isFirst;
    },
    refuse: (topup, ...rest) => {
      books.topups.refuse(topup, ...rest);
      end(topup.id, false);
    },
    // Somebody lied about it; what M-Pesa's list says of it does not hold up the next payment.
    conflict: (topup, ...rest) => {
      books.topups.conflict(topup, ...rest);
      end(topup.id, false);
    },
  };
  const inbox: OpenBooks['inbox'] = {
    ...books.inbox,
    keep: (hash, ...rest) => {
      const id = pathOf.get(hash);
      if (id !== undefined && !over.has(id)) pathOf.delete(hash);
      // Forged ones come before the person has paid, and start no clock.
      if (id !== undefined && over.has(id) && !arrivedAt.has(id) && !isForged(books, id))
        arrivedAt.set(id, performance.now());
      return books.inbox.keep(hash, ...rest);
    },
  };
  const counted = countedBy(changes, () => {
    notes.commits += 1;
  });
  return {
    ...books,
    ...{ topups: counted(topups), inbox: counted(inbox), deeds: counted(books.deeds) },
  } as unknown as OpenBooks;
}

/** Every command that changes a row is a transaction of its own, for which the hub waits. */
const countedBy =
  (changes: () => number, count: () => void) =>
  (port: object): object =>
    Object.fromEntries(
      Object.entries(port).map(([name, call]) => [
        name,
        reads.test(name) || typeof call !== 'function'
          ? call
          : (...args: unknown[]) => {
              const before = changes();
              const answer = call(...args);
              if (changes() > before) count();
              return answer;
            },
      ]),
    );

const isForged = (books: OpenBooks, id: TopupId): boolean => {
  const topup = books.topups.find(id);
  return topup !== undefined && mishapOf(numberOf(topup.phone)) === 'forged';
};

const rule: StandingRule = {
  ...{ autoSell: false, autoBuy: true, promptsDaily: 4, quietFromMs: 0, quietUntilMs: 0 },
  ...{ sellFloor: centsPerKwh(1200), buyCeiling: centsPerKwh(1990), ownTariff: centsPerKwh(2000) },
  ...{ sellDailyWh: wattHours(0), buyDailyCents: cents(50_000), blockCents: cents(0) },
};

function moveIn(books: OpenBooks, households: number): void {
  for (let number = 0; number < households; number++)
    books.households.add(
      {
        ...{ id: householdOf(number), name: `Household ${number}`, phone: phoneOf(number) },
        ...{ code: codeOf(number), role: 'buyer', language: 'en', since: epochMs(0) },
      },
      rule,
    );
}

function request({ books, clock, ids }: Watched, number: number): Topup {
  const now = clock.now();
  const topup: Topup = {
    ...blankTopup,
    ...{ id: ids.fresh() as TopupId, household: householdOf(number), phone: phoneOf(number) },
    ...{ amountCents: amountOf(number), accountReference: `${codeOf(number)}0001` },
    ...{ createdAt: now, byHand: true },
  };
  books.topups.request(topup, [], now);
  return topup;
}

/** Somebody who can read the path says that it was paid, before it is. */
const lyingAbout =
  (ring: MobileMoney['ring'], { callbackUrl }: Watched): MobileMoney['ring'] =>
  async (push) => {
    const answer = await ring(push);
    const number = numberOf(push.phone);
    if (mishapOf(number) === 'forged' && answer.kind === 'accepted')
      await lie(callbackUrl(push.callbackToken), answer, isPaid(number) ? 1032 : 0);
    return answer;
  };

type Accepted = { readonly checkoutRequestId: string; readonly merchantRequestId: string };

async function lie(url: string, accepted: Accepted, code: number): Promise<void> {
  const stkCallback = {
    MerchantRequestID: accepted.merchantRequestId,
    CheckoutRequestID: accepted.checkoutRequestId,
    ...{ ResultCode: code, ResultDesc: 'Trust me' },
  };
  await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ Body: { stkCallback } }),
  });
}

/** What no payment needs. */
export const standIns = {
  chain: { health: () => ({ cluster: 'embedded', state: 'ok', detail: '' }) },
};
