/** A callback listener before a desk that knows one path, and people who knock at it. */
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import {
  type CallbackOptions,
  openCallbackListener,
} from '../../../gateway/adapters/web/callback-listener.ts';
import type { CallbackDesk } from '../../../gateway/ports/desk.ts';
import { fakeLog } from './fake-desk.ts';

export const known = 'ab'.repeat(16);
export const json = { 'content-type': 'application/json' };
export const hello = '{"Body":{"stkCallback":{"ResultCode":0}}}';
export const patienceMs = 5_000;

/** Knows one path, or some, and keeps what arrives there. `asked` are the paths that it was asked to keep for. */
export function fakeCallbackDesk(
  answer: ReturnType<CallbackDesk['keep']> = 'kept',
  paths: readonly string[] = [known],
) {
  const kept: string[] = [];
  const asked: string[] = [];
  const keep: CallbackDesk['keep'] = (token, body) => {
    asked.push(token);
    if (!paths.includes(token)) return 'unknown';
    if (answer === 'kept') kept.push(Buffer.from(body).toString());
    return answer;
  };
  const useOf: CallbackDesk['useOf'] = (token) => (paths.includes(token) ? 'once' : 'none');
  return { useOf, keep, kept, asked };
}

export async function opened(changes: Partial<CallbackOptions> = {}, desk = fakeCallbackDesk()) {
  const log = fakeLog();
  const listener = await openCallbackListener({ port: 0, desk, log, ...changes });
  const url = `http://127.0.0.1:${listener.port}/api/payment/callback`;
  const post = async (
    body: string | Uint8Array<ArrayBuffer>,
    { token = known, headers = json }: { token?: string; headers?: Record<string, string> } = {},
  ) => {
    const response = await fetch(`${url}/${token}`, { method: 'POST', headers, body });
    return { status: response.status, text: await response.text(), headers: response.headers };
  };
  return {
    desk,
    log,
    listener,
    url,
    post,
    [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose](),
  };
}

/** Writes raw bytes and returns all that comes back until the hub hangs up, with how long it took. */
export async function raw(port: number, bytes: string, drip?: { text: string; everyMs: number }) {
  const socket = connect(port, '127.0.0.1');
  const began = performance.now();
  let heard = '';
  socket.on('data', (chunk) => {
    heard += chunk;
  });
  socket.on('error', () => {});
  // Cut off while it talks, it may see a reset: that is a close like any other.
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.write(bytes);
  const dripping = setInterval(
    () => socket.writable && socket.write(drip?.text ?? ''),
    drip?.everyMs ?? 1_000,
  );
  await Promise.race([closed, pause(patienceMs)]);
  clearInterval(dripping);
  socket.destroy();
  return { heard, tookMs: performance.now() - began };
}
