/** Carries callbacks to the URL that a request named: once, whatever the receiver answers, as M-Pesa does. */
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

/** How long a receiver may take, in machine ms. */
const deadlineMs = 10_000;
/** Callbacks under way at once; one more is lost, as on a bad day at M-Pesa. */
const underWayMax = 1_000;

export type Courier = {
  /** Sends and forgets: a callback that does not arrive never comes again. */
  send(url: string, body: object): void;
  /** During an outage nothing is sent, and what was due is lost. */
  pause(): void;
  resume(): void;
  close(): void;
};

/** Opens the courier; `shortcode` goes into the header that M-Pesa sends with its callbacks. */
export function openCourier(shortcode: string): Courier {
  const closing = new AbortController();
  let underWay = 0;
  let paused = false;

  function send(url: string, body: object): void {
    if (paused || closing.signal.aborted || underWay >= underWayMax) return;
    const text = JSON.stringify(body);
    const open = url.startsWith('https:') ? requestHttps : requestHttp;
    underWay += 1;
    const sending = open(url, {
      method: 'POST',
      agent: false,
      signal: AbortSignal.any([closing.signal, AbortSignal.timeout(deadlineMs)]),
      headers: {
        Businessshortcode: shortcode,
        'Content-Type': 'application/json;charset=UTF-8',
        'Content-Length': Buffer.byteLength(text),
      },
    });
    sending.on('response', (answer) => answer.on('error', ignore).resume());
    sending.on('error', ignore);
    sending.on('close', () => {
      underWay -= 1;
    });
    sending.end(text);
  }

  return {
    send,
    pause: () => {
      paused = true;
    },
    resume: () => {
      paused = false;
    },
    close: () => closing.abort(),
  };
}

/** A callback that fails to arrive is M-Pesa's daily life, not our fault. */
function ignore(): void {}
