/**
 * Reads a flat JSON object of whole numbers straight from its bytes, several times faster than JSON.parse. It
 * is strict: whatever is not exactly a reading as our meters write it is left to `readPayload`, which knows all
 * of JSON. So it never reads anything differently, it only says more often that it does not know.
 */
import { limits, type ReadingFields, untold } from './reading-fields.ts';

const names = ['v', 's', 'b', 't', 'tq', 'up', 'p', 'u', 'i', 'f', 'ei', 'ee', 'eg', 'fl', 'sig'];
const [V, S, B, T, TQ, UP, P, U, I, F, EI, EE, EG, FL, SIG] = [...names.keys()] as Fifteen;
const required = bitsOf(['v', 's', 'b', 't', 'ei', 'ee']);
const mayBeNegative = bitsOf(['p']);

type Fifteen = [
  ...[number, number, number, number, number, number, number, number],
  ...[number, number, number, number, number, number, number],
];

/** A name of up to three lower-case letters as one number; 0 is no name. */
const placeOf = new Int8Array(1 << 15).fill(-1);
for (const [place, name] of names.entries()) {
  placeOf[[...name].reduce((key, letter) => (key << 5) | (letter.charCodeAt(0) & 31), 0)] = place;
}

const [quote, colon, comma, minus, open, close, backslash, zero, nine, a, z] = [
  ...Buffer.from('":,-{}\\09az'),
] as [number, number, number, number, number, number, number, number, number, number, number];
/** Every number of so many digits is exact in a double. */
const digitsMax = 15;
const lettersMax = 3;

const values = new Float64Array(names.length);
const placeBits = 5;
const placeMask = (1 << placeBits) - 1;
const unknown = -1;

/**
 * Fills `fields` from bytes[from, to). False when the text is not surely a reading: then `fields` holds
 * nothing. The caller sees to it that a signature, when there is one, has been checked.
 */
export function scanReading(
  bytes: Uint8Array,
  from: number,
  to: number,
  fields: ReadingFields,
): boolean {
  let [seen, at] = [0, from];
  if (bytes[at++] !== open) return false;
  do {
    const named = scanName(bytes, at, to);
    const place = named & placeMask;
    if (named === unknown || (seen & (1 << place)) !== 0) return false;
    seen |= 1 << place;
    at = named >> placeBits;
    at = place === SIG ? passText(bytes, at, to) : scanNumber(bytes, at, to, place);
    if (at === unknown) return false;
  } while (bytes[at++] === comma);
  const isWhole = bytes[at - 1] === close && at === to;
  return isWhole && (seen & required) === required && fill(fields, seen);
}

/** Where the value begins after the name that stands here, and below it the name's place; or `unknown`. */
function scanName(bytes: Uint8Array, from: number, to: number): number {
  if (bytes[from] !== quote) return unknown;
  let at = from + 1;
  let key = 0;
  let byte = bytes[at] as number;
  while (byte >= a && byte <= z && at < to) {
    key = (key << 5) | (byte & 31);
    byte = bytes[++at] as number;
  }
  const letters = at - from - 1;
  if (letters === 0 || letters > lettersMax || byte !== quote || bytes[at + 1] !== colon)
    return unknown;
  const place = placeOf[key] as number;
  return place < 0 ? unknown : ((at + 2) << placeBits) | place;
}

/** Puts the whole number that stands here into its place; where it ends, or `unknown`. */
function scanNumber(bytes: Uint8Array, from: number, to: number, place: number): number {
  const negative = bytes[from] === minus;
  const first = negative ? from + 1 : from;
  let at = first;
  let value = 0;
  let byte = bytes[at] as number;
  while (byte >= zero && byte <= nine) {
    value = value * 10 + (byte - zero);
    byte = bytes[++at] as number;
  }
  const digits = at - first;
  if (digits === 0 || digits > digitsMax || at >= to) return unknown;
  if (bytes[first] === zero && (digits > 1 || negative)) return unknown;
  if (negative && (mayBeNegative & (1 << place)) === 0) return unknown;
  values[place] = negative ? -value : value;
  return at;
}

/** Where a plain text in quotes ends, or `unknown`. */
function passText(bytes: Uint8Array, from: number, to: number): number {
  if (bytes[from] !== quote) return unknown;
  for (let at = from + 1; at < to; at++) {
    const byte = bytes[at] as number;
    if (byte === quote) return at + 1;
    if (byte < 32 || byte > 126 || byte === backslash) return unknown;
  }
  return unknown;
}

function fill(fields: ReadingFields, seen: number): boolean {
  fields.version = values[V] as number;
  fields.sequence = values[S] as number;
  fields.boot = values[B] as number;
  fields.unixSeconds = values[T] as number;
  fields.importMwh = values[EI] as number;
  fields.exportMwh = values[EE] as number;
  fields.timeQuality = told(seen, TQ, 1);
  fields.uptimeSeconds = told(seen, UP, untold);
  fields.powerMw = told(seen, P, 0);
  fields.voltageMv = told(seen, U, 0);
  fields.currentMa = told(seen, I, untold);
  fields.frequencyMhz = told(seen, F, untold);
  fields.generationMwh = told(seen, EG, untold);
  fields.flags = told(seen, FL, 0);
  return isWithinLimits(fields);
}

const told = (seen: number, place: number, otherwise: number): number =>
  (seen & (1 << place)) !== 0 ? (values[place] as number) : otherwise;

const isWithinLimits = (fields: ReadingFields): boolean =>
  fields.version === 1 &&
  fields.boot <= limits.u32Max &&
  fields.unixSeconds <= limits.u32Max &&
  fields.timeQuality <= 2 &&
  fields.uptimeSeconds <= limits.u32Max &&
  Math.abs(fields.powerMw) <= limits.powerMaxMw &&
  fields.voltageMv <= limits.voltageMaxMv &&
  fields.currentMa <= limits.currentMaxMa &&
  fields.frequencyMhz <= limits.frequencyMaxMhz &&
  fields.flags <= limits.u32Max;

function bitsOf(some: readonly string[]): number {
  return some.reduce((bits, name) => bits | (1 << names.indexOf(name)), 0);
}
