/** The simulator's dice. The same seed throws the same numbers, so that a failing run can be repeated. */

/** Gives the next number, at least 0 and below 1. */
export type Random = () => number;

/** Dice from a seed: the mulberry32 sequence (public domain), good enough for play. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** `length` characters picked from `alphabet`. */
export function pick(random: Random, alphabet: string, length: number): string {
  let picked = '';
  while (picked.length < length) picked += alphabet[Math.floor(random() * alphabet.length)];
  return picked;
}
