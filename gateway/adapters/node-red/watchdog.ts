/** Asks Node-RED whether it lives, over its loopback address. A process in a loop answers nobody. */
import { get } from 'node:http';
import type { Patience } from './limits.ts';

/** Public in Node-RED, short, and answered by the thread on which the flows run. */
const path = '/red/auth/login';

export type Watch = {
  readonly port: number;
  readonly patience: Patience;
  readonly onAnswer: () => void;
  /** It did not come up in time, or missed too often. Called once. */
  readonly onSilent: () => void;
};

/** Watches from now on; returns what ends watching. */
export function watchOver({ port, patience, onAnswer, onSilent }: Watch): () => void {
  const { askEveryMs, answerMs, missesMost, startMs } = patience;
  const startedAt = performance.now();
  let [misses, hasAnswered, isOver] = [0, false, false];
  let timer: NodeJS.Timeout | undefined;
  const next = (): void => {
    if (!isOver) timer = setTimeout(ask, hasAnswered ? askEveryMs : Math.min(askEveryMs, 250));
  };
  const missed = (): void => {
    misses += 1;
    const isSilent = hasAnswered ? misses >= missesMost : performance.now() - startedAt > startMs;
    if (!isSilent) return next();
    isOver = true;
    onSilent();
  };
  const ask = (): void => {
    answers(port, answerMs).then((lives) => {
      if (isOver) return;
      if (!lives) return missed();
      [misses, hasAnswered] = [0, true];
      onAnswer();
      next();
    }, missed);
  };
  next();
  return () => {
    isOver = true;
    clearTimeout(timer);
  };
}

/** Any answer is a sign of life. */
export function answers(port: number, withinMs: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const request = get({ host: '127.0.0.1', port, path, agent: false });
  const timer = setTimeout(() => request.destroy(), withinMs);
  request.once('response', (response) => {
    response.resume();
    resolve(true);
  });
  // Errors come before it, and mean the same.
  request.on('error', () => {});
  request.once('close', () => {
    clearTimeout(timer);
    resolve(false);
  });
  return promise;
}
