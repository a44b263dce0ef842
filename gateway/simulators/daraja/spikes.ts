/** The gateway's limit of calls, counted in windows of a second of machine time. */

const windowMs = 1_000;

/** Counts calls; the answer tells whether this one is more than `most` within a second. */
export function watchSpikes(most: number): () => boolean {
  let windowStart = Number.NEGATIVE_INFINITY;
  let calls = 0;
  return () => {
    const now = performance.now();
    if (now - windowStart >= windowMs) [windowStart, calls] = [now, 0];
    calls += 1;
    return calls > most;
  };
}
