/** `/api/keeper/session`: the keeper's browser shows the operator's token once, and gets a cookie instead. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { KeeperSessions } from '../../ports/keeper-desk.ts';
import { ProblemError } from './problem.ts';
import { refuseForeignPages } from './session.ts';
import type { WebLimits } from './web-options.ts';
import type { WebApp } from './zod-door.ts';

const cookieName = 'jirani_keeper';
const cookie = new RegExp(`(?:^|;\\s*)${cookieName}=([\\w-]{43})(?:;|$)`);

const tokenOf = ({ headers }: FastifyRequest): string | undefined =>
  cookie.exec(headers.cookie ?? '')?.[1];

/** Whether a browser is signed in as the keeper; one that changes something must do so from a page of this hub. */
export const keeperGate =
  (sessions: KeeperSessions) =>
  (request: FastifyRequest): boolean => {
    const token = tokenOf(request);
    if (token === undefined || !sessions.isKeeper(token)) return false;
    refuseForeignPages(request);
    return true;
  };

/** Only for the API: a cookie knows no port, and the editor on another port has no use for it. */
function setCookie(
  request: FastifyRequest,
  reply: FastifyReply,
  token: string,
  livesMs: number,
): void {
  const secure = request.protocol === 'https' ? '; Secure' : '';
  const age = Math.floor(livesMs / 1000);
  reply.header(
    'set-cookie',
    `${cookieName}=${token}; Path=/api; Max-Age=${age}; HttpOnly; SameSite=Strict${secure}`,
  );
}

const signedIn = z.object({ signedIn: z.boolean() });
const tokenMost = 512;

export function addKeeperSession(app: WebApp, sessions: KeeperSessions, limits: WebLimits): void {
  const onRequest = async (request: FastifyRequest) => refuseForeignPages(request);
  app.post(
    '/api/keeper/session',
    {
      onRequest,
      config: { rateLimit: { max: limits.signInsPerMinute } },
      schema: {
        summary: 'The keeper signs in with the operator’s token; the answer sets a cookie',
        body: z.strictObject({ token: z.string().trim().min(1).max(tokenMost) }),
        response: { 200: signedIn },
      },
    },
    async (request, reply) => {
      const found = sessions.signIn(request.body.token);
      if (!found.ok) throw found.error.kind === 'wrong' ? wrong() : wait(found.error.waitMs);
      setCookie(request, reply, found.value.token, found.value.livesMs);
      return { signedIn: true };
    },
  );
  app.get(
    '/api/keeper/session',
    {
      schema: {
        summary: 'Whether this browser is signed in as the keeper',
        response: { 200: signedIn },
      },
    },
    async (request) => ({ signedIn: sessions.isKeeper(tokenOf(request) ?? '') }),
  );
  app.delete(
    '/api/keeper/session',
    { onRequest, schema: { summary: 'The keeper signs out', response: { 200: signedIn } } },
    async (request, reply) => {
      const token = tokenOf(request);
      if (token !== undefined) sessions.signOut(token);
      setCookie(request, reply, '', 0);
      return { signedIn: false };
    },
  );
}

const wrong = (): ProblemError =>
  new ProblemError({ status: 401, title: 'Not signed in', detail: 'This is not the token.' });

function wait(waitMs: number): ProblemError {
  const seconds = Math.ceil(waitMs / 1000);
  return new ProblemError(
    { status: 429, title: 'Too many tries', detail: `Wait ${seconds} s before the next.` },
    { 'retry-after': String(seconds) },
  );
}
