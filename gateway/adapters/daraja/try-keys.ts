/** Signs in once, to see whether keys are right before a hub lives by them (Daraja, Authorization). */
import { openHttp } from './http.ts';
import { openPace } from './pace.ts';
import { Secret } from './secret.ts';
import { openSignIn } from './sign-in.ts';

export type Keys = {
  readonly baseUrl: string;
  readonly consumerKey: string;
  readonly consumerSecret: string;
};
export type Tried =
  | { readonly kind: 'taken' }
  | { readonly kind: 'refused' | 'away'; readonly why: string };

const deadlineMs = 15_000;

/** Moves nothing. A new token may end the one that a running hub holds, which then asks for another. */
export async function tryKeys({ baseUrl, consumerKey, consumerSecret }: Keys): Promise<Tried> {
  const ending = new AbortController();
  const elapsedMs = () => performance.now();
  const { pass } = openSignIn({
    http: openHttp(baseUrl, deadlineMs, ending.signal),
    pace: openPace(1, elapsedMs, ending.signal),
    elapsedMs,
    consumerKey: new Secret(consumerKey),
    consumerSecret: new Secret(consumerSecret),
  });
  const got = await pass();
  ending.abort();
  if (got.kind === 'pass') return { kind: 'taken' };
  return { kind: got.kind === 'misconfigured' ? 'refused' : 'away', why: got.why };
}
