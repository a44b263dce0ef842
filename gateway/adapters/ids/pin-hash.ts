/** PINs as the books keep them: scrypt, slow on purpose, with a salt for each. */
import { randomBytes, randomInt, scrypt, timingSafeEqual } from 'node:crypto';
import { pinDigits } from '../../core/sign-in.ts';

/** 16 MB and some 50 ms on a computer of the Raspberry Pi class. */
const cost = { N: 16_384, r: 8, p: 1 } as const;
const [saltBytes, hashBytes] = [16, 32];

/** A PIN that nobody chose, so that nobody guesses it. */
export const freshPin = (): string => String(randomInt(10 ** pinDigits)).padStart(pinDigits, '0');

/** `scrypt$salt$hash`, base64url. */
export async function hashPin(pin: string): Promise<string> {
  const salt = randomBytes(saltBytes);
  return `scrypt$${salt.toString('base64url')}$${(await derive(pin, salt)).toString('base64url')}`;
}

/** Takes as long without a kept hash as with one, so that nobody learns which households have a PIN. */
export async function isPin(pin: string, kept: string | undefined): Promise<boolean> {
  const [, salt = '', hash = ''] = kept?.split('$') ?? [];
  const expected = Buffer.from(hash, 'base64url');
  const found = await derive(pin, Buffer.from(salt, 'base64url'));
  return expected.length === found.length && timingSafeEqual(expected, found);
}

const derive = (pin: string, salt: Uint8Array): Promise<Buffer> => {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  scrypt(pin, salt, hashBytes, cost, (error, key) => (error ? reject(error) : resolve(key)));
  return promise;
};
