/** The API user of the M-Pesa portal in whose name the hub pays out and asks about payouts. */

import type { Health } from './health.ts';
import type { Secret } from './secret.ts';
import { openSecurityCredential } from './security-credential.ts';

export type Initiator = {
  readonly name: string;
  /** The shortcode whose Utility account pays. */
  readonly shortcode: string;
  /** The encrypted password, made anew for each call. */
  credential():
    | { readonly kind: 'credential'; readonly text: string }
    | { readonly kind: 'misconfigured'; readonly why: string };
};

export function openInitiator(
  name: string,
  shortcode: string,
  password: Secret,
  pem: string,
  health: Health,
): Initiator {
  const seal = openSecurityCredential(password, pem);
  return {
    name,
    shortcode,
    credential() {
      const sealed = seal();
      if (sealed.ok) return { kind: 'credential', text: sealed.value };
      const why = 'The M-Pesa certificate does not fit: it must be an RSA certificate in PEM form.';
      health.note('misconfigured', why);
      return { kind: 'misconfigured', why };
    },
  };
}
