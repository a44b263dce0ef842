/** Who is the operator: the one who shows the token, or whose browser has signed in with it. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { ProblemError } from './problem.ts';

const bearer = /^Bearer ([\x21-\x7e]{1,512})$/i;

export interface OperatorGate {
  /** True for the operator, false for a stranger without token and cookie; a wrong token is a 401 problem. */
  isOperator(request: FastifyRequest): boolean;
  /** An onRequest hook: nobody but the operator comes past it, and no body of theirs is read. */
  operatorOnly(request: FastifyRequest): Promise<void>;
  /** An onRequest hook of calls at which a flow may look too. */
  readersOnly(request: FastifyRequest): Promise<void>;
}

/** Compares in constant time. Throws when the token is empty: that would let everybody in. */
export function operatorGate(
  operatorToken: string,
  readToken?: string,
  isKeeper: (request: FastifyRequest) => boolean = () => false,
): OperatorGate {
  if (operatorToken === '') throw new RangeError('the operator token is empty');
  const expected = digest(operatorToken);
  const reader = readToken === undefined || readToken === '' ? undefined : digest(readToken);

  const isOperator = (request: FastifyRequest): boolean => {
    const { headers } = request;
    if (headers.authorization === undefined) return isKeeper(request);
    const shown = bearer.exec(headers.authorization)?.[1];
    // Digests have one length, so the comparison tells nothing about the token's.
    if (shown !== undefined && timingSafeEqual(digest(shown), expected)) return true;
    throw unauthorized('The token is not the operator’s.', ', error="invalid_token"');
  };

  const isReader = ({ headers }: FastifyRequest): boolean => {
    const shown = bearer.exec(headers.authorization ?? '')?.[1];
    return reader !== undefined && shown !== undefined && timingSafeEqual(digest(shown), reader);
  };
  const operatorOnly = async (request: FastifyRequest): Promise<void> => {
    if (!isOperator(request)) throw unauthorized('This call is for the operator.', '');
  };

  return {
    isOperator,
    operatorOnly,
    readersOnly: async (request) => {
      if (!isReader(request)) await operatorOnly(request);
    },
  };
}

const unauthorized = (detail: string, why: string): ProblemError =>
  new ProblemError(
    { status: 401, title: 'Unauthorized', detail },
    { 'www-authenticate': `Bearer realm="jirani"${why}` },
  );

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
