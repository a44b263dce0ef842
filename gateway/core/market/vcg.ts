/** Everybody pays, or gets, what their being there costs, or brings, the others. True to all, and dear to the hub. */
import { type Fill, type Mechanism, outcomeOf, type Wish } from './mechanism.ts';
import { type Book, bookOf, crossingOf, fillsInOrder } from './order-book.ts';

/** Vickrey 1961, Clarke 1971, Groves 1973. The hub would have to add money (Myerson and Satterthwaite 1983). */
export const vcg: Mechanism = {
  name: 'VCG',
  clear: (round) => {
    const book = bookOf(round);
    const crossing = crossingOf(book);
    if (crossing === undefined) return outcomeOf([], []);
    const welfare = welfareOf(book);
    const buyers = fillsInOrder(book.bids, crossing.energyWh, ({ limit }) => limit);
    const sellers = fillsInOrder(book.offers, crossing.energyWh, ({ limit }) => limit);
    return outcomeOf(
      buyers.map((fill) => {
        const others = welfareOf({ ...book, bids: without(book.bids, fill) });
        return { ...fill, moneyMilliCents: fill.moneyMilliCents - (welfare - others) };
      }),
      sellers.map((fill) => {
        const others = welfareOf({ ...book, offers: without(book.offers, fill) });
        return { ...fill, moneyMilliCents: fill.moneyMilliCents + (welfare - others) };
      }),
    );
  },
};

const without = <Name>(wishes: readonly Wish<Name>[], { name }: Fill<Name>): Wish<Name>[] =>
  wishes.filter((wish) => wish.name !== name);

/** What the best trades are worth to all together, in thousandths of a cent. */
export function welfareOf<Name>(book: Book<Name>): number {
  const crossing = crossingOf(book);
  if (crossing === undefined) return 0;
  const worth = (wishes: readonly Wish<Name>[]): number =>
    fillsInOrder(wishes, crossing.energyWh, ({ limit }) => limit).reduce(
      (sum, { moneyMilliCents }) => sum + moneyMilliCents,
      0,
    );
  return worth(book.bids) - worth(book.offers);
}
