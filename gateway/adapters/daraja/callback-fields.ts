/** Picks single values out of a callback that anybody may have written. */

const textMost = 64;

export type Fields = ReadonlyMap<string, unknown>;

/** The fields of a JSON object by name, blanks in names dropped; no fields for anything else. */
export function fieldsIn(value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return new Map();
  return new Map(Object.entries(value).map(([name, field]) => [withoutBlanks(name), field]));
}

/**
 * The values of a list of name and value pairs; those past `itemsMost` are not looked at. M-Pesa writes a list of one also as the pair
 * itself, and repeats names; a name that is repeated with another value has none that can be believed.
 */
export function listedIn(
  value: unknown,
  nameField: string,
  valueField: string,
  itemsMost: number,
): Fields {
  const pairs: unknown[] = Array.isArray(value) ? value.slice(0, itemsMost) : [value];
  const listed = new Map<string, unknown>();
  for (const pair of pairs) {
    const fields = fieldsIn(pair);
    const name = fields.get(nameField);
    if (typeof name !== 'string' || name.length > textMost) continue;
    const key = withoutBlanks(name);
    const found = fields.get(valueField);
    listed.set(key, listed.has(key) && listed.get(key) !== found ? undefined : found);
  }
  return listed;
}

/** Cents of a JSON number of shillings; undefined unless it is exactly a whole, non-negative number of cents. */
export function centsIn(value: unknown): number | undefined {
  if (typeof value !== 'number' || value < 0) return undefined;
  const cents = Math.round(value * 100);
  // 37.1 * 100 is 3710.0000000000005, so the way back decides: the double nearest to 3710 / 100 is 37.1.
  return Number.isSafeInteger(cents) && cents / 100 === value ? cents : undefined;
}

/** Cents of shillings that M-Pesa writes as a JSON number in one place and as text such as `37.00` in another. */
export function amountIn(value: unknown): number | undefined {
  if (typeof value !== 'string') return centsIn(value);
  const cents = balanceIn(value.trim());
  return cents !== undefined && cents >= 0 ? cents : undefined;
}

/** Cents of text such as `-1540.00`; below zero where M-Pesa counts what was charged. */
export function balanceIn(text: string): number | undefined {
  const [, sign, shillings, cents = ''] = /^(-?)(\d{1,12})(?:\.(\d{1,2}))?$/.exec(text) ?? [];
  if (shillings === undefined) return undefined;
  const total = Number(shillings) * 100 + Number(cents.padEnd(2, '0'));
  return sign === '-' && total !== 0 ? -total : total;
}

const invisible = /[\p{C}\p{Zl}\p{Zp}]/gu;

/**
 * What a payer wrote, in at most 64 characters, without control, bidirectional and zero-width characters.
 * Undefined when it is neither text nor a number.
 */
export function writtenIn(value: unknown): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const seen = String(value).replace(invisible, '').trim();
  return [...seen].slice(0, textMost).join('').trim();
}

/** A full number of twelve digits, as M-Pesa writes it: a JSON number or text. Masked or hashed: undefined. */
export function phoneIn(value: unknown): string | undefined {
  if (typeof value !== 'number' && typeof value !== 'string') return undefined;
  const text = String(value);
  return /^\d{12}$/.test(text) ? text : undefined;
}

/** Cents of a charge such as `Fee For B2C Payment|KES|22.40`. */
export function chargeIn(value: unknown): number | undefined {
  if (typeof value !== 'string' || value.length > textMost) return undefined;
  const [, shillings, cents = ''] = /\|KES\|(\d{1,9})(?:\.(\d{1,2}))?$/.exec(value) ?? [];
  return shillings === undefined
    ? undefined
    : Number(shillings) * 100 + Number(cents.padEnd(2, '0'));
}

/** A word such as `Completed`, in lower case. */
export function statusIn(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const word = value.trim();
  return /^[A-Za-z]{1,64}$/.test(word) ? word.toLowerCase() : undefined;
}

const withoutBlanks = (name: string): string => name.replace(/\s+/g, '');
