/** What one call of M-Pesa's API is to the simulator: a row of the table in `routes.ts`. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Reply } from './replies.ts';

export const callNames = [
  'oauth',
  'stk-push',
  'stk-query',
  'b2c',
  'transaction-status',
  'reversal',
  'account-balance',
  'pull-register',
  'pull-query',
  'c2b-register',
  'c2b-simulate',
] as const;
export type CallName = (typeof callNames)[number];

export type CallRequest = {
  readonly headers: IncomingHttpHeaders;
  readonly query: URLSearchParams;
  /** The JSON body; undefined when there is none or it is not JSON. */
  readonly body: unknown;
};

export type Call = {
  readonly name: CallName;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** Whether it wants an access token. */
  readonly needsToken: boolean;
  answer(request: CallRequest): Reply;
};
