/** A supervisor before a tunnel server on loopback, in hundredths of its usual times. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type LocaltunnelOptions,
  localtunnelBackend,
} from '../../../gateway/adapters/tunnel/localtunnel.ts';
import { openProbe } from '../../../gateway/adapters/tunnel/probe.ts';
import {
  openSupervisor,
  type SupervisorOptions,
} from '../../../gateway/adapters/tunnel/supervisor.ts';
import type { Visit } from '../../../gateway/adapters/tunnel/visit.ts';
import { openCallbackListener } from '../../../gateway/adapters/web/callback-listener.ts';
import type { TunnelTimes } from '../../../gateway/core/tunnel.ts';
import type { TunnelBackend } from '../../../gateway/ports/tunnel.ts';
import { startTunnelServer, type TunnelServer } from '../../../gateway/simulators/tunnel/server.ts';
import { fakeCallbackDesk } from '../web/callback-neighbours.ts';
import { fakeLog } from '../web/fake-desk.ts';

export const hubKey = Buffer.from('the hub key of a test');
export const ourName = 'hub-of-the-test';
export const ourUrl = `http://${ourName}.tunnel.test`;

/** Probes every 30 s become every 300 ms, and so on; a probe keeps patience for a busy machine. */
export const hundredths: TunnelTimes = {
  probeEveryMs: 300,
  probeTimeoutMs: 1_500,
  probeAgainMs: 50,
  failuresMost: 2,
  openTimeoutMs: 2_000,
  pauseLeastMs: 150,
  pauseMostMs: 1_000,
  proofLastsMs: 600,
};

/** A server keeps a name for less than the shortest pause, as the real one does. */
export const keptMs = 100;

/** Reaches names of the tunnel server without DNS. */
export const through =
  (server: TunnelServer): Visit =>
  async (url, _signal, options) => {
    const { host, pathname } = new URL(url);
    const answer = await server.visit(host, pathname, options);
    if (answer.status === 0) throw Object.assign(new Error('away'), { code: 'ECONNREFUSED' });
    return answer;
  };

export type GivenOptions = Partial<Omit<SupervisorOptions, 'backend' | 'probe' | 'log'>> & {
  readonly worker?: LocaltunnelOptions['worker'];
  /** 1 while the client's network is away. */
  readonly gap?: Int32Array;
  readonly backend?: TunnelBackend;
  readonly server?: TunnelServer;
  readonly visit?: Visit;
};

export type Given = Awaited<ReturnType<typeof givenTunnel>>;

/** The callback listener, a tunnel server and the supervisor between them. Callbacks to `known` are kept. */
export async function givenTunnel(options: GivenOptions = {}) {
  await using opening = new AsyncDisposableStack();
  const { worker, gap, ...rest } = options;
  const server = options.server ?? opening.use(await startTunnelServer({ keptMs }));
  const log = fakeLog();
  const times = { ...hundredths, ...options.times };
  const probe = openProbe({
    ...{ hubKey, timeoutMs: times.probeTimeoutMs },
    visit: options.visit ?? through(server),
  });
  const desk = fakeCallbackDesk();
  const listener = opening.use(
    await openCallbackListener({ port: 0, desk, log, probe: probe.answer }),
  );
  const tunnel = opening.use(
    openSupervisor({
      ...{ localPort: listener.port, secure: false, log },
      backend: localtunnelBackend({
        ...{ host: server.url, subdomain: ourName },
        ...(worker === undefined ? {} : { worker, tell: { gap } }),
      }),
      ...rest,
      ...{ probe, times },
    }),
  );
  const open = opening.move();
  return {
    ...{ server, log, probe, desk, listener, tunnel },
    /** Waits until the tunnel is in the state; throws when it takes too long. */
    becomes: (state: string, mostMs = 15_000) =>
      waitFor(`the tunnel is ${state}`, () => tunnel.health().state === state, mostMs),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

/** Looks again and again. Resolves to how long it took, in ms. */
export async function waitFor(what: string, isSo: () => boolean, mostMs = 15_000): Promise<number> {
  const began = performance.now();
  while (!isSo()) {
    if (performance.now() - began > mostMs) throw new Error(`waited in vain: ${what}`);
    await sleep(5);
  }
  return performance.now() - began;
}
