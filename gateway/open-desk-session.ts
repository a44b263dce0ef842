/** The counter where households sign in. Wrong guesses wait, longer each time, whoever makes them. */
import { randomBytes } from 'node:crypto';
import { hashOf } from './adapters/ids/ids.ts';
import { isPin } from './adapters/ids/pin-hash.ts';
import type { HouseholdId } from './core/ids.ts';
import { readPhone } from './core/phone.ts';
import { fail, ok, type Result } from './core/result.ts';
import { pauseAfterMs, sessionLivesMs, sessionsPerHousehold } from './core/sign-in.ts';
import type { Books } from './ports/books/books.ts';
import type { NoSignIn, SessionDesk, SignedIn } from './ports/me-desk.ts';

type Needs = {
  readonly books: Pick<Books, 'households' | 'sessions'>;
  /** Machine time for pauses, and the wall clock that the command line shares for what is kept. */
  readonly elapsedMs?: () => number;
  readonly wallMs?: () => number;
};

const tokenBytes = 32;
const minuteMs = 60_000;
/** Guesses of everybody together: each costs the hub a moment of its processor. */
const guessesPerMinute = 60;
const strangersRemembered = 5_000;

type Misses = { count: number; untilMs: number };

export function openSessionDesk(needs: Needs): SessionDesk {
  const { books, elapsedMs = () => performance.now(), wallMs = () => Date.now() } = needs;
  const guesses = openGuesses(elapsedMs);

  const begin = (household: HouseholdId): Result<SignedIn, NoSignIn> => {
    const token = randomBytes(tokenBytes).toString('base64url');
    const at = wallMs();
    const session = { hash: hashOf(token), household, expires: at + sessionLivesMs };
    books.sessions.begin(session, sessionsPerHousehold, at);
    return ok({ token, livesMs: sessionLivesMs });
  };

  return {
    signIn: async (typed, pin) => {
      const phone = readPhone(typed);
      const household = phone.ok ? books.households.byPhone(phone.value) : undefined;
      const miss = guesses.take(household?.id, phone.ok ? phone.value : typed);
      if (!miss.ok) return miss;
      const kept = household && books.sessions.pinOf(household.id);
      const right = await isPin(pin, kept);
      if (!right || household === undefined) return fail({ kind: 'wrong' });
      miss.value();
      return begin(household.id);
    },
    signInByCode: (code) => {
      const household = books.sessions.useCode(hashOf(code), wallMs());
      return household === undefined ? fail({ kind: 'wrong' }) : begin(household);
    },
    householdOf: (token) => books.sessions.of(hashOf(token), wallMs()),
    signOut: (token) => books.sessions.end(hashOf(token)),
  };
}

/** Every guess counts as a miss before it is checked, so that many at once are not one. */
function openGuesses(elapsedMs: () => number) {
  const [known, strangers] = [new Map<string, Misses>(), new Map<string, Misses>()];
  let [minute, inMinute] = [0, 0];

  const spareMs = (now: number): number => {
    const current = Math.floor(now / minuteMs);
    if (current !== minute) [minute, inMinute] = [current, 0];
    return inMinute < guessesPerMinute ? 0 : (minute + 1) * minuteMs - now;
  };

  return {
    /** The way to forget the misses once the guess was right; or how long to wait. */
    take: (household: string | undefined, typed: string): Result<() => void, NoSignIn> => {
      const now = elapsedMs();
      // Strangers are forgotten when there are too many of them; a household never is.
      const [misses, key] = household === undefined ? [strangers, typed] : [known, household];
      const before = misses.get(key) ?? { count: 0, untilMs: 0 };
      const waitMs = Math.max(before.untilMs - now, spareMs(now));
      if (waitMs > 0) return fail({ kind: 'wait', waitMs: Math.ceil(waitMs) });
      inMinute += 1;
      misses.delete(key);
      const oldest = strangers.keys().next();
      if (strangers.size >= strangersRemembered && oldest.done !== true)
        strangers.delete(oldest.value);
      const count = before.count + 1;
      misses.set(key, { count, untilMs: now + pauseAfterMs(count) });
      return ok(() => void misses.delete(key));
    },
  };
}
