/** Carries one letter to one URL and tells what the receiver answered; it never tries again, as M-Pesa does not. */
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

/** How long a receiver may take, in machine ms. */
const deadlineMs = 10_000;
/** Letters under way at once; others wait for their turn. */
const underWayMax = 32;
/** Letters that may wait; one more is lost, as on a bad day at M-Pesa. */
const waitingMax = 20_000;
/** What is read of an answer. */
const answerMaxBytes = 4_096;

/** Status 0: nobody answered. */
export type Delivery = { readonly status: number; readonly text: string };
const undelivered: Delivery = { status: 0, text: '' };

export type Courier = {
  /** Never rejects. `withinMs` is machine time. */
  carry(url: string, text: string, withinMs?: number): Promise<Delivery>;
  /** During an outage nothing is sent, and what was due is lost. */
  pause(): void;
  resume(): void;
  close(): void;
};

/** Opens the courier; `shortcode` goes into the header that M-Pesa sends with its callbacks. */
export function openCourier(shortcode: string): Courier {
  const closing = new AbortController();
  const waiting: (() => void)[] = [];
  let underWay = 0;
  let paused = false;

  async function carry(url: string, text: string, withinMs = deadlineMs): Promise<Delivery> {
    if (waiting.length >= waitingMax) return undelivered;
    if (underWay >= underWayMax)
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
      });
    if (paused || closing.signal.aborted) {
      waiting.shift()?.();
      return undelivered;
    }
    underWay += 1;
    try {
      const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(withinMs)]);
      return await post(url, text, shortcode, signal);
    } catch {
      // A callback that fails to arrive is M-Pesa's daily life, not our fault.
      return undelivered;
    } finally {
      underWay -= 1;
      waiting.shift()?.();
    }
  }

  return {
    carry,
    pause: () => {
      paused = true;
    },
    resume: () => {
      paused = false;
    },
    close: () => closing.abort(),
  };
}

async function post(
  url: string,
  text: string,
  shortcode: string,
  signal: AbortSignal,
): Promise<Delivery> {
  const open = url.startsWith('https:') ? requestHttps : requestHttp;
  const { promise, resolve, reject } = Promise.withResolvers<Delivery>();
  const sending = open(url, {
    method: 'POST',
    agent: false,
    signal,
    headers: {
      Businessshortcode: shortcode,
      'Content-Type': 'application/json;charset=UTF-8',
      'Content-Length': Buffer.byteLength(text),
    },
  });
  sending.on('error', reject);
  sending.on('response', (answer) => {
    let said = '';
    answer.setEncoding('utf8').on('data', (part: string) => {
      if (said.length < answerMaxBytes) said += part;
    });
    answer.on('error', reject);
    answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text: said }));
  });
  sending.end(text);
  return await promise;
}
