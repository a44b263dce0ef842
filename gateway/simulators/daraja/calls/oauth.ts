/** GET /oauth/v1/generate: an access token for the app's key and secret. */
import type { Call } from '../call.ts';
import type { Names } from '../names.ts';
import type { Settings } from '../options.ts';
import { accepted, refused } from '../replies.ts';
import { type Tokens, tokenLifeSeconds } from '../tokens.ts';

type Needs = {
  readonly settings: Pick<Settings, 'consumerKey' | 'consumerSecret'>;
  readonly names: Names;
  readonly tokens: Tokens;
};

/** The OAuth call. Strange keys get HTTP 400 with an empty body, as seen with keys of another environment. */
export function oauth({ settings, names, tokens }: Needs): Call {
  const keys = `${settings.consumerKey}:${settings.consumerSecret}`;
  return {
    name: 'oauth',
    method: 'GET',
    path: '/oauth/v1/generate',
    needsToken: false,
    answer({ headers, query }) {
      const given = /^Basic ([A-Za-z0-9+/=]+)$/.exec(headers.authorization ?? '')?.[1];
      if (given === undefined)
        return refused(names.request(), '400.008.01', 'Invalid Authentication type passed');
      if (query.get('grant_type') !== 'client_credentials')
        return refused(names.request(), '400.008.02', 'Invalid grant type passed');
      if (Buffer.from(given, 'base64').toString() !== keys) return { status: 400, body: undefined };
      return accepted({ access_token: tokens.issue(), expires_in: String(tokenLifeSeconds) });
    },
  };
}
