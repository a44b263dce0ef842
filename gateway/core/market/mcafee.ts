/** Gives up the trade at the market's edge so that nobody gains by a false price; the hub keeps what that leaves. */
import { shareUniformly } from '../matching.ts';
import { type Fill, type Mechanism, outcomeOf, type Round, type Wish } from './mechanism.ts';
import { bookOf, crossingOf, fillsInOrder } from './order-book.ts';

/**
 * McAfee 1992, for households that bring more than one unit: when the middle of the first excluded limits suits the
 * edge, all trade at it; else both households at the edge sit out and their limits are the two prices.
 */
export const mcafee: Mechanism = {
  name: 'McAfee',
  clear: (round) => {
    const book = bookOf(round);
    const crossing = crossingOf(book);
    if (crossing === undefined) return outcomeOf([], []);
    const { energyWh, lastOffer, lastBid, nextOffer, nextBid } = crossing;
    if (nextOffer !== undefined && nextBid !== undefined) {
      const middle = Math.floor((nextOffer.limit + nextBid.limit) / 2);
      if (middle >= lastOffer.limit && middle <= lastBid.limit) {
        return outcomeOf(
          fillsInOrder(book.bids, energyWh, () => middle),
          fillsInOrder(book.offers, energyWh, () => middle),
        );
      }
    }
    const sellers = book.offers.slice(0, book.offers.indexOf(lastOffer));
    const buyers = book.bids.slice(0, book.bids.indexOf(lastBid));
    const traded = Math.min(sum(sellers), sum(buyers));
    return outcomeOf(
      shared(round, buyers, traded, lastBid.limit),
      shared(round, sellers, traded, lastOffer.limit),
    );
  },
};

/** The long side of those who are left is rationed alike, or the amounts would be worth lying about. */
function shared<Name>(
  { registry, turn }: Round<Name>,
  wishes: readonly Wish<Name>[],
  energyWh: number,
  price: number,
): Fill<Name>[] {
  const wanted = new Map(wishes.map((wish) => [wish.name, wish.energyWh] as const));
  const wants = registry.map((name) => wanted.get(name) ?? 0);
  const first = registry.length === 0 ? 0 : turn % registry.length;
  return shareUniformly(wants, energyWh, first).map((share, at) => ({
    name: registry[at] as Name,
    energyWh: share,
    moneyMilliCents: share * price,
  }));
}

const sum = <Name>(wishes: readonly Wish<Name>[]): number =>
  wishes.reduce((all, { energyWh }) => all + energyWh, 0);
