/** The proof that a public address leads to this hub: a fresh number, answered with what only its key can make. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { withoutSlash } from '../../core/public-address.ts';
import type { ProbeOutcome } from '../../core/tunnel.ts';
import { type Visit, type VisitOptions, visit as visitPublic } from './visit.ts';

export type Seen = {
  readonly outcome: ProbeOutcome;
  /** Of HTTP; undefined when nothing answered. */
  readonly status: number | undefined;
  /** Why it is no proof, in words without the address; empty for a proof. */
  readonly why: string;
  readonly tookMs: number;
};

export interface Probe {
  /** The listener's answer to a nonce of 32 hex digits; undefined for more strangers than a second may have. */
  answer(nonce: string): string | undefined;
  /** Asks through a base address and judges what comes back; sooner when `ending` aborts. Never rejects. */
  ask(base: string, options?: VisitOptions, ending?: AbortSignal): Promise<Seen>;
}

export type ProbeOptions = {
  /** The hub's own; what answers is derived from it. */
  readonly hubKey: Uint8Array;
  readonly timeoutMs: number;
  readonly visit?: Visit;
};

const nonceBytes = 16;
const secondMs = 1_000;
/** Answers to numbers that this hub has not sent; a flood of them must not crowd out our own. */
const strangersPerSecondMost = 5;

/** One for the listener and the supervisor together. */
export function openProbe({ hubKey, timeoutMs, visit = visitPublic }: ProbeOptions): Probe {
  const key = createHmac('sha256', hubKey).update('tunnel probe').digest();
  const proofOf = (nonce: string) => createHmac('sha256', key).update(nonce).digest('hex');
  const ours = new Set<string>();
  const admitStranger = perSecond(strangersPerSecondMost);

  const judge = (nonce: string, { status, text }: Awaited<ReturnType<Visit>>) => {
    if (status !== 200)
      return { outcome: 'silent', status, why: `the answer was HTTP ${status}` } as const;
    return isSame(text, proofOf(nonce))
      ? ({ outcome: 'proved', status, why: '' } as const)
      : ({ outcome: 'stranger', status, why: 'somebody else answers there' } as const);
  };

  return {
    answer: (nonce) => (ours.has(nonce) || admitStranger() ? proofOf(nonce) : undefined),
    ask: async (base, options, ending) => {
      const nonce = randomBytes(nonceBytes).toString('hex');
      const url = `${withoutSlash(base)}/.hub/probe/${nonce}`;
      const began = performance.now();
      ours.add(nonce);
      const seen = await within(timeoutMs, (signal) => visit(url, signal, options), ending).then(
        (answer) => judge(nonce, answer),
        (error: unknown) =>
          ({ outcome: 'silent', status: undefined, why: noAnswer(error, timeoutMs) }) as const,
      );
      ours.delete(nonce);
      return { ...seen, tookMs: Math.round(performance.now() - began) };
    },
  };
}

/** Ends what it began when the time is over, or sooner when `ending` aborts. */
export async function within<T>(
  timeoutMs: number,
  act: (signal: AbortSignal) => Promise<T>,
  ending?: AbortSignal,
): Promise<T> {
  const late = new AbortController();
  const stop = () => late.abort();
  const timer = setTimeout(stop, timeoutMs);
  ending?.addEventListener('abort', stop);
  if (ending?.aborted) stop();
  try {
    return await act(late.signal);
  } finally {
    clearTimeout(timer);
    ending?.removeEventListener('abort', stop);
  }
}

/** The code of an error says what failed without naming the address. */
export function noAnswer(error: unknown, timeoutMs: number): string {
  const { code, name } = error as { code?: unknown; name?: unknown };
  if (name === 'AbortError' || code === 'ABORT_ERR') return `no answer within ${timeoutMs} ms`;
  return `no answer (${typeof code === 'string' ? code : 'broken off'})`;
}

function isSame(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function perSecond(most: number): () => boolean {
  let [since, count] = [Number.NEGATIVE_INFINITY, 0];
  return () => {
    const now = performance.now();
    if (now - since >= secondMs) [since, count] = [now, 0];
    count += 1;
    return count <= most;
  };
}
