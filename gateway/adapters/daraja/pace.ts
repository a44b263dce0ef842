/** Keeps the hub's calls apart, because M-Pesa's spike arrest refuses a crowd. */
import { setTimeout as sleep } from 'node:timers/promises';

/** Calls that may wait for their turn; one more is told so at once. */
export const waitingMost = 64;
const firstRestMs = 1_000;
const restMostMs = 60_000;

export type Turn = 'go' | 'too-many' | 'closing';

/** Why a call did not go, for people. */
export const noTurn: Record<Exclude<Turn, 'go'>, string> = {
  'too-many': 'too many calls are waiting for M-Pesa',
  closing: 'the hub is closing',
};

export type Pace = {
  /** Resolves when the caller may send, first come first served. */
  turn(): Promise<Turn>;
  /** M-Pesa said that this is too fast: everybody rests, twice as long each time, at most 60 s. */
  slowDown(): void;
  /** M-Pesa took a call: the next rest is a short one again. */
  recover(): void;
};

export function openPace(
  requestsPerSecond: number,
  elapsedMs: () => number,
  ending: AbortSignal,
): Pace {
  const gapMs = 1_000 / requestsPerSecond;
  let opensAtMs = 0;
  let restMs = firstRestMs;
  let waiting = 0;
  let last: Promise<Turn> = Promise.resolve('go');

  async function waitForTurn(): Promise<Turn> {
    const waitMs = Math.ceil(opensAtMs - elapsedMs());
    try {
      if (waitMs > 0) await sleep(waitMs, undefined, { signal: ending });
    } catch {
      return 'closing';
    }
    opensAtMs = Math.max(opensAtMs, elapsedMs()) + gapMs;
    return ending.aborted ? 'closing' : 'go';
  }

  return {
    async turn() {
      if (waiting >= waitingMost) return 'too-many';
      waiting += 1;
      last = last.then(waitForTurn);
      const turn = await last;
      waiting -= 1;
      return turn;
    },
    slowDown() {
      opensAtMs = Math.max(opensAtMs, elapsedMs() + restMs);
      restMs = Math.min(restMs * 2, restMostMs);
    },
    recover() {
      restMs = firstRestMs;
    },
  };
}
