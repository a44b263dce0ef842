/** Asks, again and again, whether something is due. What is due is decided by the neighbourhood's clock. */
import { schedule } from 'node-cron';

/** Machine ms between two ticks of a clock that runs faster than the machine's. */
const fastMs = 50;

/** Ticks every second by node-cron on a hub in the field, faster where time is scaled. Stops when disposed. */
export function startTicker(speed: number, tick: () => void): Disposable {
  if (speed === 1) {
    const job = schedule('* * * * * *', tick, { noOverlap: true });
    return { [Symbol.dispose]: () => void job.destroy() };
  }
  const timer = setInterval(tick, fastMs);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
