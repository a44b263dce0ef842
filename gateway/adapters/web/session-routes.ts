/** `/api/session`: a household signs in with phone and PIN or with a code, and out again. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Result } from '../../core/result.ts';
import type { NoSignIn, SessionDesk, SignedIn } from '../../ports/me-desk.ts';
import { ProblemError } from './problem.ts';
import { refuseForeignPages, type SessionGate, setCookie } from './session.ts';
import type { WebLimits } from './web-options.ts';
import type { WebApp } from './zod-door.ts';

type Needs = {
  readonly sessions: SessionDesk;
  readonly gate: SessionGate;
  readonly limits: WebLimits;
};

const credentials = z.union([
  z.strictObject({
    phone: z.string().trim().min(1).max(32),
    pin: z.string().trim().min(1).max(12),
  }),
  z.strictObject({ code: z.string().trim().min(1).max(64) }),
]);
const signedIn = z.object({ signedIn: z.boolean() });

export function addSessionRoutes(app: WebApp, { sessions, gate, limits }: Needs): void {
  app.post(
    '/api/session',
    {
      onRequest: async (request) => refuseForeignPages(request),
      config: { rateLimit: { max: limits.signInsPerMinute } },
      schema: {
        summary: 'A household signs in; the answer sets its cookie',
        body: credentials,
        response: { 200: signedIn },
      },
    },
    async (request, reply) => {
      const { body } = request;
      const found =
        'code' in body
          ? sessions.signInByCode(body.code)
          : await sessions.signIn(body.phone, body.pin);
      return welcome(request, reply, found);
    },
  );
  app.delete(
    '/api/session',
    {
      onRequest: async (request) => refuseForeignPages(request),
      schema: { summary: 'A household signs out', response: { 200: signedIn } },
    },
    async (request, reply) => {
      const token = gate.tokenOf(request);
      if (token !== undefined) sessions.signOut(token);
      setCookie(request, reply, '', 0);
      return { signedIn: false };
    },
  );
}

function welcome(
  request: FastifyRequest,
  reply: FastifyReply,
  found: Result<SignedIn, NoSignIn>,
): { signedIn: boolean } {
  if (!found.ok) throw notIn(found.error);
  setCookie(request, reply, found.value.token, found.value.livesMs);
  return { signedIn: true };
}

function notIn(why: NoSignIn): ProblemError {
  if (why.kind === 'wrong')
    return new ProblemError({
      status: 401,
      title: 'Not signed in',
      detail: 'That did not fit. Check it, or ask the hub keeper for a new PIN or code.',
    });
  const seconds = Math.ceil(why.waitMs / 1000);
  return new ProblemError(
    { status: 429, title: 'Too many tries', detail: `Wait ${seconds} s before the next.` },
    { 'retry-after': String(seconds) },
  );
}
