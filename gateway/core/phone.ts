/** Kenyan mobile numbers, in the one form that the books keep: 2547XXXXXXXX or 2541XXXXXXXX. */
import { fail, ok, type Result } from './result.ts';

declare const msisdn: unique symbol;
/** Twelve digits. Shown to people only as `maskPhone` writes it. */
export type Msisdn = string & { readonly [msisdn]: true };

const allowed = /^[0-9+() .-]{1,32}$/;
const kenyanMobile = /^(?:254|0)?([71]\d{8})$/;

/** Reads 07…, 01…, +254…, 254… and 7…; no operator prefixes, because new ones appear every year. */
export function readPhone(text: string): Result<Msisdn, 'not-a-kenyan-mobile'> {
  if (!allowed.test(text)) return fail('not-a-kenyan-mobile');
  const digits = text.replace(/\D/g, '');
  const found = kenyanMobile.exec(digits)?.[1];
  return found === undefined ? fail('not-a-kenyan-mobile') : ok(`254${found}` as Msisdn);
}

/** What logs, pages and errors may show. */
export const maskPhone = (phone: Msisdn): string => `${phone.slice(0, 6)}***${phone.slice(-3)}`;
