/** What the killed gateway and the test that plays its world say to each other. */

import { epochMs } from '../../gateway/core/units.ts';
import type { NeighbourhoodClock } from '../../gateway/ports/clock.ts';
import { heldMs, speed } from './scenario.ts';

/** The environment of the gateway's process, beside the hub's own. */
export const cutVariable = 'POWER_CUT_AT';
export const faultVariable = 'POWER_CUT_FAULT';
export const beginVariable = 'POWER_CUT_BEGAN_NS';
export const errandVariable = 'POWER_CUT_ERRAND';

/** What the keeper wants beside the trade: money that nobody can place goes back to its phone. */
export type Errand = 'give-back';

/** Reading of CLOCK_MONOTONIC at which the neighbourhood's clock began to run; the same in all processes. */
export type Begin = { readonly beganNs: string };
/** Asks that no boundary cut the power until further notice. */
export type Spare = { readonly spare: boolean };
export type ToGateway = Begin | Spare;

export type Ports = {
  readonly httpPort: number;
  readonly callbackPort: number;
  readonly mqttPort: number | undefined;
};

/** Told many times a second. */
export type Status = {
  /** Boundaries passed since the last status, in order. */
  readonly passed: readonly string[];
  /** Calls to M-Pesa and to the chain that have no answer yet. */
  readonly callsUnderWay: number;
  readonly spared: boolean;
  /** The kiosk's open top-up. */
  readonly topup: string | undefined;
  readonly trades: number;
  /** Trades that still have a way to go. */
  readonly openTrades: number;
  readonly deeds: number;
  /** Of the errand, once there is one: whether it is over. */
  readonly isErrandOver: boolean;
};
export type FromGateway = { readonly ready: Ports } | { readonly status: Status };

export type HeldClock = NeighbourhoodClock & { begin(beganNs: bigint): void };

/** Stands still until it is told to begin, then runs alike in all processes of the machine. */
export function heldClock(already: bigint | undefined): HeldClock {
  let began = already;
  return {
    now() {
      if (began === undefined) return epochMs(heldMs);
      const sinceMs = Number(process.hrtime.bigint() - began) / 1e6;
      return epochMs(Math.floor(heldMs + Math.max(0, sinceMs) * speed));
    },
    begin: (beganNs) => {
      began = beganNs;
    },
    speed,
    trust: () => 'trusted',
  };
}
