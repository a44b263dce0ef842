/** One price for all, halfway between what the market's edge gives and takes. */
import { type Mechanism, outcomeOf } from './mechanism.ts';
import { bookOf, crossingOf, fillsInOrder } from './order-book.ts';

/** A double auction with k = 1/2 (Rustichini, Satterthwaite and Williams 1994); the price is rounded down to a cent. */
export const uniformAuction: Mechanism = {
  name: 'uniform double auction',
  clear: (round) => {
    const book = bookOf(round);
    const crossing = crossingOf(book);
    if (crossing === undefined) return outcomeOf([], []);
    const { energyWh, lastOffer, lastBid, dearerOffer, cheaperBid } = crossing;
    const least = Math.max(lastOffer.limit, cheaperBid);
    const most = Math.min(lastBid.limit, dearerOffer);
    const price = Math.floor((least + most) / 2);
    return outcomeOf(
      fillsInOrder(book.bids, energyWh, () => price),
      fillsInOrder(book.offers, energyWh, () => price),
    );
  },
};
