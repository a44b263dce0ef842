/** What every call to an M-Pesa product shares: turn, token, the one resend, and what the answer proves. */
import type { Health } from './health.ts';
import type { Exchange, Http, JsonObject, Request } from './http.ts';
import { noTurn, type Pace } from './pace.ts';
import { type Objected, type Objection, objectionIn } from './problems.ts';
import type { Pass, SignIn } from './sign-in.ts';

export type Reply =
  /** HTTP 2xx with a JSON object that is no error. */
  | { readonly kind: 'said'; readonly body: JsonObject }
  | { readonly kind: 'objected'; readonly objected: Objected }
  | { readonly kind: 'unclear'; readonly why: string }
  | { readonly kind: 'not-sent'; readonly why: string }
  | { readonly kind: 'misconfigured'; readonly why: string };

/** How a call differs from the usual POST with a short answer. */
export type CallShape = Partial<Pick<Request, 'method' | 'answerBytesMost'>>;

/** `body` is built when the turn has come, so that its timestamp is fresh. Never throws. */
export type ProductCall = (
  path: string,
  body: () => JsonObject,
  shape?: CallShape,
) => Promise<Reply>;

type Needs = {
  readonly http: Http;
  readonly pace: Pace;
  readonly signIn: SignIn;
  readonly health: Health;
};

export function openProductCall({ http, pace, signIn, health }: Needs): ProductCall {
  /** Waits for a turn and comes back with a token that is good now. */
  async function admit(): Promise<Pass> {
    // Sign in before the turn, so that the sign-in does not queue behind calls that wait for it, and look
    // again after it, because the token may have been dropped meanwhile.
    const early = await signIn.pass();
    if (early.kind !== 'pass') return early;
    const turn = await pace.turn();
    return turn === 'go' ? signIn.pass() : { kind: 'not-sent', why: noTurn[turn] };
  }

  async function attempt(path: string, body: () => JsonObject, shape: CallShape): Promise<Reply> {
    const pass = await admit();
    if (pass.kind !== 'pass') return pass;
    const authorization = `Bearer ${pass.token.reveal()}`;
    const request = { method: 'POST', path, authorization, body: body(), ...shape } as const;
    const reply = replyIn(await http(request));
    if (objectionOf(reply) === 'bad-token') signIn.drop(pass.token);
    if (objectionOf(reply) === 'slow-down') pace.slowDown();
    if (reply.kind === 'said') pace.recover();
    return reply;
  }

  return async (path, body, shape = {}) => {
    let reply = await attempt(path, body, shape);
    // The gateway turned the token down before it looked at the request: one resend is safe.
    if (objectionOf(reply) === 'bad-token') reply = await attempt(path, body, shape);
    const final = settle(reply);
    noteIn(health, final);
    return final;
  };
}

function replyIn(exchange: Exchange): Reply {
  if (exchange.kind !== 'answered') return exchange;
  const { status, body } = exchange;
  const objected = objectionIn(status, body);
  if (objected) return { kind: 'objected', objected };
  if (body && status >= 200 && status < 300 && !('errorCode' in body) && !('fault' in body))
    return { kind: 'said', body };
  return { kind: 'unclear', why: `no clear answer (HTTP ${status})` };
}

const objectionOf = (reply: Reply): Objection | undefined =>
  reply.kind === 'objected' ? reply.objected.objection : undefined;

function settle(reply: Reply): Reply {
  if (reply.kind !== 'objected') return reply;
  const { objection, code, words } = reply.objected;
  if (objection === 'misconfigured') return { kind: 'misconfigured', why: `${words} (${code})` };
  if (objection === 'bad-token')
    return {
      kind: 'misconfigured',
      why: `A fresh access token was refused too; is this product enabled for our Daraja app? (${code})`,
    };
  return reply;
}

function noteIn(health: Health, reply: Reply): void {
  if (reply.kind === 'misconfigured') health.note('misconfigured', reply.why);
  else if (reply.kind === 'said' || reply.kind === 'objected') health.note('ok', '');
  else health.note('unreachable', `M-Pesa cannot be used now: ${reply.why}.`);
}
