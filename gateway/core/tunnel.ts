/** The life of a tunnel: what is believed of it, and when it is opened again. Only a proved probe is believed. */

export type TunnelState = 'down' | 'opening' | 'up' | 'degraded';
export type TunnelEvent = 'opening.began' | 'probe.proved' | 'probe.failed' | 'tunnel.lost';

/** Every move a tunnel may make. What is not written here cannot happen. */
const moves: Readonly<Record<TunnelState, Partial<Record<TunnelEvent, TunnelState>>>> = {
  down: { 'opening.began': 'opening' },
  opening: { 'probe.proved': 'up', 'probe.failed': 'opening', 'tunnel.lost': 'down' },
  up: { 'probe.proved': 'up', 'probe.failed': 'degraded', 'tunnel.lost': 'down' },
  degraded: { 'probe.proved': 'up', 'probe.failed': 'degraded', 'tunnel.lost': 'down' },
};

export type TunnelLife = {
  readonly state: TunnelState;
  /** Probes that failed since the last good one, or since the opening began. */
  readonly failures: number;
  /** Openings since the last proof; decides how long the next pause is. */
  readonly attempts: number;
  /** How many openings came to be proved. */
  readonly generation: number;
};

export const unopened: TunnelLife = { state: 'down', failures: 0, attempts: 0, generation: 0 };

/** The life after the event. Throws on a move that is not in the table. */
export function tunnelAfter(life: TunnelLife, event: TunnelEvent): TunnelLife {
  const state = moves[life.state][event];
  if (state === undefined) throw new Error(`a tunnel that is ${life.state} cannot see ${event}`);
  switch (event) {
    case 'opening.began':
      return { ...life, state, failures: 0, attempts: life.attempts + 1 };
    case 'probe.proved':
      return {
        ...{ state, failures: 0, attempts: 0 },
        generation: life.generation + (life.state === 'opening' ? 1 : 0),
      };
    case 'probe.failed':
      return { ...life, state, failures: life.failures + 1 };
    case 'tunnel.lost':
      return { ...life, state };
  }
}

/** What is to be said wherever the tunnel is a localtunnel. */
export const trialMode =
  'trial mode: no encryption between the hub and the tunnel server, and no account';

/** What a probe through the public address came back with: our proof, nothing, or an answer that is not ours. */
export type ProbeOutcome = 'proved' | 'silent' | 'stranger';

export type TunnelTimes = {
  readonly probeEveryMs: number;
  readonly probeTimeoutMs: number;
  /** After a failed probe, and while a tunnel opens. */
  readonly probeAgainMs: number;
  readonly failuresMost: number;
  /** For the program or library to name an address, and again for that address to be proved. */
  readonly openTimeoutMs: number;
  readonly pauseLeastMs: number;
  readonly pauseMostMs: number;
  /** A proof older than this is renewed before a phone is asked. */
  readonly proofLastsMs: number;
};

export const usualTunnelTimes: TunnelTimes = {
  probeEveryMs: 30_000,
  probeTimeoutMs: 5_000,
  probeAgainMs: 2_000,
  failuresMost: 2,
  openTimeoutMs: 20_000,
  pauseLeastMs: 2_000,
  pauseMostMs: 300_000,
  proofLastsMs: 60_000,
};

/**
 * Whether the tunnel should be opened anew. A new name may take seconds to be known everywhere, so that silence counts
 * only after the opening's own time (`sinceNamedMs` counts from when the address was named); a stranger's answer
 * counts at once.
 */
export function shouldReopen(
  { state, failures }: TunnelLife,
  outcome: ProbeOutcome,
  sinceNamedMs: number,
  { failuresMost, openTimeoutMs }: Pick<TunnelTimes, 'failuresMost' | 'openTimeoutMs'>,
): boolean {
  if (outcome === 'proved' || failures < failuresMost) return false;
  return state !== 'opening' || outcome === 'stranger' || sinceNamedMs >= openTimeoutMs;
}

/** Until the next probe, in ms. */
export const untilProbeMs = ({ state, failures }: TunnelLife, times: TunnelTimes): number =>
  state === 'up' && failures === 0 ? times.probeEveryMs : times.probeAgainMs;

/** Before the next opening, in ms: from the least to the most, doubling; `chance` from 0 to 1 spreads many hubs. */
export function pauseBeforeOpening(
  { attempts }: Pick<TunnelLife, 'attempts'>,
  chance: number,
  { pauseLeastMs, pauseMostMs }: Pick<TunnelTimes, 'pauseLeastMs' | 'pauseMostMs'>,
): number {
  const longest = Math.min(pauseMostMs, pauseLeastMs * 2 ** Math.max(attempts, 1));
  const shortest = Math.max(pauseLeastMs, longest / 2);
  return Math.round(Math.min(pauseMostMs, shortest + chance * (longest - shortest)));
}

/** Whether the address should be proved once more before a phone is asked. */
export const isProofStale = (
  { state }: TunnelLife,
  sinceProofMs: number,
  { proofLastsMs }: Pick<TunnelTimes, 'proofLastsMs'>,
): boolean => (state === 'up' || state === 'degraded') && sinceProofMs > proofLastsMs;
