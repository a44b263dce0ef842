/** One request to a public address, on a connection of its own: a kept one would prove only that it was kept. */
import { request as requestPlain } from 'node:http';
import { request as requestSecure } from 'node:https';

export type Visited = { readonly status: number; readonly text: string };

export type VisitOptions = {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
};

/** Rejects when nothing answers before the signal aborts. Follows no redirect. */
export type Visit = (url: string, signal: AbortSignal, options?: VisitOptions) => Promise<Visited>;

const answerBytesMost = 4_096;

/** Asks over the network. An answer that is longer than a page of ours is cut off. */
export const visit: Visit = (url, signal, { method = 'GET', headers = {}, body = '' } = {}) =>
  new Promise((resolve, reject) => {
    const ask = url.startsWith('https:') ? requestSecure : requestPlain;
    const asking = ask(url, { method, headers: { ...ourName, ...headers }, agent: false, signal });
    asking.on('error', reject);
    asking.on('response', (response) => {
      const status = response.statusCode ?? 0;
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        if (text.length <= answerBytesMost) return;
        resolve({ status, text: text.slice(0, answerBytesMost) });
        asking.destroy();
      });
      response.on('end', () => resolve({ status, text }));
      response.on('error', reject);
    });
    asking.end(body);
  });

/** Services that put a page before visitors let everything pass that is no browser. */
const ourName = { 'user-agent': 'jirani-hub' };
