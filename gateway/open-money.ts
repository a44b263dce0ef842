/** Opens M-Pesa: the same client for simulator, sandbox and production; only addresses and keys differ. */
import { readFileSync } from 'node:fs';
import { openDaraja } from './adapters/daraja/open-daraja.ts';
import type { Config } from './config.ts';
import type { MachineClock, NeighbourhoodClock } from './ports/clock.ts';
import type { Log } from './ports/log.ts';
import type { MobileMoney } from './ports/mobile-money.ts';
import type { PublicAddress } from './ports/tunnel.ts';

/** Undefined where `start` brings its own. */
export const mpesaHosts = {
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
  readonly tunnel: Pick<PublicAddress, 'url' | 'prove'>;
};

/** Throws when the simulator's address or a key is missing: `start` gives both. */
export function openMoney({ config, clock, log, tunnel }: Needs): MobileMoney & Disposable {
  const environment = config.MPESA_ENVIRONMENT;
  const baseUrl = config.MPESA_BASE_URL ?? mpesaHosts[environment];
  const certificate = config.MPESA_CERTIFICATE_PATH;
  if (baseUrl === undefined || certificate === undefined)
    throw new Error('M-Pesa has no address or no certificate');
  const money = openDaraja({
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
    callbackUrl: tunnel.url,
    now: () => clock.now(),
    elapsedMs: () => clock.elapsedMs(),
    requestsPerSecond: config.MPESA_REQUESTS_PER_SECOND ?? requestsPerSecond[environment],
    onNews: ({ state, detail }) => log.info('M-Pesa', { state, detail }),
  });
  return withProvedAddress(money, tunnel, config.TUNNEL_WHEN_DOWN === 'wait');
}

/**
 * Before a phone is asked, the way back is proved once more. When nothing comes back the push goes all the same, and
 * asking M-Pesa finds out what became of it, unless the keeper has chosen to wait.
 */
function withProvedAddress(
  money: MobileMoney & Disposable,
  tunnel: Needs['tunnel'],
  waits: boolean,
): MobileMoney & Disposable {
  return {
    ...money,
    getReady: async () => void (await Promise.all([money.getReady(), tunnel.prove()])),
    ring: async (push) =>
      waits && !(await tunnel.prove())
        ? { kind: 'not-sent', why: 'the tunnel is down' }
        : money.ring(push),
  };
}
