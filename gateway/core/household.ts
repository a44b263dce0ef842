/** A household and the consent it gave. */
import type { HouseholdId } from './ids.ts';
import type { Msisdn } from './phone.ts';
import type { Cents, CentsPerKwh, EpochMs, WattHours } from './units.ts';

export type Household = {
  readonly id: HouseholdId;
  readonly name: string;
  readonly phone: Msisdn;
  /** Five characters of Crockford base32, the last one a check: the account number for payments by hand. */
  readonly code: string;
  readonly role: 'seller' | 'buyer' | 'both';
  readonly language: 'en' | 'sw';
  readonly since: EpochMs;
};

export type StandingRule = {
  readonly autoSell: boolean;
  readonly autoBuy: boolean;
  /** Sells only when the rate is at least this. */
  readonly sellFloor: CentsPerKwh;
  /** Buys only when the rate is at most this. */
  readonly buyCeiling: CentsPerKwh;
  readonly sellDailyWh: WattHours;
  readonly buyDailyCents: Cents;
  /** The least that a top-up asks for; whole shillings, 0 for only what is missing. */
  readonly blockCents: Cents;
  readonly promptsDaily: number;
  /** Milliseconds since the neighbourhood's midnight; the phone does not ring in between. */
  readonly quietFromMs: number;
  readonly quietUntilMs: number;
  /** What the household pays for a kWh that no neighbour covers. */
  readonly ownTariff: CentsPerKwh;
};

const codeLetters = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const codesMost = 32 ** 4;

/**
 * The household's payment code: four characters for a number 0..1,048,575 and a check character, which shows
 * every single wrong character. Throws beyond, because a code that two households share pays the wrong one.
 */
export function paymentCode(number: number): string {
  if (!Number.isInteger(number) || number < 0 || number >= codesMost)
    throw new RangeError(`there is no payment code for ${number}`);
  const places = [15, 10, 5, 0].map((shift) => (number >> shift) & 31);
  const check = places.reduce((sum, place, at) => sum + place * (2 * at + 1), 0) % 32;
  return [...places, check].map((place) => codeLetters[place]).join('');
}

/**
 * The payment code that an account number begins with, as people type it: small letters, O for 0, I or L for 1,
 * blanks. Undefined when there is none or its check character is wrong.
 */
export function readPaymentCode(text: string): string | undefined {
  const typed = text.replace(/[\s-]/g, '').toUpperCase().slice(0, 5);
  const code = typed.replaceAll('O', '0').replace(/[IL]/g, '1');
  const places = [...code.slice(0, 4)].map((letter) => codeLetters.indexOf(letter));
  if (code.length !== 5 || places.some((place) => place < 0)) return undefined;
  const number = places.reduce((sum, place) => sum * 32 + place, 0);
  return paymentCode(number) === code ? code : undefined;
}
