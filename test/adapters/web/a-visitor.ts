/** Calls as the hub's own page makes them, unless the test says otherwise. */
import type { LivedDay } from '../../pages/a-lived-day.ts';

export type Call = {
  readonly method?: string;
  readonly body?: unknown;
  readonly cookie?: string;
  readonly origin?: string | null;
};

/** `origin` null: a caller that says of no page that it comes from there. */
export async function call(
  day: LivedDay,
  path: string,
  { method, body, cookie, origin }: Call = {},
) {
  const from = origin === undefined ? day.url : origin;
  const response = await fetch(`${day.url}${path}`, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      ...(from === null ? {} : { origin: from }),
      ...(cookie === undefined ? {} : { cookie }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const json = response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : {};
  return { status: response.status, text, json, headers: response.headers };
}
