/** The only place that knows axios. It tells apart what left this machine from what did not. */
import http from 'node:http';
import https from 'node:https';
import type { TLSSocket } from 'node:tls';
import axios from 'axios';

const usualAnswerBytesMost = 65_536;

export type JsonObject = Readonly<Record<string, unknown>>;

export type Exchange =
  /** `body` is undefined when the answer is no JSON object; `empty` when it has no text at all. */
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly body: JsonObject | undefined;
      readonly empty: boolean;
    }
  /** The request may have arrived. */
  | { readonly kind: 'unclear'; readonly why: string }
  /** No byte of the request left this machine. */
  | { readonly kind: 'not-sent'; readonly why: string };

export type Request = {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly authorization: string;
  /** Sent with a GET too: Daraja documents one so (Pull Transactions). */
  readonly body?: JsonObject;
  /** How large an answer may be; 64 KiB unless told. */
  readonly answerBytesMost?: number;
};

export type Http = (request: Request) => Promise<Exchange>;

/** `deadlineMs` bounds the whole call, also a body that arrives byte by byte; `ending` cuts it short. */
export function openHttp(baseUrl: string, deadlineMs: number, ending: AbortSignal): Http {
  const base = baseUrl.replace(/\/+$/, '');
  // A connection kept from an earlier call may die just as the next one is written, and then nobody
  // knows whether M-Pesa read it. At one call a second a fresh connection is cheap.
  const agents = {
    httpAgent: new http.Agent({ keepAlive: false }),
    httpsAgent: new https.Agent({ keepAlive: false }),
  };
  return async ({ method, path, authorization, body, answerBytesMost = usualAnswerBytesMost }) => {
    const url = `${base}${path}`;
    const line = watchedLine(url);
    try {
      const { status, data } = await axios.request<string>({
        ...agents,
        method,
        url,
        data: body,
        headers: {
          Accept: 'application/json',
          Authorization: authorization,
          ...(body && { 'Content-Type': 'application/json' }),
        },
        // axios's own timeout starts anew with each byte of a dripping answer; the signal does not.
        signal: AbortSignal.any([AbortSignal.timeout(deadlineMs), ending]),
        transport: line.transport,
        // A followed 307 would carry the bearer token along.
        maxRedirects: 0,
        maxContentLength: answerBytesMost,
        proxy: false,
        responseType: 'text',
        transformResponse: (text: unknown) => text,
        validateStatus: () => true,
      });
      return { kind: 'answered', status, body: readObject(data), empty: data.trim() === '' };
    } catch (problem) {
      // An axios error carries the request with its secrets; only its code leaves this file.
      return { kind: line.open() ? 'unclear' : 'not-sent', why: codeOf(problem) };
    }
  };
}

/**
 * Watches whether the connection ever opened. Node writes a request only after the TCP connect, and with
 * TLS after the handshake; a refused port, an unknown name or a wrong certificate comes before.
 */
function watchedLine(url: string) {
  let opened = false;
  const secure = url.startsWith('https:');
  const open = () => {
    opened = true;
  };
  const watch = (socket: TLSSocket) => {
    if (socket.connecting) socket.once(secure ? 'secureConnect' : 'connect', open);
    else open();
  };
  const request = (options: https.RequestOptions, answer: (from: http.IncomingMessage) => void) =>
    (secure ? https : http).request(options, answer).once('socket', watch);
  return { transport: { request }, open: () => opened };
}

/** A JSON object, or undefined for anything else: HTML, an array, half a text. */
function readObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}

function codeOf(problem: unknown): string {
  const code = problem instanceof Error && 'code' in problem ? String(problem.code) : '';
  if (code === 'ERR_CANCELED') return 'no answer in time';
  return /^[A-Z0-9_]{1,48}$/.test(code) ? code : 'connection failed';
}
