/** Keeps one tunnel open. It believes only a probe that came back through the public address. */
import { setTimeout as sleep } from 'node:timers/promises';
import { objectionTo, withoutSlash } from '../../core/public-address.ts';
import {
  isProofStale,
  pauseBeforeOpening,
  shouldReopen,
  type TunnelEvent,
  type TunnelTimes,
  tunnelAfter,
  unopened,
  untilProbeMs,
  usualTunnelTimes,
} from '../../core/tunnel.ts';
import type { Log } from '../../ports/log.ts';
import type { PublicAddress, Tunnel, TunnelBackend, TunnelHealth } from '../../ports/tunnel.ts';
import type { LastAddress } from './last-address.ts';
import type { Probe, Seen } from './probe.ts';

export type SupervisorOptions = {
  readonly backend: TunnelBackend;
  readonly localPort: number;
  readonly probe: Pick<Probe, 'ask'>;
  readonly log: Log;
  /** Whether only https will do. */
  readonly secure: boolean;
  readonly lastAddress?: LastAddress;
  readonly times?: Partial<TunnelTimes>;
  /** From 0 to 1. */
  readonly chance?: () => number;
};

export type Supervisor = PublicAddress & AsyncDisposable;

/** Begins in the background; disposing closes the tunnel and leaves nothing behind. */
export function openSupervisor(options: SupervisorOptions): Supervisor {
  const keeper = new Keeper(options);
  return {
    url: () => keeper.url(),
    health: () => keeper.health(),
    prove: () => keeper.prove(),
    [Symbol.asyncDispose]: () => keeper.end(),
  };
}

const closing = 'the hub is closing';

class Keeper {
  readonly #options: SupervisorOptions;
  readonly #times: TunnelTimes;
  readonly #ended = new AbortController();
  readonly #running: Promise<void>;
  #life = unopened;
  #detail = '';
  #told = '';
  #address: string | undefined;
  #provedAt = Number.NEGATIVE_INFINITY;
  /** Ends the present pause. */
  #nudge = () => {};
  /** Renewed at every verdict about the tunnel. */
  #verdict = Promise.withResolvers<void>();

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#times = { ...usualTunnelTimes, ...options.times };
    this.#address = options.backend.knownUrl ?? options.lastAddress?.read();
    this.#running = this.#live();
  }

  url(): string | undefined {
    return this.#address;
  }

  health(): TunnelHealth {
    const { state, generation } = this.#life;
    return { mode: this.#options.backend.name, state, detail: this.#detail, generation };
  }

  async prove(): Promise<boolean> {
    if (isProofStale(this.#life, performance.now() - this.#provedAt, this.#times)) {
      const { promise } = this.#verdict;
      this.#nudge();
      await promise;
    }
    return this.#life.state === 'up';
  }

  async end(): Promise<void> {
    this.#ended.abort();
    this.#nudge();
    await this.#running;
  }

  async #live(): Promise<void> {
    const { chance = Math.random } = this.#options;
    while (!this.#ended.signal.aborted) {
      this.#become('opening.began', '');
      const why = await this.#openOnce();
      this.#become('tunnel.lost', why);
      if (this.#ended.signal.aborted) return;
      await this.#pause(pauseBeforeOpening(this.#life, chance(), this.#times));
    }
  }

  /** Resolves to why the tunnel has to be opened anew. */
  async #openOnce(): Promise<string> {
    let tunnel: Tunnel;
    try {
      tunnel = await this.#open();
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    try {
      const objection = objectionTo(tunnel.url, this.#options.secure);
      if (objection !== undefined) return `its address cannot be used: ${objection}`;
      return await this.#watch(tunnel);
    } finally {
      await tunnel.close();
    }
  }

  async #open(): Promise<Tunnel> {
    const { backend, localPort } = this.#options;
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), this.#times.openTimeoutMs);
    const giveUp = () => late.abort();
    this.#ended.signal.addEventListener('abort', giveUp);
    if (this.#ended.signal.aborted) giveUp();
    try {
      return await backend.open(localPort, late.signal);
    } finally {
      clearTimeout(timer);
      this.#ended.signal.removeEventListener('abort', giveUp);
    }
  }

  async #watch(tunnel: Tunnel): Promise<string> {
    const lost: { why?: string } = {};
    const over = new AbortController();
    const lose = (why: string) => {
      lost.why ??= why;
      over.abort();
      this.#nudge();
    };
    const close = () => lose(closing);
    tunnel.onDown(lose);
    this.#ended.signal.addEventListener('abort', close);
    if (this.#ended.signal.aborted) close();
    const namedAt = performance.now();
    try {
      for (;;) {
        const seen = await this.#options.probe.ask(tunnel.url, {}, over.signal);
        if (lost.why !== undefined) return lost.why;
        this.#note(seen, tunnel.url);
        if (shouldReopen(this.#life, seen.outcome, performance.now() - namedAt, this.#times))
          return seen.why;
        await this.#pause(untilProbeMs(this.#life, this.#times));
        if (lost.why !== undefined) return lost.why;
      }
    } finally {
      this.#ended.signal.removeEventListener('abort', close);
    }
  }

  #note({ outcome, why }: Seen, url: string): void {
    if (outcome === 'proved') {
      this.#provedAt = performance.now();
      this.#moveTo(withoutSlash(url));
      return this.#become('probe.proved', '');
    }
    // What a stranger answers at may be the stranger's: no phone number goes there. A known address is the keeper's own.
    if (outcome === 'stranger' && this.#options.backend.knownUrl === undefined) {
      if (this.#address === withoutSlash(url)) this.#moveTo(undefined);
    }
    this.#become('probe.failed', why);
  }

  #moveTo(address: string | undefined): void {
    if (this.#address === address) return;
    const before = this.#address ?? 'none';
    this.#address = address;
    this.#options.lastAddress?.write(address);
    this.#options.log.info('the public address has changed', { before, now: address ?? 'none' });
  }

  #become(event: TunnelEvent, detail: string): void {
    this.#life = tunnelAfter(this.#life, event);
    this.#detail = detail === '' && this.#life.state === 'opening' ? this.#detail : detail;
    if (event !== 'opening.began') {
      this.#verdict.resolve();
      this.#verdict = Promise.withResolvers();
    }
    this.#tell();
  }

  /** What lasts is told once: a day without network must not fill the log with openings that fail. */
  #tell(): void {
    const { backend, log } = this.#options;
    const { state } = this.#life;
    const news = `${state} ${this.#detail}`;
    if (state === 'opening' || news === this.#told) return;
    this.#told = news;
    log.info('tunnel', { mode: backend.name, state, why: this.#detail });
  }

  /** Resolves when the time is over, or when somebody cannot wait for that. */
  async #pause(ms: number): Promise<void> {
    const over = new AbortController();
    this.#nudge = () => over.abort();
    if (this.#ended.signal.aborted) return;
    await sleep(ms, undefined, { signal: over.signal }).catch(() => {});
  }
}
