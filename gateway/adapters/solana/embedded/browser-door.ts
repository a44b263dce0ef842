/**
 * What a page in a browser may ask of the ledger: to read. The page that checks receipts and explorers do; a page that
 * somebody happens to have open must not send anything.
 */
import type { OutgoingHttpHeaders } from 'node:http';

const reading = /^(?:get[A-Z]|isBlockhashValid$)/;

/** Fetch standard, CORS protocol; the last one is what Chromium asks of servers on the reader's own machine. */
export const invitation: OutgoingHttpHeaders = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'POST',
  'access-control-allow-headers': '*',
  'access-control-allow-private-network': 'true',
  'access-control-max-age': '600',
};

/** Whether every call in the body only reads. What is no JSON reads nothing. */
export function onlyReads(body: string): boolean {
  try {
    const calls: unknown = JSON.parse(body);
    return (Array.isArray(calls) ? calls : [calls]).every(
      (call: { method?: unknown } | null) =>
        typeof call?.method === 'string' && reading.test(call.method),
    );
  } catch {
    return false;
  }
}
