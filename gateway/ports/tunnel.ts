/** How M-Pesa reaches the hub from outside. */
import type { TunnelState } from '../core/tunnel.ts';

export type TunnelMode = 'static' | 'localtunnel' | 'command';

/** One opened tunnel. Its own opinion of itself is only a hint; a probe decides. */
export interface Tunnel {
  /** The public base address, as the other side named it. */
  readonly url: string;
  /** Leaves nothing behind: a forgotten client would take the address away from its successor. */
  close(): Promise<void>;
  /** Calls back once when the tunnel says that it is gone. */
  onDown(hear: (why: string) => void): void;
}

export interface TunnelBackend {
  readonly name: TunnelMode;
  /** The address that is known without opening anything; it is given out before it is proved. */
  readonly knownUrl: string | undefined;
  /** Rejects when it fails, and when the signal aborts; then nothing of it is left. */
  open(localPort: number, signal: AbortSignal): Promise<Tunnel>;
}

export type TunnelHealth = {
  readonly mode: TunnelMode | 'none';
  readonly state: TunnelState;
  /** A sentence for a person; empty when all is well. */
  readonly detail: string;
  /** Openings that were proved. */
  readonly generation: number;
};

/** The address under which M-Pesa finds the callback listener. */
export interface PublicAddress {
  /**
   * The base address to give with a request now, proved if possible; the last known one while the tunnel is down, so
   * that a push can still go; undefined when there is none, or when a stranger answers there.
   */
  url(): string | undefined;
  health(): TunnelHealth;
  /** Renews a proof that has grown old; resolves to whether the address is proved. Never takes longer than a probe. */
  prove(): Promise<boolean>;
}

export type RoundTripStep = {
  readonly step: string;
  readonly result: 'ok' | 'warning' | 'failed' | 'away' | 'left-out';
  /** What was seen, and what to do about it. */
  readonly detail: string;
  readonly tookMs: number;
};

/** `away` when only something outside of the hub does not answer. */
export type RoundTrip = {
  readonly mode: TunnelHealth['mode'];
  readonly result: 'ok' | 'failed' | 'away';
  readonly steps: readonly RoundTripStep[];
};

/** Walks from the public address to the callback listener, step by step. */
export interface TunnelDesk {
  test(): Promise<RoundTrip>;
}
