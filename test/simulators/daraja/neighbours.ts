/** A simulated M-Pesa with somebody to call it and somebody to be called back, over real sockets. */
import { constants, publicEncrypt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, request } from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import type { MpesaSimulatorOptions } from '../../../gateway/simulators/daraja/options.ts';
import {
  type MpesaSimulator,
  startMpesaSimulator,
} from '../../../gateway/simulators/daraja/simulator.ts';

export const shortcode = '174379';
const passkey = 'a-passkey';
const consumer = { consumerKey: 'a-key', consumerSecret: 'a-secret' };
const initiator = { initiatorName: 'testapi', initiatorPassword: 'Safe#Word1' };
/** 23 November 2026, 13:55:01 in Nairobi. */
export const startMs = Date.parse('2026-11-23T10:55:01Z');
export const timestamp = '20261123135501';

/** A neighbourhood so fast that every reaction takes the machine's least time. */
export const aClock = (speed = 1_000_000) => {
  let ms = startMs;
  const advance = (byMs: number) => {
    ms += byMs;
  };
  return { now: () => ms, speed, advance };
};

export const anMpesa = (options: Partial<MpesaSimulatorOptions> = {}): Promise<MpesaSimulator> =>
  startMpesaSimulator({
    port: 0,
    clock: aClock(),
    seed: 1,
    shortcode,
    passkey,
    emptyQueryShare: 0,
    ...consumer,
    ...initiator,
    ...options,
  });

export type Answer = { status: number; text: string; json: Record<string, string> };

const paths = {
  push: '/mpesa/stkpush/v1/processrequest',
  query: '/mpesa/stkpushquery/v1/query',
  payout: '/mpesa/b2c/v3/paymentrequest',
  status: '/mpesa/transactionstatus/v1/query',
  reversal: '/mpesa/reversal/v1/request',
  balance: '/mpesa/accountbalance/v1/query',
  register: '/mpesa/c2b/v2/registerurl',
  simulate: '/mpesa/c2b/v2/simulate',
  pullRegister: '/pulltransactions/v1/register',
  pull: '/pulltransactions/v1/query',
};

/** What the hub says to M-Pesa, as plain as it can be. */
export function aCaller({ url, publicKeyPem }: MpesaSimulator, callBackUrl: string) {
  async function post(path: string, fields: object, given?: string): Promise<Answer> {
    const token = given ?? (await authorise(url, 'a-key:a-secret')).json['access_token'];
    const answer = await fetch(url + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(fields),
    });
    return read(answer);
  }
  const credential = (password = initiator.initiatorPassword) => encrypted(publicKeyPem, password);
  const about = (changes: object) => ({
    SecurityCredential: credential(),
    PartyA: shortcode,
    Remarks: 'Energy sales',
    QueueTimeOutURL: `${callBackUrl}/late`,
    ResultURL: callBackUrl,
    ...changes,
  });
  const pushed = (phone: string, changes: object = {}) => ({
    ...pushFields(phone),
    CallBackURL: callBackUrl,
    ...changes,
  });
  return {
    credential,
    merchant,
    push: (phone: string, changes?: object) => post(paths.push, pushed(phone, changes)),
    pushWith: (token: string, phone: string) => post(paths.push, pushed(phone), token),
    query: (id: string | undefined) => post(paths.query, { ...merchant(), CheckoutRequestID: id }),
    payOut: (phone: string, changes: object = {}) =>
      post(paths.payout, about({ ...payoutFields(phone), ...changes })),
    ask: (changes: object) => post(paths.status, about({ ...statusFields, ...changes })),
    ...otherCalls(url, callBackUrl, post, about),
  };
}

type Post = (path: string, fields: object) => Promise<Answer>;
function otherCalls(
  url: string,
  callBackUrl: string,
  post: Post,
  about: (changes: object) => object,
) {
  const { PartyA: _party, ...reversing } = about({ ...reversalFields }) as { PartyA: string };
  const registration = {
    ...{ ShortCode: shortcode, ResponseType: 'Completed' },
    ConfirmationURL: `${callBackUrl}/paid`,
    ValidationURL: `${callBackUrl}/welcome`,
  };
  const pulled = { ShortCode: shortcode, RequestType: 'Pull', NominatedNumber: '254705912600' };
  const listed = (changes: object) => ({ ...listFields, ...changes });
  return {
    reverse: (receipt: string | undefined, changes: object = {}) =>
      post(paths.reversal, { ...reversing, TransactionID: receipt, ...changes }),
    balance: (changes: object = {}) => post(paths.balance, about({ ...balanceFields, ...changes })),
    register: (changes: object = {}) => post(paths.register, { ...registration, ...changes }),
    simulate: (phone: string, changes: object = {}) =>
      post(paths.simulate, { ...simulateFields, Msisdn: phone, ...changes }),
    pullRegister: () => post(paths.pullRegister, { ...pulled, CallBackURL: callBackUrl }),
    list: (changes: object = {}) => post(paths.pull, listed(changes)),
    listByGet: (changes: object = {}) => getWithBody(url + paths.pull, url, listed(changes)),
  };
}

