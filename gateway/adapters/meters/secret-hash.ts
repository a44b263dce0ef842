/** What the hub keeps of a meter's secret: its SHA-256, which is also the key of TLS. */
import { createHash } from 'node:crypto';

/** In hex. */
export const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');

const fingerprintDigits = 16;

/** A name for a public key that a person can compare: 16 hex digits of its SHA-256 in groups of four. */
export const fingerprintOf = (publicKey: string): string =>
  createHash('sha256')
    .update(Buffer.from(publicKey, 'hex'))
    .digest('hex')
    .slice(0, fingerprintDigits)
    .replace(/(.{4})(?=.)/g, '$1-');
