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

/** Streams that are counted apart; beyond it counting begins again. */
const streamsMax = 100_000;

/** Gives the next number of the stream with this name. */
export type Dice = (stream: string) => number;

/**
 * Dice whose streams do not disturb each other: the n-th throw of a stream is the same in every run with
 * this seed, in whatever order requests of other streams arrive in between.
 */
export function seededDice(seed: number): Dice {
  const thrown = new Map<string, number>();
  return (stream) => {
    if (thrown.size >= streamsMax) thrown.clear();
    const times = (thrown.get(stream) ?? 0) + 1;
    thrown.set(stream, times);
    return seededRandom(hashOf(`${seed} ${times} ${stream}`))();
  };
}

/** FNV-1a (public domain), 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1)
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
