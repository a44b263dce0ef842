/**
 * Who trades with whom. The uniform rule on whole numbers: the short side gets all it wants, the long side
 * is rationed so that nobody gains by asking for more (Sprumont 1991, Ching 1994).
 */

/**
 * Shares `total` among `wants` (whole numbers, in the registry's order). Everybody gets up to the same
 * limit; what is left over goes one by one to those who want more, starting at `first` in the registry.
 */
export function shareUniformly(wants: readonly number[], total: number, first: number): number[] {
  const wanted = wants.reduce((sum, want) => sum + want, 0);
  if (total >= wanted) return [...wants];
  const { limit, left } = uniformLimit(wants, total);
  const shares = wants.map((want) => Math.min(want, limit));
  let extra = left;
  for (let step = 0; extra > 0 && step < wants.length; step++) {
    const at = (first + step) % wants.length;
    if ((wants[at] ?? 0) <= limit) continue;
    shares[at] = limit + 1;
    extra -= 1;
  }
  return shares;
}

/** The largest equal limit that `total` affords, and what is left of it. */
function uniformLimit(wants: readonly number[], total: number): { limit: number; left: number } {
  const ascending = [...wants].sort((a, b) => a - b);
  let left = total;
  for (const [filled, want] of ascending.entries()) {
    const remaining = ascending.length - filled;
    const share = Math.floor(left / remaining);
    if (want > share) return { limit: share, left: left - share * remaining };
    left -= want;
  }
  return { limit: total, left };
}

export type Side<Name> = { readonly name: Name; readonly lots: number };
export type Pair<Name> = { readonly seller: Name; readonly buyer: Name; readonly lots: number };

export type Clearing<Name> = {
  readonly offered: number;
  readonly asked: number;
  readonly matched: number;
  readonly pairs: readonly Pair<Name>[];
};

/**
 * Clears one round, in lots. `registry` is every registered household in its fixed order; `turn` (the slot
 * number) rotates who is first, so that the odd lot goes round and no wish can influence it. A household on
 * both sides (energy came back to it while it had need) brings the difference, so none trades with itself.
 */
export function clearRound<Name>(
  registry: readonly Name[],
  turn: number,
  sellers: readonly Side<Name>[],
  buyers: readonly Side<Name>[],
): Clearing<Name> {
  const first = registry.length === 0 ? 0 : turn % registry.length;
  const has = inRegistryOrder(registry, sellers);
  const wants = inRegistryOrder(registry, buyers);
  const offers = has.map((lots, at) => Math.max(0, lots - (wants[at] ?? 0)));
  const asks = wants.map((lots, at) => Math.max(0, lots - (has[at] ?? 0)));
  const offered = offers.reduce((sum, lots) => sum + lots, 0);
  const asked = asks.reduce((sum, lots) => sum + lots, 0);
  const matched = Math.min(offered, asked);
  const sold = shareUniformly(offers, matched, first);
  const bought = shareUniformly(asks, matched, first);
  return { offered, asked, matched, pairs: pairUp(registry, first, sold, bought) };
}

function inRegistryOrder<Name>(registry: readonly Name[], side: readonly Side<Name>[]): number[] {
  const lotsOf = new Map(side.map(({ name, lots }) => [name, lots]));
  return registry.map((name) => lotsOf.get(name) ?? 0);
}

/** Two pointers over the same rotated order; at most buyers + sellers - 1 pairs. */
function pairUp<Name>(
  registry: readonly Name[],
  first: number,
  sold: readonly number[],
  bought: readonly number[],
): Pair<Name>[] {
  const rotated = [...registry.keys()].map((place) => (first + place) % registry.length);
  const sellers = rotated
    .filter((at) => (sold[at] ?? 0) > 0)
    .map((at) => ({ at, left: sold[at] ?? 0 }));
  const buyers = rotated
    .filter((at) => (bought[at] ?? 0) > 0)
    .map((at) => ({ at, left: bought[at] ?? 0 }));
  const pairs: Pair<Name>[] = [];
  let [s, b] = [0, 0];
  for (;;) {
    const [seller, buyer] = [sellers[s], buyers[b]];
    if (seller === undefined || buyer === undefined) return pairs;
    const lots = Math.min(seller.left, buyer.left);
    const names = { seller: registry[seller.at] as Name, buyer: registry[buyer.at] as Name };
    pairs.push({ ...names, lots });
    seller.left -= lots;
    buyer.left -= lots;
    if (seller.left === 0) s += 1;
    if (buyer.left === 0) b += 1;
  }
}
