/** Chance that falls the same way in every process: numbers are mixed from a seed and the thing's own keys. */

/** At least 0, below 1; the same for the same whole-number keys. */
export function chance(...keys: readonly number[]): number {
  let mixed = 0x9e3779b9;
  for (const key of keys) {
    mixed = Math.imul(mixed ^ (key | 0), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    mixed ^= mixed >>> 16;
  }
  return (mixed >>> 0) / 2 ** 32;
}

/** From the normal distribution with mean 0 and deviation 1 (Box-Muller). */
export function bell(...keys: readonly number[]): number {
  const radius = Math.sqrt(-2 * Math.log(1 - chance(...keys, 1)));
  return radius * Math.cos(2 * Math.PI * chance(...keys, 2));
}

/** The same items in another order, fixed by the keys. */
export function shuffled<T>(items: readonly T[], ...keys: readonly number[]): T[] {
  return items
    .map((item, index) => ({ item, rank: chance(...keys, index) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item);
}

/** A value between the two, evenly. */
export const between = (least: number, most: number, ...keys: readonly number[]): number =>
  least + (most - least) * chance(...keys);
