/** How commands reach the running hub: its API, usually as its operator. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { configFrom, hubEnvironment } from './environment.ts';

export type Json = { readonly json?: boolean };

const patienceMs = 5_000;

/** Asks the hub of this configuration, usually as its operator; throws a sentence when it does not run. */
export const ask = <T>(path: string, isPublic = false): Promise<T> =>
  call<T>(path, isPublic, { method: 'GET' }, patienceMs);

/** Tells the hub, as its operator, to do something. */
export const order = <T>(path: string, body: object, waitMs = patienceMs): Promise<T> =>
  call<T>(path, false, { method: 'POST', body: JSON.stringify(body) }, waitMs);

/** Tells the hub, as its operator, what something is from now on. */
export const replace = <T>(path: string, body: object): Promise<T> =>
  call<T>(path, false, { method: 'PUT', body: JSON.stringify(body) }, patienceMs);

async function call<T>(
  path: string,
  isPublic: boolean,
  request: { readonly method: string; readonly body?: string },
  waitMs: number,
): Promise<T> {
  const config = configFrom(hubEnvironment());
  const url = `http://127.0.0.1:${config.HTTP_PORT}`;
  const response = await fetch(`${url}${path}`, {
    ...request,
    headers: {
      ...(isPublic ? {} : operator(config)),
      ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    signal: AbortSignal.timeout(waitMs),
  }).catch(() => {
    throw new Error(`No hub answers at ${url}. Is it running? scripts/hub start`);
  });
  if (response.ok) return (await response.json()) as T;
  const problem = (await response.json()) as { title: string; detail?: string };
  throw new Error(`${problem.title}. ${problem.detail ?? ''}`.trim());
}

const operator = ({ HUB_DATA_DIR, HUB_OPERATOR_TOKEN }: Config) => ({
  authorization: `Bearer ${tokenOf(HUB_DATA_DIR, HUB_OPERATOR_TOKEN)}`,
});

function tokenOf(dataDir: string, token: string | undefined): string {
  if (token !== undefined) return token;
  try {
    return readFileSync(join(dataDir, 'operator-token'), 'utf8').trim();
  } catch {
    throw new Error(`No operator token in ${dataDir}. Set HUB_DATA_DIR to the hub's data folder.`);
  }
}

/** `--json` prints the API's own words, else one line per thing. */
export function print<T>(value: T, json: boolean | undefined, lines: (value: T) => string[]): void {
  const text = json ? JSON.stringify(value, null, 2) : lines(value).join('\n');
  process.stdout.write(`${text}\n`);
}

/** Cents as KES 30.00. */
export const kes = (cents: number): string => `KES ${(cents / 100).toFixed(2)}`;
