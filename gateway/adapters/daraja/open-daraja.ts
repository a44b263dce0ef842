/** M-Pesa behind the hub's port. Timestamps, tokens, turns and codes stay in this folder. */
import type { MobileMoney, MoneyHealth } from '../../ports/mobile-money.ts';
import { askBalance } from './account-balance.ts';
import { payOut } from './b2c.ts';
import { registerConfirmations } from './c2b.ts';
import { callbackAddresses } from './callback-address.ts';
import { openHealth } from './health.ts';
import { openHttp } from './http.ts';
import { openInitiator } from './initiator.ts';
import { openPace } from './pace.ts';
import { openProductCall } from './product-call.ts';
import { listPayments, registerForLists } from './pull-transactions.ts';
import { readCallback } from './read-callback.ts';
import { reverse } from './reversal.ts';
import { Secret } from './secret.ts';
import { openSignIn } from './sign-in.ts';
import { ringPhone } from './stk-push.ts';
import { askAboutPush } from './stk-query.ts';
import { askAboutPayout, askAboutReceipt } from './transaction-status.ts';

export type DarajaOptions = {
  readonly environment: MoneyHealth['environment'];
  readonly baseUrl: string;
  readonly consumerKey: string;
  readonly consumerSecret: string;
  readonly shortcode: string;
  readonly passkey: string;
  readonly initiatorName: string;
  readonly initiatorPassword: string;
  /** An X.509 certificate or a public key, RSA, PEM. */
  readonly publicKeyPem: string;
  /** The shortcode that pays out, when it is another one. */
  readonly b2cShortcode?: string;
  /** The Safaricom number that is named when the shortcode registers for lists of payments. */
  readonly nominatedPhone?: string | undefined;
  /** Public base address of the callback listener; undefined while the tunnel is down. */
  readonly callbackUrl: () => string | undefined;
  /** Wall time in ms since 1970. */
  readonly now: () => number;
  /** Monotonic machine time in ms. */
  readonly elapsedMs: () => number;
  readonly requestsPerSecond: number;
  /** For one HTTP call, from the first byte out to the last byte in. */
  readonly deadlineMs?: number;
  /** Called when what `health()` tells has changed. */
  readonly onNews?: (health: MoneyHealth) => void;
};

const deadlineDefaultMs = 25_000;

/** Disposing cuts short what is under way: calls that are not out yet become `not-sent`, the rest `unclear`. */
export function openDaraja(options: DarajaOptions): MobileMoney & Disposable {
  const { environment, shortcode, now, elapsedMs } = options;
  const ending = new AbortController();
  const http = openHttp(options.baseUrl, options.deadlineMs ?? deadlineDefaultMs, ending.signal);
  const pace = openPace(options.requestsPerSecond, elapsedMs, ending.signal);
  const signIn = openSignIn({
    http,
    pace,
    elapsedMs,
    consumerKey: new Secret(options.consumerKey),
    consumerSecret: new Secret(options.consumerSecret),
  });
  const health = openHealth(environment, options.onNews ?? (() => {}), ending.signal, elapsedMs);
  const call = openProductCall({ http, pace, signIn, health });
  const passkey = new Secret(options.passkey);
  const addressFor = callbackAddresses(options.callbackUrl, environment === 'production');
  const initiator = openInitiator(
    options.initiatorName,
    options.b2cShortcode ?? shortcode,
    new Secret(options.initiatorPassword),
    options.publicKeyPem,
    health,
  );
  const initiated = { call, addressFor, initiator, health, shortcode };
  const lists = { call, addressFor, shortcode, nominatedPhone: options.nominatedPhone };

  return {
    getReady: async () => void (await signIn.pass()),
    ring: (push) => ringPhone({ call, addressFor, shortcode, passkey, now }, push),
    askAboutPush: (id) => askAboutPush({ call, health, shortcode, passkey, now }, id),
    payOut: (payout) => payOut(initiated, payout),
    askAboutPayout: (question) => askAboutPayout(initiated, question),
    askAboutReceipt: (question) => askAboutReceipt(initiated, question),
    reverse: (reversal) => reverse(initiated, reversal),
    askBalance: (paths) => askBalance(initiated, paths),
    listPayments: (question) => listPayments(lists, question),
    registerForLists: () => registerForLists(lists),
    registerConfirmations: (tokens) => registerConfirmations(lists, tokens),
    readCallback,
    health: health.read,
    [Symbol.dispose]: () => ending.abort(),
  };
}
