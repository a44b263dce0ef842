/** The two fields that sign a push and a query. Both are built from one and the same moment. */
import type { Secret } from './secret.ts';

const eastAfricaMs = 3 * 3_600_000;

/** `YYYYMMDDHHmmss` in East Africa Time, whatever the machine's time zone (Daraja, M-Pesa Express). */
export const timestampAt = (wallMs: number): string =>
  new Date(wallMs + eastAfricaMs).toISOString().replace(/\D/g, '').slice(0, 14);

/** base64 of shortcode, passkey and the very timestamp that is sent beside it (Daraja, M-Pesa Express). */
export const passwordFor = (shortcode: string, passkey: Secret, timestamp: string): string =>
  Buffer.from(`${shortcode}${passkey.reveal()}${timestamp}`).toString('base64');
