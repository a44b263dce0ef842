/** What the web side needs from the one who opens it. */
import type { HubEvent } from '../../events/hub-event.ts';
import type { Desk } from '../../ports/desk.ts';
import type { DoctorDesk } from '../../ports/doctor-desk.ts';
import type { GiftDesk } from '../../ports/gift-desk.ts';
import type { ClockDesk } from '../../ports/hub-clock.ts';
import type { KeeperDesk, KeeperSessions } from '../../ports/keeper-desk.ts';
import type { Log } from '../../ports/log.ts';
import type { MeDesk, SessionDesk } from '../../ports/me-desk.ts';
import type { MeterDesk } from '../../ports/meter-desk.ts';
import type { MoneyDesk } from '../../ports/money-desk.ts';
import type { TunnelDesk } from '../../ports/tunnel.ts';
import type { WalletDesk } from '../../ports/wallet-desk.ts';
import type { BoardView } from './board-view.ts';

export interface EventSource {
  /** Returns the way to stop listening. */
  subscribe(listener: (event: HubEvent) => void): () => void;
}

/** One line of /metrics. A counter only grows. */
export type Figure = {
  /** Letters, digits and underscores, with its unit: `jirani_readings_stored_total`. */
  readonly name: string;
  readonly help: string;
  readonly kind: 'counter' | 'gauge';
  readonly value: number;
  readonly labels?: Readonly<Record<string, string>>;
};

export type Check = { readonly ok: boolean; readonly detail: string };
/** Named checks: `{ books: { ok: true, detail: '' } }`. */
export type Readiness = Readonly<Record<string, Check>>;

export type WebLimits = {
  readonly bodyBytesMax: number;
  /** Per address. */
  readonly requestsPerMinute: number;
  readonly ordersPerMinute: number;
  readonly signInsPerMinute: number;
  readonly connectionsMax: number;
  readonly liveClientsMax: number;
  /** Places of signed-in households, beside those of strangers and the operator. */
  readonly liveHouseholdsMax: number;
  /** Of `liveClientsMax`, the places that strangers cannot take. */
  readonly livePlacesForOperator: number;
  /** What may wait in memory for one slow listener. */
  readonly livePendingBytesMax: number;
  readonly heartbeatMs: number;
  readonly eventLoopDelayMaxMs: number;
  /** Memory of the process beyond which pages wait, so that meters and money need not. */
  readonly residentBytesMax: number;
};

export const usualWebLimits: WebLimits = {
  bodyBytesMax: 16 * 1024,
  requestsPerMinute: 3000,
  ordersPerMinute: 300,
  signInsPerMinute: 20,
  connectionsMax: 768,
  liveClientsMax: 64,
  liveHouseholdsMax: 400,
  livePlacesForOperator: 8,
  livePendingBytesMax: 64 * 1024,
  heartbeatMs: 15_000,
  eventLoopDelayMaxMs: 2000,
  residentBytesMax: 640 * 1024 * 1024,
};

export type WebOptions = {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly desk: Desk;
  /** Without it the calls about money do not exist. */
  readonly money?: MoneyDesk;
  /** Without it nobody can give energy away. */
  readonly gifts?: GiftDesk;
  /** Without it no household can sign in. */
  readonly household?: {
    readonly me: MeDesk;
    readonly sessions: SessionDesk;
    /** Calls back when something of a household's page changed that is no event of the hub; returns what ends it. */
    readonly nudges?: (listener: (household: string) => void) => () => void;
  };
  /** Without it there is no page of the keeper's. */
  readonly keeper?: { readonly desk: KeeperDesk; readonly sessions: KeeperSessions };
  /** Without it nobody can bring an own wallet. */
  readonly wallets?: WalletDesk;
  /** Without it no meter can be told anything. */
  readonly meters?: MeterDesk;
  /** Without it nobody can tell the hub what time it is. */
  readonly clock?: ClockDesk;
  /** Without it `doctor` makes no calls through the hub. */
  readonly doctor?: DoctorDesk;
  /** Without it nobody can walk the way of a callback. */
  readonly tunnel?: TunnelDesk;
  readonly operatorToken: string;
  /** Opens the calls that only look at readings; for flows. */
  readonly readToken?: string;
  /** Where Node-RED serves the board on loopback; without it `/board` does not exist. */
  readonly boardPort?: () => number;
  readonly events: EventSource;
  readonly board: () => BoardView;
  readonly readiness: () => Readiness | Promise<Readiness>;
  readonly metrics: () => readonly Figure[];
  readonly log: Log;
  readonly version: string;
  readonly limits?: Partial<WebLimits>;
};
