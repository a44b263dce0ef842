/** Opens the way from M-Pesa to the callback listener, as the configuration chooses. */
import { join } from 'node:path';
import { commandBackend } from './adapters/tunnel/command.ts';
import { lastAddressIn } from './adapters/tunnel/last-address.ts';
import { localtunnelBackend, subdomainOf } from './adapters/tunnel/localtunnel.ts';
import { openProbe } from './adapters/tunnel/probe.ts';
import { walkRoundTrip } from './adapters/tunnel/round-trip.ts';
import { staticBackend } from './adapters/tunnel/static.ts';
import { openSupervisor, type Supervisor } from './adapters/tunnel/supervisor.ts';
import type { Figure } from './adapters/web/web-options.ts';
import type { Config } from './config.ts';
import { commandWords } from './core/command-words.ts';
import { type TunnelState, trialMode, usualTunnelTimes } from './core/tunnel.ts';
import type { IntegrationView } from './ports/desk.ts';
import type { Log } from './ports/log.ts';
import type { PublicAddress, TunnelBackend, TunnelDesk, TunnelHealth } from './ports/tunnel.ts';

type TunnelConfig = Pick<
  Config,
  | 'TUNNEL'
  | 'PAYMENT_CALLBACK_URL'
  | 'LOCALTUNNEL_HOST'
  | 'TUNNEL_COMMAND'
  | 'TUNNEL_URL_PATTERN'
  | 'MPESA_ENVIRONMENT'
>;

export type TunnelNeeds = {
  readonly config: TunnelConfig;
  readonly log: Log;
  readonly hubKey: Uint8Array;
  /** Where the last address is kept; undefined keeps none. */
  readonly dataDir?: string;
};

export type HubTunnel = PublicAddress &
  AsyncDisposable & {
    /** The callback listener's answer to a probe. */
    answer(nonce: string): string | undefined;
    /** Opens it, once the callback listener has its port. */
    start(callbackPort: number): void;
    view(): IntegrationView;
    figures(): Figure[];
    desk(unknownCallbacks: () => number): TunnelDesk;
  };

/** Until `start` nothing is opened. Without a tunnel, callbacks come over loopback, from the simulator alone. */
export function openTunnel({ config, log, hubKey, dataDir }: TunnelNeeds): HubTunnel {
  const probe = openProbe({ hubKey, timeoutMs: usualTunnelTimes.probeTimeoutMs });
  const secure = config.MPESA_ENVIRONMENT === 'production';
  const backend = backendOf(config, hubKey, log);
  let [port, supervisor]: [number, Supervisor | undefined] = [0, undefined];
  const unsupervised = () =>
    config.PAYMENT_CALLBACK_URL ?? (secure || port === 0 ? undefined : loopback(config, port));
  const health = (): TunnelHealth => supervisor?.health() ?? notSupervised;
  const url = () => (supervisor === undefined ? unsupervised() : supervisor.url());
  return {
    ...{ url, health, answer: probe.answer },
    prove: async () => supervisor === undefined || (await supervisor.prove()),
    start: (callbackPort) => {
      port = callbackPort;
      if (backend === undefined) return;
      const isStatic = backend.name === 'static';
      supervisor = openSupervisor({
        ...{ backend, localPort: callbackPort, probe, log, secure },
        ...(isStatic ? { times: { pauseMostMs: usualTunnelTimes.probeEveryMs } } : {}),
        ...(isStatic || dataDir === undefined
          ? {}
          : { lastAddress: lastAddressIn(join(dataDir, 'tunnel-address')) }),
      });
    },
    view: () => viewOf(health(), config),
    figures: () => figuresOf(health()),
    desk: (unknownCallbacks) => ({
      test: () =>
        walkRoundTrip({
          ...{ probe, health: health(), url: url(), callbackPort: port, unknownCallbacks, secure },
          timeoutMs: usualTunnelTimes.probeTimeoutMs,
        }),
    }),
    [Symbol.asyncDispose]: async () => supervisor?.[Symbol.asyncDispose](),
  };
}

const notSupervised: TunnelHealth = { mode: 'none', state: 'up', detail: '', generation: 0 };

/** Only the simulator lives on this machine and may call back over loopback. */
const loopback = ({ MPESA_ENVIRONMENT }: TunnelConfig, port: number): string | undefined =>
  MPESA_ENVIRONMENT === 'simulator' ? `http://127.0.0.1:${port}` : undefined;

/** Undefined when nothing is kept open: TUNNEL=none, or no address is given and the simulator needs none. */
function backendOf(config: TunnelConfig, hubKey: Uint8Array, log: Log): TunnelBackend | undefined {
  const { TUNNEL, PAYMENT_CALLBACK_URL: url } = config;
  switch (TUNNEL) {
    case 'none':
      return undefined;
    case 'static':
      return url === undefined ? undefined : staticBackend(url);
    case 'localtunnel':
      return localtunnelBackend({
        host: config.LOCALTUNNEL_HOST,
        subdomain: subdomainOf(hubKey),
      });
    case 'command': {
      const words = commandWords(config.TUNNEL_COMMAND ?? '');
      if (!words.ok) throw new Error(`TUNNEL_COMMAND: ${words.error}`);
      const { TUNNEL_URL_PATTERN: pattern } = config;
      return commandBackend({
        ...{ words: words.value, url },
        pattern: pattern === undefined ? undefined : new RegExp(pattern),
        say: (line) => log.warn('the last words of the tunnel’s program', { line }),
      });
    }
  }
}

const figuresOf = ({ state, generation }: TunnelHealth): Figure[] => [
  {
    ...{ name: 'jirani_tunnel_up', help: 'Whether the last probe came back', kind: 'gauge' },
    value: state === 'up' ? 1 : 0,
  },
  {
    ...{ name: 'jirani_tunnel_openings_total', help: 'Openings that were proved', kind: 'counter' },
    value: generation,
  },
];

/** In the words of the status, where what is well is `ok`. */
const states: Readonly<Record<TunnelState, string>> = {
  up: 'ok',
  opening: 'opening',
  degraded: 'degraded',
  down: 'unreachable',
};

function viewOf({ mode, state, detail }: TunnelHealth, config: TunnelConfig): IntegrationView {
  const quiet =
    config.PAYMENT_CALLBACK_URL === undefined
      ? 'callbacks come over loopback'
      : 'the address is not probed';
  const notes = [
    mode === 'none' ? quiet : detail,
    mode === 'localtunnel' ? trialMode : '',
    mode !== 'none' && state !== 'up' ? 'payments are found out by asking M-Pesa' : '',
  ];
  return { mode, state: states[state], detail: notes.filter((note) => note !== '').join('; ') };
}
