/** A way to clear a round of whole lots in pairs, with what each side of a pair pays or gets. */
import { clearRound, type Pair } from '../matching.ts';
import { type CentsPerKwh, centsPerKwh, type WattHours, wattHours } from '../units.ts';
import { mcafee } from './mcafee.ts';
import type { Fill, Mechanism, Wish } from './mechanism.ts';
import { payAsBid } from './pay-as-bid.ts';
import { uniformAuction } from './uniform-auction.ts';
import { vcg } from './vcg.ts';

export type LotWish<Name> = {
  readonly name: Name;
  readonly lots: number;
  /** Sellers: the least they take. Buyers: the most they give. */
  readonly limit: CentsPerKwh;
};

export type LotRound<Name> = {
  readonly registry: readonly Name[];
  readonly turn: number;
  readonly lotWh: WattHours;
  /** The posted community rate. */
  readonly rate: CentsPerKwh;
  readonly sellers: readonly LotWish<Name>[];
  readonly buyers: readonly LotWish<Name>[];
};

/** `rate` is what the buyer pays; the seller gets `sellerRate`, which differs only where the hub gives or takes. */
export type PricedPair<Name> = Pair<Name> & {
  readonly rate: CentsPerKwh;
  readonly sellerRate: CentsPerKwh;
};

export type LotClearing<Name> = {
  readonly offered: number;
  readonly asked: number;
  readonly matched: number;
  readonly pairs: readonly PricedPair<Name>[];
};

export type RoundRule = {
  readonly name: string;
  /** Whether the posted rate is the price: only then may it keep a household out before the round. */
  readonly isPosted: boolean;
  readonly clear: <Name>(round: LotRound<Name>) => LotClearing<Name>;
};

/** The hub's own: everybody trades at the posted rate, and the long side is rationed by the uniform rule. */
export const postedRule: RoundRule = {
  name: 'posted',
  isPosted: true,
  clear: ({ registry, turn, rate, sellers, buyers }) => {
    const { pairs, ...sums } = clearRound(registry, turn, sellers, buyers);
    return { ...sums, pairs: pairs.map((pair) => ({ ...pair, rate, sellerRate: rate })) };
  },
};

/** Prices of one household are averaged over the round, rounded down for buyers and up for sellers to a cent. */
const auction = (name: string, mechanism: Mechanism): RoundRule => ({
  name,
  isPosted: false,
  clear: (round) => {
    const [sellers, buyers] = netted(round);
    const [offers, bids] = [asWishes(sellers), asWishes(buyers)];
    const outcome = mechanism.clear({ ...round, offers, bids });
    const lots = (wishes: readonly { readonly energyWh: number }[]): number =>
      wishes.reduce((sum, { energyWh }) => sum + energyWh, 0);
    return {
      offered: lots(offers),
      asked: lots(bids),
      matched: lots(outcome.bought),
      pairs: pairUp(round, outcome.sold, outcome.bought),
    };
  },
});

/** A household on both sides brings the difference. */
function netted<Name>({ sellers, buyers }: LotRound<Name>): [LotWish<Name>[], LotWish<Name>[]] {
  const lotsOf = (wishes: readonly LotWish<Name>[]) =>
    new Map(wishes.map(({ name, lots }) => [name, lots] as const));
  const [sold, bought] = [lotsOf(sellers), lotsOf(buyers)];
  const less = (wishes: readonly LotWish<Name>[], other: ReadonlyMap<Name, number>) =>
    wishes
      .map((wish) => ({ ...wish, lots: wish.lots - (other.get(wish.name) ?? 0) }))
      .filter(({ lots }) => lots > 0);
  return [less(sellers, bought), less(buyers, sold)];
}

/** A mechanism shares out whole units; here a unit is a lot. */
const asWishes = <Name>(wishes: readonly LotWish<Name>[]): Wish<Name>[] =>
  wishes.map(({ name, lots, limit }) => ({ name, energyWh: wattHours(lots), limit }));

/** Two pointers over both sides in the rotated order of the registry. */
function pairUp<Name>(
  { registry, turn }: LotRound<Name>,
  sold: readonly Fill<Name>[],
  bought: readonly Fill<Name>[],
): PricedPair<Name>[] {
  const place = new Map(registry.map((name, at) => [name, at] as const));
  const first = registry.length === 0 ? 0 : turn % registry.length;
  const turnOf = ({ name }: Fill<Name>): number =>
    ((place.get(name) ?? 0) - first + registry.length) % registry.length;
  const inTurn = (fills: readonly Fill<Name>[]) =>
    fills
      .map((fill) => ({ ...fill, left: fill.energyWh }))
      .sort((one, other) => turnOf(one) - turnOf(other));
  const [sellers, buyers] = [inTurn(sold), inTurn(bought)];
  const pairs: PricedPair<Name>[] = [];
  let [s, b] = [0, 0];
  for (;;) {
    const [seller, buyer] = [sellers[s], buyers[b]];
    if (seller === undefined || buyer === undefined) return pairs;
    const lots = Math.min(seller.left, buyer.left);
    const rate = centsPerKwh(Math.floor(buyer.moneyMilliCents / buyer.energyWh));
    const sellerRate = centsPerKwh(Math.ceil(seller.moneyMilliCents / seller.energyWh));
    pairs.push({ seller: seller.name, buyer: buyer.name, lots, rate, sellerRate });
    seller.left -= lots;
    buyer.left -= lots;
    if (seller.left === 0) s += 1;
    if (buyer.left === 0) b += 1;
  }
}

/** By the names that the command line knows; the hub's own first. */
export const roundRules: Readonly<Record<string, RoundRule>> = {
  posted: postedRule,
  'pay-as-bid': auction('pay-as-bid', payAsBid),
  uniform: auction('uniform', uniformAuction),
  mcafee: auction('mcafee', mcafee),
  vcg: auction('vcg', vcg),
};
