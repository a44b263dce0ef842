/** Who may speak to the local broker. */
import type { MeterId } from '../core/ids.ts';

export type Identity =
  | { readonly kind: 'meter'; readonly meter: MeterId }
  | { readonly kind: 'flows' }
  /** Shows meters to people, and changes nothing. */
  | { readonly kind: 'display' };

export interface Credentials {
  /** Undefined when name or password is wrong, or the meter was revoked. */
  check(username: string, password: Uint8Array): Identity | undefined;
  /** Another text after the meter got a new password; undefined once it is revoked. */
  keyOf(meter: MeterId): string | undefined;
}
