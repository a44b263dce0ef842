/** How a sum is shared: the part of it that the least-gaining tenths of all have together. */
const tenths = 10;

/** From 0 (nobody) to 1 (everybody), in tenths of the households; who loses counts as 0. */
export function lorenzOf(gains: readonly number[]): number[] {
  const sorted = gains.map((gain) => Math.max(0, gain)).sort((a, b) => a - b);
  const sum = sorted.reduce((all, gain) => all + gain, 0);
  return Array.from({ length: tenths + 1 }, (_, at) => {
    const count = Math.round((sorted.length * at) / tenths);
    const part = sorted.slice(0, count).reduce((all, gain) => all + gain, 0);
    return sum === 0 ? at / tenths : part / sum;
  });
}
