/** Asks, again and again, whether something is due. What is due is decided by the neighbourhood's clock. */

/** Machine ms between two ticks, and between two ticks of a clock that runs faster than the machine's. */
const [everyMs, fastMs] = [1_000, 50];

/**
 * Ticks by the machine's monotonic time, so that a wall clock that jumps (a Pi has none of its own) neither
 * stops the ticks nor makes up for missed ones. Stops when disposed.
 */
export function startTicker(speed: number, tick: () => void): Disposable {
  const timer = setInterval(tick, speed === 1 ? everyMs : fastMs);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
