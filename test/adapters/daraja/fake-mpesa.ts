/** M-Pesa as one test wants it: answers from a list per path, the last one again and again. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type FakeAnswer = {
  readonly status?: number;
  /** An object becomes JSON; text goes out as it is. */
  readonly body?: unknown;
  /** Closes the connection without an answer. */
  readonly hangUp?: boolean;
  /** Sends one blank every so many ms and never ends. */
  readonly dripMs?: number;
  /** Never answers. */
  readonly silent?: boolean;
};

/** An answer, or what the answer depends on. */
export type FakeLine = FakeAnswer | ((request: SeenRequest) => FakeAnswer);

export type SeenRequest = {
  readonly method: string;
  readonly path: string;
  readonly authorization: string;
  readonly contentType: string | undefined;
  readonly body: Record<string, unknown>;
};

export type FakeMpesa = {
  readonly baseUrl: string;
  readonly seen: SeenRequest[];
  seenOn(path: string): SeenRequest[];
  answer(path: string, ...answers: FakeLine[]): void;
  close(): Promise<void>;
};

export const oauthPath = '/oauth/v1/generate';
export const pushPath = '/mpesa/stkpush/v1/processrequest';
export const queryPath = '/mpesa/stkpushquery/v1/query';
export const payoutPath = '/mpesa/b2c/v3/paymentrequest';
export const statusPath = '/mpesa/transactionstatus/v1/query';
export const reversalPath = '/mpesa/reversal/v1/request';
export const balancePath = '/mpesa/accountbalance/v1/query';
export const confirmationsPath = '/mpesa/c2b/v2/registerurl';
export const listRegisterPath = '/pulltransactions/v1/register';
export const listPath = '/pulltransactions/v1/query';

export const aToken = (text = 'token-one', expiresIn: unknown = '3599'): FakeAnswer => ({
  body: { access_token: text, expires_in: expiresIn },
});
export const anError = (errorCode: string, errorMessage = '', status = 500): FakeAnswer => ({
  status,
  body: { requestId: '1c5b', errorCode, errorMessage },
});
export const aRinging: FakeAnswer = {
  body: {
    MerchantRequestID: '2654-4b64-97ff',
    CheckoutRequestID: 'ws_CO_231120261355027708374149',
    ResponseCode: '0',
    ResponseDescription: 'Success',
    CustomerMessage: 'Success',
  },
};

/** What M-Pesa says at first to an order or a question in the initiator's name. */
export const taken: FakeAnswer = {
  body: {
    ConversationID: 'AG_20261123_20106e9209f64bebd05b',
    OriginatorConversationID: 'J7F3K2Q9A01ZK4M8TR',
    ResponseCode: '0',
    ResponseDescription: 'Accept the service request successfully.',
  },
};

const nothingHere: FakeAnswer = { status: 404, body: 'nothing here' };

export async function startFakeMpesa(): Promise<FakeMpesa> {
  const script = new Map<string, FakeLine[]>([[oauthPath, [aToken()]]]);
  const seen: SeenRequest[] = [];
  const server = createServer(async (request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    const asked = await seenIn(path, request);
    seen.push(asked);
    const answers = script.get(path) ?? [];
    const line = (answers.length > 1 ? answers.shift() : answers[0]) ?? nothingHere;
    give(typeof line === 'function' ? line(asked) : line, request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    seenOn: (path) => seen.filter((request) => request.path === path),
    answer: (path, ...answers) => void script.set(path, answers),
    close: () => closed(server),
  };
}

async function seenIn(path: string, request: IncomingMessage): Promise<SeenRequest> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return {
    method: request.method ?? '',
    path,
    authorization: request.headers.authorization ?? '',
    contentType: request.headers['content-type'],
    body: text === '' ? {} : JSON.parse(text),
  };
}

function give(answer: FakeAnswer, request: IncomingMessage, response: ServerResponse): void {
  if (answer.silent) return;
  if (answer.hangUp) return void request.socket.destroy();
  const { status = 200, body = '' } = answer;
  response.writeHead(status, { 'Content-Type': 'application/json' });
  if (answer.dripMs === undefined) {
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
    return;
  }
  const dripping = setInterval(() => response.write(' '), answer.dripMs);
  response.on('close', () => clearInterval(dripping));
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}
