/** What goes wrong at the door, told as RFC 9457 problem details. */
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { Problem } from '../../ports/desk.ts';
import type { Log } from '../../ports/log.ts';

export type DoorProblem = Omit<Problem, 'status'> & { readonly status: number };

const stackLinesMax = 5;

/** An answer that is a problem. Thrown inside a route, and only there; the caller reads it as it stands. */
export class ProblemError extends Error {
  readonly problem: DoorProblem;
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(problem: DoorProblem, headers: Readonly<Record<string, string>> = {}) {
    super(problem.title);
    this.name = 'ProblemError';
    this.problem = problem;
    this.statusCode = problem.status;
    this.headers = headers;
  }
}

const problemOfStatus: Readonly<Record<number, Omit<DoorProblem, 'status'>>> = {
  400: { title: 'Bad request', detail: 'The body is not JSON that this call understands.' },
  404: { title: 'Not found', detail: 'There is nothing here.' },
  413: { title: 'Too large', detail: 'The body is larger than this call accepts.' },
  415: { title: 'Unsupported media type', detail: 'Send application/json.' },
};

export const notFound = (): ProblemError => new ProblemError(framed(404));

/** Sends any error as a problem. What is not the caller's fault is logged without its message: it may hold a phone. */
export const problemAnswer =
  (log: Log) =>
  (error: FastifyError | ProblemError, request: FastifyRequest, reply: FastifyReply) => {
    if (error instanceof ProblemError) return sendProblem(reply, error);
    const status = error.statusCode ?? 500;
    if (status in problemOfStatus) return sendProblem(reply, new ProblemError(framed(status)));
    log.error('a request failed', {
      route: request.routeOptions.url,
      error: error.name,
      where: stackWithoutMessage(error),
    });
    const detail = 'The hub could not answer; its log says where it failed.';
    return sendProblem(reply, new ProblemError({ status: 500, title: 'Internal error', detail }));
  };

function sendProblem(reply: FastifyReply, { problem, headers }: ProblemError): FastifyReply {
  return reply
    .code(problem.status)
    .headers(headers)
    .type('application/problem+json')
    .send(JSON.stringify({ type: 'about:blank', ...problem }));
}

function framed(status: number): DoorProblem {
  const words = problemOfStatus[status];
  if (words === undefined) throw new RangeError(`no words for status ${status}`);
  return { status, ...words };
}

const stackWithoutMessage = (error: Error): readonly string[] =>
  (error.stack ?? '')
    .split('\n')
    .filter((line) => line.startsWith('    at '))
    .slice(0, stackLinesMax)
    .map((line) => line.trim());
