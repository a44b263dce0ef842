/** The access token of the hub's Daraja app. A new one may end the old one, so there is only ever one. */
import { z } from 'zod';
import type { Exchange, Http } from './http.ts';
import { noTurn, type Pace } from './pace.ts';
import { objectionIn } from './problems.ts';
import { Secret } from './secret.ts';

export type Pass =
  | { readonly kind: 'pass'; readonly token: Secret }
  | { readonly kind: 'not-sent'; readonly why: string }
  | { readonly kind: 'misconfigured'; readonly why: string };

export type SignIn = {
  /** The token in use, or a fresh one; callers that come together share one request. */
  pass(): Promise<Pass>;
  /** M-Pesa no longer takes this token. A newer one stays. */
  drop(token: Secret): void;
};

type Needs = {
  readonly http: Http;
  readonly pace: Pace;
  readonly elapsedMs: () => number;
  readonly consumerKey: Secret;
  readonly consumerSecret: Secret;
};

const path = '/oauth/v1/generate?grant_type=client_credentials';
const earlyS = 120;
const fallbackLifeS = 3_000;
const lifeMostS = 86_400;
/** Wrong keys stay wrong for a while: M-Pesa is not asked again at once. */
const refusedRestMs = 60_000;

const tokenSchema = z.object({
  access_token: z.string().regex(/^[!-~]{1,2048}$/),
  // Seen as text and as a number.
  expires_in: z.coerce.number().positive().max(lifeMostS).catch(fallbackLifeS),
});

export function openSignIn({ http, pace, elapsedMs, consumerKey, consumerSecret }: Needs): SignIn {
  let held: { readonly token: Secret; readonly freshUntilMs: number } | undefined;
  let refused: { readonly pass: Pass; readonly untilMs: number } | undefined;
  let asking: Promise<Pass> | undefined;

  async function ask(): Promise<Pass> {
    const turn = await pace.turn();
    if (turn !== 'go') return { kind: 'not-sent', why: noTurn[turn] };
    const basic = Buffer.from(`${consumerKey.reveal()}:${consumerSecret.reveal()}`);
    const authorization = `Basic ${basic.toString('base64')}`;
    const exchange = await http({ method: 'GET', path, authorization });
    const found = exchange.kind === 'answered' && exchange.status === 200;
    const token = found ? tokenSchema.safeParse(exchange.body) : undefined;
    if (token?.success) return keep(token.data.access_token, token.data.expires_in);

    const pass = refusalOf(exchange, pace);
    if (pass.kind === 'misconfigured') refused = { pass, untilMs: elapsedMs() + refusedRestMs };
    return pass;
  }

  function keep(text: string, lifeS: number): Pass {
    const token = new Secret(text);
    const freshS = Math.max(lifeS - earlyS, lifeS / 2);
    held = { token, freshUntilMs: elapsedMs() + freshS * 1_000 };
    pace.recover();
    return { kind: 'pass', token };
  }

  return {
    async pass() {
      if (held && elapsedMs() < held.freshUntilMs) return { kind: 'pass', token: held.token };
      if (refused && elapsedMs() < refused.untilMs) return refused.pass;
      asking ??= ask().finally(() => {
        asking = undefined;
      });
      return asking;
    },
    drop(token) {
      if (held?.token === token) held = undefined;
    },
  };
}

/** A failed sign-in moves no money, so all that is not a matter of keys may simply be tried again. */
function refusalOf(exchange: Exchange, pace: Pace): Pass {
  if (exchange.kind !== 'answered') return { kind: 'not-sent', why: `sign-in: ${exchange.why}` };
  const { status, body, empty } = exchange;
  const objected = objectionIn(status, body);
  if (objected?.objection === 'slow-down') pace.slowDown();
  if (objected?.objection === 'misconfigured')
    return { kind: 'misconfigured', why: `${objected.words} (${objected.code})` };
  // Keys of the sandbox are answered in production with 400 and no text at all.
  if ((status === 400 && empty) || status === 401)
    return {
      kind: 'misconfigured',
      why: `M-Pesa refuses the consumer key and secret for this environment (HTTP ${status}).`,
    };
  return { kind: 'not-sent', why: `sign-in: ${objected?.code ?? `HTTP ${status}`}` };
}
