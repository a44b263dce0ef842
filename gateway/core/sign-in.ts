/** How a household shows who it is: a PIN or a code that works once, and how long a wrong guess must wait. */

/** A million PINs, of which the pauses below let nobody try more than some dozens a day. */
export const pinDigits = 6;
export const codeLivesMs = 15 * 60_000;
export const sessionLivesMs = 30 * 86_400_000;
/** Phones of one household that are signed in at once; the oldest is signed out. */
export const sessionsPerHousehold = 6;

const freeMisses = 4;
const firstPauseMs = 30_000;
const longestPauseMs = 3_600_000;

/** How long the next guess for a phone waits after so many misses in a row: 0 at first, then it doubles up to an hour. */
export function pauseAfterMs(misses: number): number {
  if (misses <= freeMisses) return 0;
  const doubled = firstPauseMs * 2 ** Math.min(misses - freeMisses - 1, 30);
  return Math.min(longestPauseMs, doubled);
}
