/** M-Pesa's times, which are always East Africa Time, and the password that is built from one of them. */
import { type EpochMs, epochMs } from '../../core/units.ts';
import type { Secret } from './secret.ts';

const eastAfricaMs = 3 * 3_600_000;

/** `YYYYMMDDHHmmss` in East Africa Time, whatever the machine's time zone (Daraja, M-Pesa Express). */
export const timestampAt = (wallMs: number): string =>
  new Date(wallMs + eastAfricaMs).toISOString().replace(/\D/g, '').slice(0, 14);

/** base64 of shortcode, passkey and the very timestamp that is sent beside it (Daraja, M-Pesa Express). */
export const passwordFor = (shortcode: string, passkey: Secret, timestamp: string): string =>
  Buffer.from(`${shortcode}${passkey.reveal()}${timestamp}`).toString('base64');

/** `YYYY-MM-DD HH:mm:ss` in East Africa Time (Daraja, Pull Transactions). */
export const listTimeAt = (wallMs: number): string =>
  new Date(wallMs + eastAfricaMs).toISOString().slice(0, 19).replace('T', ' ');

const dateAndTime = /^(\d{4})-?(\d\d)-?(\d\d)[ T]?(\d\d):?(\d\d):?(\d\d)(?:\.\d{1,6})?(Z)?$/;

/**
 * Wall ms of a moment that M-Pesa writes, also without separators. It is East Africa Time unless it ends in
 * Z; no sample of the list was ever published. Undefined for anything else, and for 30 February.
 */
export function listTimeIn(value: unknown): EpochMs | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const [, year, month, day, hour, minute, second, utc] = dateAndTime.exec(String(value)) ?? [];
  if (second === undefined) return undefined;
  const text = `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
  const clockMs = Date.parse(text);
  if (Number.isNaN(clockMs) || new Date(clockMs).toISOString() !== text) return undefined;
  return epochMs(utc === undefined ? clockMs - eastAfricaMs : clockMs);
}
