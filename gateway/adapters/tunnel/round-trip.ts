/** The way of a callback, walked step by step from the public address to the callback listener. */
import { randomBytes } from 'node:crypto';
import { objectionTo, withoutSlash } from '../../core/public-address.ts';
import type { RoundTrip, RoundTripStep, TunnelHealth } from '../../ports/tunnel.ts';
import { noAnswer, type Probe, type Seen, within } from './probe.ts';
import { type Visit, visit as visitPublic } from './visit.ts';

export type RoundTripNeeds = {
  readonly probe: Pick<Probe, 'ask'>;
  readonly health: TunnelHealth;
  /** The public base address; undefined when there is none. */
  readonly url: string | undefined;
  readonly callbackPort: number;
  /** Callbacks to paths that nobody gave out, since the listener opened. */
  readonly unknownCallbacks: () => number;
  readonly secure: boolean;
  readonly timeoutMs: number;
  readonly visit?: Visit;
};

type Told = Pick<RoundTripStep, 'result' | 'detail'>;

/** Never rejects: what goes wrong is a step's result. Takes at most a few times `timeoutMs`. */
export async function walkRoundTrip(needs: RoundTripNeeds): Promise<RoundTrip> {
  const { url, health } = needs;
  const steps: RoundTripStep[] = [];
  const take = async (step: string, act: () => Told | Promise<Told>): Promise<boolean> => {
    const began = performance.now();
    const told = await act();
    steps.push({ step, ...told, tookMs: Math.round(performance.now() - began) });
    return told.result === 'ok';
  };
  await take('the callback listener answers on this machine', () => askHere(needs));
  if (url === undefined) {
    await take('there is a public address', () =>
      health.mode === 'none' ? failed(noTunnel) : away(`none yet: ${health.detail}`),
    );
  } else {
    let isOpen = await take('M-Pesa would take the address', () => lint(needs, url));
    for (const [step, act, needsProof] of outsideSteps) {
      const isGood = await take(step, () => (isOpen ? act(needs, url) : leftOut));
      isOpen = isOpen && (isGood || !needsProof);
    }
  }
  return { mode: health.mode, result: worstOf(steps), steps };
}

const noTunnel =
  'TUNNEL=none and no PAYMENT_CALLBACK_URL: M-Pesa can tell nothing. docs/tunnel.md says what to choose.';
const ok = (detail: string): Told => ({ result: 'ok', detail });
const failed = (detail: string): Told => ({ result: 'failed', detail });
const away = (detail: string): Told => ({ result: 'away', detail });
const leftOut: Told = { result: 'left-out', detail: 'needs the steps before it' };

function worstOf(steps: readonly RoundTripStep[]): RoundTrip['result'] {
  const results = new Set(steps.map(({ result }) => result));
  if (results.has('failed')) return 'failed';
  return results.has('away') ? 'away' : 'ok';
}

function lint({ secure }: RoundTripNeeds, url: string): Told {
  const objection = objectionTo(url, secure);
  return objection === undefined ? ok(url) : failed(`${url}: ${objection}`);
}

async function askHere({ probe, callbackPort }: RoundTripNeeds): Promise<Told> {
  const { outcome, why } = await probe.ask(`http://127.0.0.1:${callbackPort}`);
  return outcome === 'proved' ? ok(`port ${callbackPort}`) : failed(`port ${callbackPort}: ${why}`);
}

async function askOutside({ probe, health }: RoundTripNeeds, url: string): Promise<Told> {
  const { outcome, status, why } = await probe.ask(url);
  if (outcome === 'proved') return ok('answered with this hub’s proof');
  if (outcome === 'stranger')
    return failed('Somebody else answers at this address: no callback would reach this hub.');
  const more =
    health.detail === '' || health.detail === why ? '' : ` The tunnel: ${health.detail}.`;
  return status === 404
    ? failed(`${why}: the address does not lead to the callback listener.${more}`)
    : away(`${why}.${more}`);
}

type Act = (needs: RoundTripNeeds, url: string) => Promise<Told>;

/** In their order; the third is whether those that follow make sense only after it. */
const outsideSteps: readonly (readonly [string, Act, boolean])[] = [
  ['a probe comes back through it', askOutside, true],
  ['a callback reaches the counter', postOutside, false],
  ['nothing else can be reached', knockElsewhere, false],
  ['no page stands before it', lookAsBrowser, false],
];

/** A made-up path: it must be refused, and by this hub. Other callbacks may come meanwhile, which only adds. */
async function postOutside(needs: RoundTripNeeds, url: string): Promise<Told> {
  const before = needs.unknownCallbacks();
  const path = `/api/payment/callback/${randomBytes(16).toString('hex')}`;
  const seen = await knock(needs, `${withoutSlash(url)}${path}`, {
    ...{ method: 'POST', body: '{}' },
    headers: { 'content-type': 'application/json' },
  });
  if (typeof seen === 'string') return away(seen);
  return seen.status === 404 && needs.unknownCallbacks() > before
    ? ok('a made-up one came in and was refused')
    : failed(`The answer was HTTP ${seen.status}, and the hub heard of nothing.`);
}

const elsewhere = ['/', '/api/status', '/keeper', '/board'];

async function knockElsewhere(needs: RoundTripNeeds, url: string): Promise<Told> {
  const base = withoutSlash(url);
  for (const path of elsewhere) {
    const seen = await knock(needs, `${base}${path}`, {});
    if (typeof seen === 'string') return away(seen);
    if (seen.status < 400)
      return failed(
        `${path} answers HTTP ${seen.status}. The tunnel must lead to port ${needs.callbackPort} and to nothing else.`,
      );
  }
  return ok(`${elsewhere.join(', ')}: refused`);
}

/** Some services put a page before browsers. M-Pesa is none, so this is no failure. */
async function lookAsBrowser({ probe }: RoundTripNeeds, url: string): Promise<Told> {
  const seen: Seen = await probe.ask(url, { headers: { 'user-agent': browser } });
  if (seen.outcome === 'proved') return ok('a browser gets the same answer');
  const shown = seen.status === undefined ? seen.why : `HTTP ${seen.status}`;
  return {
    result: 'warning',
    detail: `A browser is shown something else (${shown}): the service puts a page in between. A callback passes as long as its sender does not look like a browser; a named tunnel of your own has no such page.`,
  };
}

const browser = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

/** The answer, or why there is none. */
function knock(
  { visit = visitPublic, timeoutMs }: RoundTripNeeds,
  url: string,
  options: Parameters<Visit>[2],
) {
  return within(timeoutMs, (signal) => visit(url, signal, options)).catch((error: unknown) =>
    noAnswer(error, timeoutMs),
  );
}
