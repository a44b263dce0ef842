/** Opens the hub's clock: believed without question where everything is simulated, else only as far as it deserves. */
import { join } from 'node:path';
import { askBlockTimeOf, askDateOf, askNtp, type Witnesses } from './adapters/clock/ask-time.ts';
import { openHubClock } from './adapters/clock/hub-clock.ts';
import { realClock } from './adapters/clock/real-clock.ts';
import { scaledClock } from './adapters/clock/scaled-clock.ts';
import type { Readings } from './adapters/readings/open-readings.ts';
import type { Figure } from './adapters/web/web-options.ts';
import type { Config } from './config.ts';
import { epochMs } from './core/units.ts';
import { mpesaHosts } from './open-money.ts';
import type { Announcer } from './ports/announcer.ts';
import type { ClockTrust, MachineClock, NeighbourhoodClock } from './ports/clock.ts';
import type { IntegrationView } from './ports/desk.ts';
import type { ClockDesk, HubClock } from './ports/hub-clock.ts';
import type { Log } from './ports/log.ts';

/** `given` stands in for the clock of the configuration. */
export function openClock(
  config: Config,
  log: Log,
  given?: NeighbourhoodClock & MachineClock,
): HubClock {
  if (given !== undefined) return isHubClock(given) ? given : unquestioned(given);
  if (config.clock !== undefined) return unquestioned(scaledClock(config.clock));
  const isPlay = config.MPESA_ENVIRONMENT === 'simulator' && config.SOLANA_CLUSTER === 'embedded';
  if (isPlay) return unquestioned(realClock({ trusted: true }));
  const file = join(config.HUB_DATA_DIR, 'clock.json');
  return openHubClock({ file, log, witnesses: witnessesOf(config) });
}

const isHubClock = (clock: NeighbourhoodClock & MachineClock): clock is HubClock =>
  'onTurn' in clock;

/** A simulated M-Pesa or the hub's own ledger would only tell the hub its own time. */
function witnessesOf(config: Config): Witnesses {
  const { MPESA_ENVIRONMENT, MPESA_BASE_URL, SOLANA_CLUSTER, SOLANA_RPC_URLS } = config;
  const mpesa = MPESA_BASE_URL ?? mpesaHosts[MPESA_ENVIRONMENT];
  const chain = SOLANA_CLUSTER === 'embedded' ? undefined : SOLANA_RPC_URLS?.[0];
  const isReal = MPESA_ENVIRONMENT !== 'simulator' && mpesa !== undefined;
  return {
    ...(isReal ? { mpesa: askDateOf(mpesa) } : {}),
    ...(chain === undefined ? {} : { chain: askBlockTimeOf(chain) }),
    ...(config.HUB_TIME_SERVER === 'none' ? {} : { ntp: askNtp(config.HUB_TIME_SERVER) }),
  };
}

/** A clock that is what it is; its trust never changes unless a test changes it. */
const unquestioned = (clock: NeighbourhoodClock & MachineClock): HubClock => ({
  now: () => clock.now(),
  elapsedMs: () => clock.elapsedMs(),
  speed: clock.speed,
  trust: () => clock.trust(),
  isJudged: false,
  view: () => ({
    ...{ trust: clock.trust(), because: 'Everything here is simulated.', jumps: 0 },
    ...{ wallAheadMs: 0, witnesses: {} },
  }),
  look: () => {},
  confirm: () => {},
  hearMeter: () => {},
  onTurn: () => {},
  [Symbol.dispose]: () => {},
});

/** Bit of `fl`: measured while the link was down, so it says nothing about the time of its arrival. */
const measuredWhileDown = 8;

/** Readings follow the hub's time, and meters with clocks of their own tell what they think of it. */
export function datedBy(
  clock: HubClock,
  readings: Pick<Readings, 'turn' | 'onRecorded'>,
  log: Log,
): void {
  if (!clock.isJudged) return;
  readings.onRecorded((newest) => {
    for (const { meter, at, timeSource, flags } of newest)
      if (timeSource === 'meter' && (flags & measuredWhileDown) === 0) clock.hearMeter(meter, at);
  });
  clock.onTurn(async ({ trust, ...time }) => {
    const moved = await readings.turn(time, trust !== 'untrusted');
    if (moved > 0) log.info('readings of an unknown time are dated anew', { readings: moved });
  });
}

/** How often meters without network of their own hear the hub's time. */
const tellEveryMs = 60_000;

/** Meters hear a time that is proved, and no other: they would give it back as if it were their own. */
export function tellTheTime(clock: HubClock, announcer: Announcer): Disposable {
  const tell = (): void => {
    if (clock.trust() !== 'trusted') return;
    announcer.announce('time', { v: 1, t: Math.floor(clock.now() / 1_000), tq: 2 });
  };
  const timer = clock.isJudged ? setInterval(tell, tellEveryMs) : undefined;
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** A time that the keeper says may not lie before the first meters of this neighbourhood. */
const earliestMs = Date.parse('2024-01-01T00:00:00Z');

/** What the keeper asks of the clock, and tells it. */
export const openClockDesk = (clock: HubClock): ClockDesk => ({
  show: () => ({ time: new Date(clock.now()).toISOString(), ...clock.view() }),
  confirm: (timeMs) => {
    if (timeMs < earliestMs) return false;
    clock.confirm(epochMs(timeMs));
    return true;
  },
});

const states: Readonly<Record<ClockTrust, string>> = {
  trusted: 'ok',
  provisional: 'provisional',
  untrusted: 'untrusted',
};
const waits: Readonly<Record<ClockTrust, string>> = {
  trusted: '',
  provisional: ' The market goes on; M-Pesa and a public chain wait for a time that is proved.',
  untrusted: ' Readings are kept; market, M-Pesa and chain wait.',
};

/** For status and pages. */
export function clockView(clock: Pick<HubClock, 'view'>): IntegrationView {
  const { trust, because } = clock.view();
  return { mode: 'clock', state: states[trust], detail: `${because}${waits[trust]}` };
}

const levels: readonly ClockTrust[] = ['untrusted', 'provisional', 'trusted'];

export function clockFigures(clock: Pick<HubClock, 'view'>): Figure[] {
  const { trust, jumps, wallAheadMs, witnesses } = clock.view();
  const gauge = (name: string, help: string, value: number, labels = {}): Figure => ({
    ...{ name: `jirani_clock_${name}`, help, kind: 'gauge', value, labels },
  });
  return [
    gauge('trust', '0 untrusted, 1 provisional, 2 trusted', levels.indexOf(trust)),
    gauge('wall_ahead_seconds', 'Wall clock less the hub’s time', wallAheadMs / 1_000),
    { ...gauge('jumps_total', 'Times that the wall clock was set', jumps), kind: 'counter' },
    ...Object.entries(witnesses).map(([witness, aheadMs]) =>
      gauge('ahead_of_witness_seconds', 'Wall clock less the time of a witness', aheadMs / 1_000, {
        witness,
      }),
    ),
  ];
}
