/** Both sides of a round, best price first, and how far they agree. */
import type { Round, Wish } from './mechanism.ts';

export type Book<Name> = {
  /** Cheapest first. */
  readonly offers: readonly Wish<Name>[];
  /** Dearest first. */
  readonly bids: readonly Wish<Name>[];
};

/** Equal prices stand in the registry's rotated order, whatever the order in which they came. */
export function bookOf<Name>({ registry, turn, offers, bids }: Round<Name>): Book<Name> {
  const size = Math.max(1, registry.length);
  const place = new Map(
    registry.map((name, at) => [name, (at - (turn % size) + size) % size] as const),
  );
  const known = (wishes: readonly Wish<Name>[]): Wish<Name>[] =>
    wishes.filter(({ name, energyWh }) => place.has(name) && energyWh > 0);
  const inTurn = (one: Wish<Name>, other: Wish<Name>): number =>
    (place.get(one.name) ?? 0) - (place.get(other.name) ?? 0);
  return {
    offers: known(offers).sort((one, other) => one.limit - other.limit || inTurn(one, other)),
    bids: known(bids).sort((one, other) => other.limit - one.limit || inTurn(one, other)),
  };
}

/** Where supply and demand meet: how much, and the last on each side who is part of it. */
export type Crossing<Name> = {
  readonly energyWh: number;
  readonly lastOffer: Wish<Name>;
  readonly lastBid: Wish<Name>;
  /** What one more Wh would have cost, and would have been worth: the rest of the last wish, or the next one. */
  readonly dearerOffer: number;
  readonly cheaperBid: number;
  /** The first on each side who is not part of it; undefined when all are. */
  readonly nextOffer: Wish<Name> | undefined;
  readonly nextBid: Wish<Name> | undefined;
};

/** What a pair of households trades, best prices first, until the next two do not agree any more. */
export function* pairsOf<Name>({ offers, bids }: Book<Name>): Generator<{
  readonly offer: Wish<Name>;
  readonly bid: Wish<Name>;
  readonly energyWh: number;
}> {
  const [offersLeft, bidsLeft] = [taker(offers), taker(bids)];
  for (;;) {
    const [offer, bid] = [offersLeft.first(), bidsLeft.first()];
    if (offer === undefined || bid === undefined || bid.limit < offer.limit) return;
    const energyWh = Math.min(offersLeft.left(), bidsLeft.left());
    yield { offer, bid, energyWh };
    offersLeft.take(energyWh);
    bidsLeft.take(energyWh);
  }
}

/** Goes through one side, and knows what is left of the one whose turn it is. */
function taker<Name>(wishes: readonly Wish<Name>[]) {
  let [at, taken] = [0, 0];
  return {
    first: (): Wish<Name> | undefined => wishes[at],
    left: (): number => (wishes[at]?.energyWh ?? 0) - taken,
    take: (energyWh: number): void => {
      taken += energyWh;
      if (taken < (wishes[at]?.energyWh ?? 0)) return;
      at += 1;
      taken = 0;
    },
  };
}

/** Undefined when no buyer gives what any seller takes. */
export function crossingOf<Name>(book: Book<Name>): Crossing<Name> | undefined {
  let energyWh = 0;
  let last: { offer: Wish<Name>; bid: Wish<Name> } | undefined;
  for (const pair of pairsOf(book)) {
    energyWh += pair.energyWh;
    last = pair;
  }
  if (last === undefined) return undefined;
  const { offer: lastOffer, bid: lastBid } = last;
  const [offered, asked] = [upTo(book.offers, lastOffer), upTo(book.bids, lastBid)];
  const nextOffer = book.offers[offered.count];
  const nextBid = book.bids[asked.count];
  return {
    ...{ energyWh, lastOffer, lastBid, nextOffer, nextBid },
    dearerOffer:
      offered.energyWh > energyWh
        ? lastOffer.limit
        : (nextOffer?.limit ?? Number.POSITIVE_INFINITY),
    cheaperBid: asked.energyWh > energyWh ? lastBid.limit : (nextBid?.limit ?? 0),
  };
}

/** How many wishes there are up to and with `last`, and their energy. */
function upTo<Name>(wishes: readonly Wish<Name>[], last: Wish<Name>) {
  const count = wishes.indexOf(last) + 1;
  const energyWh = wishes.slice(0, count).reduce((sum, wish) => sum + wish.energyWh, 0);
  return { count, energyWh };
}

/** The first `energyWh` of a side, in the order of the book. */
export function fillsInOrder<Name>(
  wishes: readonly Wish<Name>[],
  energyWh: number,
  priceOf: (wish: Wish<Name>) => number,
): { readonly name: Name; readonly energyWh: number; readonly moneyMilliCents: number }[] {
  let left = energyWh;
  const fills = [];
  for (const wish of wishes) {
    if (left === 0) break;
    const part = Math.min(left, wish.energyWh);
    fills.push({ name: wish.name, energyWh: part, moneyMilliCents: part * priceOf(wish) });
    left -= part;
  }
  return fills;
}
