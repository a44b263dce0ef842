/** Pages of households as their phones hold them open: the event stream, a look now and then, a look after news. */
import { Agent, get, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** As gateway/pages/home.js asks. */
const nowEveryMs = 5_000;
const settleMs = 250;
const spreadMs = 4_000;
const news = /event: withdrawal\.paid\ndata: \{[^\n]*"amountCents":(\d+)/g;

const machineMs = (): number => Number(process.hrtime.bigint()) / 1e6;

export type Heard = { readonly number: number; readonly atMs: number };

export interface OpenPages extends Disposable {
  /** Pages whose stream is open. */
  connected(): number;
  readonly heard: Heard[];
  /** How long answers to `/api/me` and `/api/me/now` took, in ms. */
  readonly looks: { readonly me: number[]; readonly now: number[] };
  /** Answers other than 200, and streams that ended. */
  readonly refused: string[];
}

/** Each from an address of its own, as phones of a LAN are. */
export async function openPages(port: number, cookies: readonly string[]): Promise<OpenPages> {
  const pages = { heard: [] as Heard[], looks: { me: [], now: [] }, refused: [] as string[] };
  const ending = new AbortController();
  let connected = 0;
  for (const [number, cookie] of cookies.entries()) {
    const page = aPage({ port, number, cookie, signal: ending.signal }, pages);
    page.listen(() => {
      connected += 1;
    });
    // A neighbourhood does not open its pages in one moment.
    await sleep(5);
  }
  return {
    ...pages,
    connected: () => connected,
    [Symbol.dispose]: () => ending.abort(),
  };
}

type Place = {
  readonly port: number;
  readonly number: number;
  readonly cookie: string;
  readonly signal: AbortSignal;
};

function aPage(
  { port, number, cookie, signal }: Place,
  { heard, looks, refused }: Pick<OpenPages, 'heard' | 'looks' | 'refused'>,
) {
  const agent = new Agent({ keepAlive: true, maxSockets: 2 });
  const localAddress = `127.0.${1 + Math.floor(number / 250)}.${1 + (number % 250)}`;
  const ask = (path: string, take: (answer: IncomingMessage) => void): void => {
    const options = { host: '127.0.0.1', port, path, agent, localAddress, signal };
    const asking = get({ ...options, headers: { cookie } }, (answer) => {
      if (answer.statusCode !== 200) refused.push(`${path}: ${answer.statusCode}`);
      take(answer);
    });
    asking.on('error', (error) => {
      if (!signal.aborted) refused.push(`${path}: ${error.message}`);
    });
  };
  const look = (what: 'me' | 'now'): void => {
    const since = performance.now();
    ask(what === 'me' ? '/api/me' : '/api/me/now', (answer) => {
      answer.resume().once('end', () => looks[what].push(performance.now() - since));
    });
  };
  let isComing = false;
  const lookSoon = (withinMs: number): void => {
    if (isComing) return;
    isComing = true;
    const later = setTimeout(() => {
      isComing = false;
      if (!signal.aborted) look('me');
    }, withinMs);
    later.unref();
  };
  const every = setInterval(look, nowEveryMs, 'now');
  signal.addEventListener('abort', () => {
    clearInterval(every);
    agent.destroy();
  });
  const hear = (text: string): void => {
    for (const [, told] of text.matchAll(news))
      heard.push({ number: Number(told), atMs: machineMs() });
    if (text.includes('event: mine')) lookSoon(settleMs);
    if (text.includes('event: slot.closed')) lookSoon(settleMs + Math.random() * spreadMs);
  };
  return {
    listen: (onOpen: () => void): void => {
      look('me');
      ask('/api/events', (stream) => {
        onOpen();
        let rest = '';
        stream.setEncoding('utf8').on('data', (chunk: string) => {
          const whole = (rest + chunk).split('\n\n');
          rest = whole.pop() ?? '';
          hear(whole.join('\n\n'));
        });
        stream.once('close', () => {
          if (!signal.aborted) refused.push('a stream ended');
        });
        stream.on('error', () => {});
      });
    },
  };
}
