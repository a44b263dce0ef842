/** Opens M-Pesa: the same client for simulator, sandbox and production; only addresses and keys differ. */
import { readFileSync } from 'node:fs';
import { openDaraja } from './adapters/daraja/open-daraja.ts';
import type { Config } from './config.ts';
import type { MachineClock, NeighbourhoodClock } from './ports/clock.ts';
import type { Log } from './ports/log.ts';
import type { MobileMoney } from './ports/mobile-money.ts';

const hosts = {
  simulator: undefined,
  sandbox: 'https://sandbox.safaricom.co.ke',
  production: 'https://api.safaricom.co.ke',
};
/** Safaricom publishes no rate; one request per second has never been refused. */
const requestsPerSecond = { simulator: 50, sandbox: 1, production: 1 };
/** Whom the shortcode names when it registers for lists of payments. The simulator takes any number. */
const nominees = { simulator: '254700000000', sandbox: undefined, production: undefined };

type Needs = {
  readonly config: Config;
  readonly clock: NeighbourhoodClock & MachineClock;
  readonly log: Log;
  /** Where callbacks reach the hub from outside. */
  readonly callbackUrl: () => string | undefined;
};

/** Throws when the simulator's address or a key is missing: `start` gives both. */
export function openMoney({ config, clock, log, callbackUrl }: Needs): MobileMoney & Disposable {
  const environment = config.MPESA_ENVIRONMENT;
  const baseUrl = config.MPESA_BASE_URL ?? hosts[environment];
  const certificate = config.MPESA_CERTIFICATE_PATH;
  if (baseUrl === undefined || certificate === undefined)
    throw new Error('M-Pesa has no address or no certificate');
  return openDaraja({
    environment,
    baseUrl,
    consumerKey: config.MPESA_CONSUMER_KEY ?? '',
    consumerSecret: config.MPESA_CONSUMER_SECRET ?? '',
    shortcode: config.MPESA_BUSINESS_SHORTCODE ?? '',
    passkey: config.MPESA_PASSKEY ?? '',
    initiatorName: config.MPESA_INITIATOR_NAME ?? '',
    initiatorPassword: config.MPESA_INITIATOR_PASSWORD ?? '',
    publicKeyPem: readFileSync(certificate, 'utf8'),
    nominatedPhone: config.MPESA_NOMINATED_NUMBER ?? nominees[environment],
    callbackUrl,
    now: () => clock.now(),
    elapsedMs: () => clock.elapsedMs(),
    requestsPerSecond: config.MPESA_REQUESTS_PER_SECOND ?? requestsPerSecond[environment],
    onNews: ({ state, detail }) => log.info('M-Pesa', { state, detail }),
  });
}
