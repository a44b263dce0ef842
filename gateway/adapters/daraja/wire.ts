/** The few kinds of value that M-Pesa's answers and callbacks are made of. */
import { z } from 'zod';

const textMost = 64;
const opaque = /^[A-Za-z0-9_-]{1,64}$/;
const printable = /^[\x20-\x7e]+$/;

/**
 * A result or response code. M-Pesa writes the same code as a number in one place and as text in another;
 * anything else is no code. Never matched loosely: "00" is not "0".
 */
export function codeText(value: unknown): string | undefined {
  if (typeof value !== 'number' && typeof value !== 'string') return undefined;
  const text = String(value).trim();
  return text.length <= textMost && printable.test(text) ? text : undefined;
}

/** An id that M-Pesa made: at most 64 letters, digits, `_` and `-`. */
export const idText = (value: unknown): string | undefined =>
  typeof value === 'string' && opaque.test(value) ? value : undefined;

/** The same two for the schemas of answers. */
export const codeSchema = z.union([z.number(), z.string()]).transform((value) => codeText(value));
export const idSchema = z.string().regex(opaque);
