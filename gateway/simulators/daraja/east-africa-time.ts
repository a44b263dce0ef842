/** How M-Pesa writes moments: always East Africa Time (UTC+3, no summer time), in several shapes. */

const offsetMs = 3 * 3_600_000;

/** `20261123135501`, as in Timestamp and TransactionDate. */
export const stamp = (ms: number): string =>
  new Date(ms + offsetMs).toISOString().replace(/\D/g, '').slice(0, 14);

/** `20261123`, as in the ids of conversations. */
export const dayStamp = (ms: number): string => stamp(ms).slice(0, 8);

/** `23112026135501`, as in the ids of prompts. */
export function dayFirstStamp(ms: number): string {
  const written = stamp(ms);
  return written.slice(6, 8) + written.slice(4, 6) + written.slice(0, 4) + written.slice(8);
}

/** `23.11.2026 13:58:52`, as in B2C results. */
export function dottedStamp(ms: number): string {
  const written = new Date(ms + offsetMs).toISOString();
  const [year, month, day] = written.slice(0, 10).split('-');
  return `${day}.${month}.${year} ${written.slice(11, 19)}`;
}

/** The moment that a Timestamp means, in ms since 1970; undefined when it means none. */
export function readStamp(text: string): number | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(text);
  if (parts === null) return undefined;
  const [, year, month, day, hour, minute, second] = parts;
  const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}+03:00`);
  return Number.isNaN(ms) ? undefined : ms;
}

/** `2026-11-23 13:55:01`, as in M-Pesa's list of payments. */
export const written = (ms: number): string =>
  new Date(ms + offsetMs).toISOString().slice(0, 19).replace('T', ' ');

/** The moment that such a text means, in ms since 1970; undefined when it means none. */
export function readWritten(text: string): number | undefined {
  return /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(text)
    ? readStamp(text.replace(/\D/g, ''))
    : undefined;
}
