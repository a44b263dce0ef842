/** Checks the fields of a request the way M-Pesa does: the first bad one is named, and an unknown name is a bad one. */
import { centsPerShilling } from '../../core/units.ts';

export type FieldRule = {
  /** Numbers are judged by their text. */
  readonly valid: (text: string) => boolean;
  readonly optional?: true;
  /** How the error calls the field, where M-Pesa uses another word. */
  readonly called?: string;
};

export type Fields<Name extends string> =
  | { readonly ok: true; readonly texts: Readonly<Record<Name, string>> }
  | { readonly ok: false; readonly field: string };

/** Reads the fields of a JSON object as texts; an absent optional field is the empty text. */
export function readFields<Name extends string>(
  body: unknown,
  rules: Readonly<Record<Name, FieldRule>>,
): Fields<Name> {
  const given = new Map(isObject(body) ? Object.entries(body) : []);
  const texts = {} as Record<Name, string>;
  for (const name of Object.keys(rules) as Name[]) {
    const rule = rules[name];
    const text = textOf(given.get(name));
    given.delete(name);
    if (text === undefined && rule.optional) {
      texts[name] = '';
      continue;
    }
    if (text === undefined || !rule.valid(text)) return { ok: false, field: rule.called ?? name };
    texts[name] = text;
  }
  // Some of M-Pesa's own names are misspelled; who corrects them is refused here.
  const [unknown] = given.keys();
  return unknown === undefined ? { ok: true, texts } : { ok: false, field: unknown.slice(0, 40) };
}

/** Twelve digits of a Kenyan mobile. */
export const phone: FieldRule = { valid: (text) => /^254[17]\d{8}$/.test(text) };
export const oneOf = (...words: string[]): FieldRule => ({ valid: (text) => words.includes(text) });
export const matching = (pattern: RegExp): FieldRule => ({ valid: (text) => pattern.test(text) });
export const anything: FieldRule = matching(/^.{1,2000}$/s);
export const remark: FieldRule = matching(/^.{2,100}$/);
export const optionalRemark: FieldRule = { valid: (text) => text.length <= 100, optional: true };

/** Whole shillings within both limits. */
export const shillings = (least: number, most: number): FieldRule => ({
  valid: (text) => /^\d{1,9}$/.test(text) && Number(text) >= least && Number(text) <= most,
});

/** A checked amount in cents. */
export const centsOf = (text: string): number => Number(text) * centsPerShilling;

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? String(value) : undefined;
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