/** As Pull is documented; fetch refuses to send such a request. */
async function getWithBody(address: string, url: string, fields: object): Promise<Answer> {
  const token = (await authorise(url, 'a-key:a-secret')).json['access_token'];
  const body = JSON.stringify(fields);
  const headers = {
    ...{ authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    'content-length': Buffer.byteLength(body),
  };
  const asking = request(address, { method: 'GET', headers }).end(body);
  const [answer] = await once(asking, 'response');
  const text = await textOf(answer);
  return { status: answer.statusCode, text, json: JSON.parse(text) };
}

const reversalFields = {
  Initiator: 'testapi',
  CommandID: 'TransactionReversal',
  Amount: '37',
  ReceiverParty: shortcode,
  RecieverIdentifierType: '11',
};

const balanceFields = { Initiator: 'testapi', CommandID: 'AccountBalance', IdentifierType: '4' };

const simulateFields = {
  ShortCode: shortcode,
  CommandID: 'CustomerPayBillOnline',
  Amount: '37',
  BillRefNumber: 'K7F3Q',
};

const listFields = {
  ShortCode: shortcode,
  StartDate: '2026-11-23 00:00:00',
  EndDate: '2026-11-23 23:59:59',
  OffSetValue: '0',
};

const merchant = (at = timestamp) => ({
  BusinessShortCode: shortcode,
  Password: Buffer.from(shortcode + passkey + at).toString('base64'),
  Timestamp: at,
});

const pushFields = (phone: string) => ({
  ...merchant(),
  TransactionType: 'CustomerPayBillOnline',
  Amount: 37,
  PartyA: phone,
  PartyB: shortcode,
  PhoneNumber: phone,
  AccountReference: 'K7F3Q0012A',
  TransactionDesc: 'Energy',
});

const payoutFields = (phone: string) => ({
  OriginatorConversationID: 'J7F3K2Q9A01ZK4M8TR',
  InitiatorName: 'testapi',
  CommandID: 'BusinessPayment',
  Amount: '37',
  PartyB: phone,
  Occassion: 'K7F3Q',
});

const statusFields = {
  Initiator: 'testapi',
  CommandID: 'TransactionStatusQuery',
  IdentifierType: '4',
  Occasion: 'OK',
};

const encrypted = (key: string, text: string): string =>
  publicEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, Buffer.from(text)).toString(
    'base64',
  );

/** Asks for a token with `key:secret`. */
export const authorise = async (url: string, keys: string): Promise<Answer> =>
  read(
    await fetch(`${url}/oauth/v1/generate?grant_type=client_credentials`, {
      headers: { authorization: `Basic ${Buffer.from(keys).toString('base64')}` },
    }),
  );

async function read(answer: Response): Promise<Answer> {
  const text = await answer.text();
  return { status: answer.status, text, json: text.startsWith('{') ? JSON.parse(text) : {} };
}

export type Callback = { path: string; headers: IncomingHttpHeaders; text: string };

/** The hub's ear: keeps every callback, and answers each with `status`. */
export async function anEar(status = 200, says = '{"ResultCode":0,"ResultDesc":"Accepted"}') {
  const heard: Callback[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    heard.push({ path: request.url ?? '', headers: request.headers, text });
    response.writeHead(status).end(says);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  return {
    heard,
    url: `http://127.0.0.1:${port}/api/payment/callback/5f0c2a9e4b7d1836aa90c3f2e1d45b60`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** M-Pesa, the hub's ear and the hub's mouth, all closed together. */
export async function aNeighbourhood(options: Partial<MpesaSimulatorOptions> = {}) {
  const things = new AsyncDisposableStack();
  const ear = things.use(await anEar());
  const mpesa = things.use(await anMpesa(options));
  const hub = aCaller(mpesa, ear.url);
  return { ear, mpesa, hub, [Symbol.asyncDispose]: () => things.disposeAsync() };
}

/** Waits until something is so, or gives up after 3 s of machine time. */
export async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; tries < 300 && !isSo(); tries += 1) await pause(10);
  if (!isSo()) throw new Error('waited in vain');
}

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Longer than any reaction in a fast neighbourhood takes. */
export const aWhileMs = 120;
