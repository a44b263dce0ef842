/** A hub with its M-Pesa client before a fake M-Pesa, and the payments that neighbours make. */
import { constants, createPrivateKey, privateDecrypt } from 'node:crypto';
import { type DarajaOptions, openDaraja } from '../../../gateway/adapters/daraja/open-daraja.ts';
import { type Msisdn, readPhone } from '../../../gateway/core/phone.ts';
import { cents } from '../../../gateway/core/units.ts';
import type {
  Disbursement,
  MobileMoney,
  MoneyHealth,
  Push,
} from '../../../gateway/ports/mobile-money.ts';
import { certificatePem, privateKeyPem } from './certificate.ts';
import { type FakeMpesa, startFakeMpesa } from './fake-mpesa.ts';

export const secrets = {
  consumerKey: 'consumer-key-of-the-hub',
  consumerSecret: 'consumer-secret-of-the-hub',
  passkey: 'passkey-of-the-hub',
  initiatorPassword: 'initiator#password',
};
export const callbackToken = '5f0c2a9e4b7d1836aa90c3f2e1d45b60';
export const callbacks = 'https://hub.example.org/api/payment/callback';
export const timeoutToken = '0123456789abcdef0123456789abcdef';

export type Hub = {
  readonly money: MobileMoney & Disposable;
  readonly mpesa: FakeMpesa;
  readonly news: MoneyHealth[];
  /** Lets machine time pass at once. */
  pass(ms: number): void;
  [Symbol.asyncDispose](): Promise<void>;
};

export async function aHub(change: Partial<DarajaOptions> = {}): Promise<Hub> {
  const mpesa = await startFakeMpesa();
  const news: MoneyHealth[] = [];
  let passedMs = 0;
  const money = openDaraja({
    environment: 'simulator',
    baseUrl: mpesa.baseUrl,
    ...secrets,
    shortcode: '174379',
    initiatorName: 'testapi',
    publicKeyPem: certificatePem,
    b2cShortcode: '600992',
    callbackUrl: () => 'https://hub.example.org',
    now: () => Date.UTC(2026, 10, 23, 10, 55, 1),
    elapsedMs: () => performance.now() + passedMs,
    requestsPerSecond: 1_000,
    deadlineMs: 2_000,
    onNews: (health) => news.push(health),
    ...change,
  });
  return {
    money,
    mpesa,
    news,
    pass: (ms) => {
      passedMs += ms;
    },
    async [Symbol.asyncDispose]() {
      money[Symbol.dispose]();
      await mpesa.close();
    },
  };
}

/** The kiosk fills its wallet with 37 shillings. */
export const aPush = (change: Partial<Push> = {}): Push => ({
  phone: aPhone('0708374149'),
  amountCents: cents(3_700),
  accountReference: 'K7F3Q0012A',
  description: 'Energy',
  callbackToken,
  ...change,
});

/** The corner house gets the 37 shillings that its sun has earned. */
export const aPayout = (change: Partial<Disbursement> = {}): Disbursement => ({
  phone: aPhone('0705912645'),
  amountCents: cents(3_700),
  conversationId: 'J7F3K2Q9A01ZK4M8TR',
  resultToken: callbackToken,
  timeoutToken,
  ...change,
});

export function aPhone(text: string): Msisdn {
  const phone = readPhone(text);
  if (!phone.ok) throw new Error('the test needs a Kenyan phone');
  return phone.value;
}

/** What M-Pesa reads in a sealed password: junk or nothing when it was sealed in another way or for another key. */
export function opened(sealed: unknown, key = privateKeyPem): string {
  const lock = { key: createPrivateKey(key), padding: constants.RSA_PKCS1_PADDING };
  try {
    return privateDecrypt(lock, Buffer.from(String(sealed), 'base64')).toString();
  } catch {
    // Sealed for a key with a larger modulus, the number may be too large for this one.
    return '';
  }
}
