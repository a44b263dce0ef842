/** Who is at the page: the household whose session the browser's cookie names. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { SessionDesk } from '../../ports/me-desk.ts';
import { ProblemError } from './problem.ts';

const cookieName = 'jirani_session';
const cookie = new RegExp(`(?:^|;\\s*)${cookieName}=([\\w-]{43})(?:;|$)`);

export interface SessionGate {
  /** The household of the cookie; undefined for strangers and for a session that is over. */
  householdOf(request: FastifyRequest): string | undefined;
  /** The household, or a 401 problem. */
  household(request: FastifyRequest): string;
  tokenOf(request: FastifyRequest): string | undefined;
  /** An onRequest hook: only a household passes, and a change only from a page of this hub. */
  householdOnly(request: FastifyRequest): Promise<void>;
}

export function sessionGate(sessions: SessionDesk): SessionGate {
  const tokenOf = ({ headers }: FastifyRequest) => cookie.exec(headers.cookie ?? '')?.[1];
  const householdOf = (request: FastifyRequest): string | undefined => {
    const token = tokenOf(request);
    return token === undefined ? undefined : sessions.householdOf(token);
  };
  const household = (request: FastifyRequest): string => {
    const found = householdOf(request);
    if (found === undefined) throw signedOut();
    return found;
  };
  return {
    householdOf,
    household,
    tokenOf,
    householdOnly: async (request) => {
      refuseForeignPages(request);
      household(request);
    },
  };
}

/** A browser says with every change from which page it comes; a page of somebody else may not use the cookie. */
export function refuseForeignPages({ method, headers }: FastifyRequest): void {
  if (method === 'GET' || method === 'HEAD') return;
  const { origin, host } = headers;
  if (origin !== undefined && host !== undefined && hostOf(origin) === host) return;
  throw new ProblemError({
    status: 403,
    title: 'Not from this page',
    detail: 'Only a page of this hub may change something for a household.',
  });
}

const hostOf = (origin: string): string | undefined => URL.parse(origin)?.host;

/** Scripts cannot read it, other sites cannot use it, and where the hub has TLS it never goes without. */
export function setCookie(
  request: FastifyRequest,
  reply: FastifyReply,
  token: string,
  livesMs: number,
): void {
  const secure = request.protocol === 'https' ? '; Secure' : '';
  const age = Math.floor(livesMs / 1000);
  reply.header(
    'set-cookie',
    `${cookieName}=${token}; Path=/; Max-Age=${age}; HttpOnly; SameSite=Strict${secure}`,
  );
}

const signedOut = (): ProblemError =>
  new ProblemError({ status: 401, title: 'Signed out', detail: 'Sign in with your PIN or code.' });
