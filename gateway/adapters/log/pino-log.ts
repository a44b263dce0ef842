/** Log lines as JSON, with phones and secrets masked once more, whatever the caller did. */
import pino from 'pino';
import type { Log } from '../../ports/log.ts';

const phones = /(?<!\d)(254[17]\d{2}|0[17]\d{2})\d{3}(\d{3})(?!\d)/g;
/** M-Pesa's request ids: a time of seventeen digits, then nine digits of the payer's phone. */
const requestIds = /(ws_CO_\d{17})\d{9}/g;
const callbackPaths = /\/callback\/[0-9a-f]{32}/g;

const mask = (text: string): string =>
  // A path may hold digits that look like a phone, so it goes first.
  text.replace(callbackPaths, '/callback/…').replace(requestIds, '$1…').replace(phones, '$1***$2');

/** Masked before JSON escapes what stands around a phone; twelve digits may also come as a number. */
const masked = (_name: string, value: unknown): unknown => {
  if (typeof value === 'string') return mask(value);
  if (typeof value === 'bigint') return mask(String(value));
  if (typeof value !== 'number') return value;
  const text = mask(String(value));
  return text === String(value) ? value : text;
};

export type LogOptions = {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** Where lines go; standard error by default, because standard output belongs to answers. */
  readonly destination?: { write(line: string): void };
};

/** Facts of a kind that cannot be written must not end what they tell of: it may be a payment's callback. */
function readable(facts: Readonly<Record<string, unknown>>): object {
  try {
    // Once more as a whole, for the names of facts.
    return JSON.parse(mask(JSON.stringify(facts, masked))) as object;
  } catch {
    return { unreadable: true };
  }
}

/** A log that writes one JSON object per line. */
export function openLog({ level, destination }: LogOptions): Log {
  const options = {
    level,
    base: null,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  const logger = pino(options, destination ?? pino.destination({ dest: 2, sync: true }));
  const line =
    (write: 'info' | 'warn' | 'error') =>
    (message: string, facts: Readonly<Record<string, unknown>> = {}): void => {
      logger[write](readable(facts), mask(message));
    };
  return { info: line('info'), warn: line('warn'), error: line('error') };
}
