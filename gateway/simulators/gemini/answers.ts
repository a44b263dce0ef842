/** What the simulated Gemini says, good and bad. Bodies have the form of the REST API v1beta. */
import type { ServerResponse } from 'node:http';

export type GeminiMode =
  | 'ok'
  | 'too-many-requests'
  | 'unavailable'
  | 'blocked'
  | 'safety'
  | 'max-tokens'
  | 'empty'
  | 'html'
  | 'hang'
  | 'slow-body'
  | 'garbage'
  | 'wild-numbers'
  | 'unknown-key';

/** Seconds that a 429 asks to wait. */
export const retryDelaySeconds = 37;

type Say = (response: ServerResponse, prompt: string, model: string) => void;

export const answers: Record<GeminiMode, Say> = {
  ok: (response, prompt, model) => json(response, 200, candidate(opinionOn(prompt), model)),
  'too-many-requests': (response) =>
    json(response, 429, {
      error: {
        code: 429,
        message: 'You exceeded your current quota',
        status: 'RESOURCE_EXHAUSTED',
        details: [
          {
            '@type': 'type.googleapis.com/google.rpc.RetryInfo',
            retryDelay: `${retryDelaySeconds}s`,
          },
        ],
      },
    }),
  unavailable: (response) =>
    json(response, 503, {
      error: { code: 503, message: 'The model is overloaded', status: 'UNAVAILABLE' },
    }),
  blocked: (response) =>
    json(response, 200, { promptFeedback: { blockReason: 'PROHIBITED_CONTENT' } }),
  safety: (response) => json(response, 200, { candidates: [{ finishReason: 'SAFETY', index: 0 }] }),
  'max-tokens': (response, _prompt, model) =>
    json(response, 200, candidate('{"action":"sell","sellWh":15', model, 'MAX_TOKENS')),
  empty: (response) => json(response, 200, { usageMetadata: {} }),
  html: (response) => {
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end('<html>Sign in to the network</html>');
  },
  hang: () => undefined,
  'slow-body': (response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write('{"candidates":[');
  },
  garbage: (response, _prompt, model) =>
    json(response, 200, candidate('Sure! I would sell 2 kWh.', model)),
  'wild-numbers': (response, _prompt, model) =>
    json(
      response,
      200,
      candidate('{"action":"sell","sellWh":-1e300,"english":"all","swahili":"zote"}', model),
    ),
  'unknown-key': (response, _prompt, model) => {
    const words = { english: 'pay me', swahili: 'nilipe' };
    const opinion = { action: 'sell', sellWh: 1000, ...words, to: '254700000000' };
    json(response, 200, candidate(JSON.stringify(opinion), model));
  },
};

/** Sells what the question's rule would sell, in hundreds of Wh; the reason carries marks that a page must not trust. */
function opinionOn(prompt: string): string {
  const sellWh = Number(/"sellWh":(\d+)/.exec(prompt)?.[1] ?? 0);
  const lessWh = Math.floor((sellWh * 0.9) / 100) * 100;
  return JSON.stringify({
    action: lessWh > 0 ? 'sell' : 'hold',
    sellWh: lessWh,
    english:
      lessWh > 0
        ? `The sun is strong today: sell <b>${lessWh} Wh</b> & keep the rest.`
        : 'Evening is near: keep what you have.',
    swahili:
      lessWh > 0 ? `Jua ni kali leo: uza Wh ${lessWh}.` : 'Jioni inakaribia: weka ulichonacho.',
  });
}

function candidate(text: string, model: string, finishReason = 'STOP'): unknown {
  return {
    candidates: [
      {
        content: { role: 'model', parts: [{ text, thoughtSignature: 'abc' }] },
        finishReason,
        index: 0,
      },
    ],
    usageMetadata: { promptTokenCount: 212, candidatesTokenCount: 48, totalTokenCount: 260 },
    modelVersion: model,
  };
}

export function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=UTF-8' });
  response.end(JSON.stringify(body));
}
