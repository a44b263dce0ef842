/** Where M-Pesa sends a result: the tunnel's address and a path that is used once. */
import { filteredWordIn } from '../../core/public-address.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { refusedHere } from './limits.ts';

const callbackToken = /^[0-9a-f]{32}$/;
const addressMost = 255;

export type NoAddress = 'token' | 'callback-url';

/**
 * The whole callback address for one token (32 lower-case hex characters). `base` is the public address of
 * the tunnel, such as `https://hub.example`; `secure` demands https, as production does.
 */
export function callbackAddress(
  base: string,
  token: string,
  secure: boolean,
): Result<string, NoAddress> {
  if (!callbackToken.test(token)) return fail('token');
  if (!URL.canParse(base)) return fail('callback-url');
  const { origin, pathname, protocol, search, hash, username } = new URL(base);
  const schemes = secure ? ['https:'] : ['https:', 'http:'];
  if (!schemes.includes(protocol) || search || hash || username) return fail('callback-url');

  const address = `${origin}${pathname.replace(/\/+$/, '')}/api/payment/callback/${token}`;
  // Capitals are suspected in one rejection that was seen, so none is sent.
  const clean = /^[!-~]+$/.test(address) && address === address.toLowerCase();
  if (!clean || address.length > addressMost || filteredWordIn(address) !== undefined)
    return fail('callback-url');
  return ok(address);
}

export type CallbackAddress = (
  token: string,
) =>
  | { readonly kind: 'address'; readonly address: string }
  | ReturnType<typeof refusedHere>
  | { readonly kind: 'not-sent'; readonly why: string };

/** The same in the words of an answer. Without a tunnel nobody could tell the hub a result. */
export function callbackAddresses(
  base: () => string | undefined,
  secure: boolean,
): CallbackAddress {
  return (token) => {
    const open = base();
    if (open === undefined) return { kind: 'not-sent', why: 'no callback address' };
    const address = callbackAddress(open, token, secure);
    return address.ok ? { kind: 'address', address: address.value } : refusedHere(address.error);
  };
}
