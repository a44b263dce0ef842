/** Where the keeper signs in: the operator's token opens a session that lives in the hub's memory alone. */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { hashOf } from './adapters/ids/ids.ts';
import { fail, ok } from './core/result.ts';
import type { KeeperSessions } from './ports/keeper-desk.ts';

type Needs = {
  readonly operatorToken: string;
  /** Machine time. */
  readonly elapsedMs?: () => number;
};

const tokenBytes = 32;
const livesMs = 12 * 3_600_000;
/** Browsers of one keeper; the oldest is signed out. */
const sessionsMost = 8;
/** Wrong guesses of everybody together. The token itself is too long to be guessed: this keeps the noise small. */
const missesPerMinute = 60;
const minuteMs = 60_000;

/** A hub that starts anew knows no session any more. */
export function openKeeperSessions(needs: Needs): KeeperSessions {
  const { operatorToken, elapsedMs = () => performance.now() } = needs;
  const expected = Buffer.from(hashOf(operatorToken));
  /** By hash, oldest first, with the end of its life. */
  const sessions = new Map<string, number>();
  let [minute, misses] = [0, 0];

  return {
    signIn: (typed) => {
      const now = elapsedMs();
      const current = Math.floor(now / minuteMs);
      if (current !== minute) [minute, misses] = [current, 0];
      if (misses >= missesPerMinute)
        return fail({ kind: 'wait', waitMs: Math.ceil((minute + 1) * minuteMs - now) });
      if (!timingSafeEqual(Buffer.from(hashOf(typed)), expected)) {
        misses += 1;
        return fail({ kind: 'wrong' });
      }
      const token = randomBytes(tokenBytes).toString('base64url');
      sessions.set(hashOf(token), now + livesMs);
      const [oldest] = sessions.keys();
      if (sessions.size > sessionsMost && oldest !== undefined) sessions.delete(oldest);
      return ok({ token, livesMs });
    },
    isKeeper: (token) => (sessions.get(hashOf(token)) ?? 0) > elapsedMs(),
    signOut: (token) => void sessions.delete(hashOf(token)),
  };
}
