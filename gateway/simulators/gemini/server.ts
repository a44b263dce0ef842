/** Stands in for Google's Gemini over HTTP: `POST /v1beta/models/<model>:generateContent`. */
import type { IncomingMessage } from 'node:http';
import { type InterruptibleServer, listenInterruptibly } from '../interruptible-server.ts';
import { answers, type GeminiMode, json } from './answers.ts';

export interface GeminiSimulator extends InterruptibleServer {
  setMode(mode: GeminiMode): void;
  /** Bodies of the newest requests, as they came; at most 200. */
  readonly prompts: readonly string[];
  /** Requests with a right key and path since the start. */
  asked(): number;
}

export type GeminiOptions = {
  /** The only key that is let in; default: any. */
  readonly apiKey?: string;
  /** 0 (default): any free port. */
  readonly port?: number;
};

const path = /^\/v1beta\/models\/([\w.-]{1,64}):generateContent$/;
const promptsMax = 200;
const bodyBytesMax = 65_536;

export async function startGeminiSimulator(options: GeminiOptions = {}): Promise<GeminiSimulator> {
  const prompts: string[] = [];
  let mode: GeminiMode = 'ok';
  let asked = 0;
  const server = await listenInterruptibly((request, response) => {
    const model = path.exec(request.url ?? '')?.[1];
    const key = request.headers['x-goog-api-key'];
    if (request.method !== 'POST' || model === undefined) {
      return json(response, 404, { error: { code: 404, status: 'NOT_FOUND' } });
    }
    if (!key || (options.apiKey !== undefined && key !== options.apiKey)) {
      return json(response, 400, {
        error: { code: 400, message: 'API key not valid.', status: 'INVALID_ARGUMENT' },
      });
    }
    readBody(request, (body) => {
      asked += 1;
      prompts.push(body);
      if (prompts.length > promptsMax) prompts.shift();
      answers[mode](response, promptIn(body), model);
    });
    return undefined;
  }, options.port);
  return {
    ...server,
    prompts,
    asked: () => asked,
    setMode: (next) => {
      mode = next;
    },
  };
}

function readBody(request: IncomingMessage, then: (body: string) => void): void {
  const parts: Buffer[] = [];
  let bytes = 0;
  request.on('data', (part: Buffer) => {
    bytes += part.length;
    if (bytes > bodyBytesMax) request.destroy();
    else parts.push(part);
  });
  request.on('end', () => then(Buffer.concat(parts).toString('utf8')));
}

/** The text of the last turn; empty when the body is not a request that Gemini knows. */
function promptIn(body: string): string {
  try {
    const request = JSON.parse(body) as { contents?: { parts?: { text?: string }[] }[] };
    return request.contents?.at(-1)?.parts?.[0]?.text ?? '';
  } catch {
    return '';
  }
}
