/** The clock of a hub, with what it knows of itself. */
import type { MeterId } from '../core/ids.ts';
import type { EpochMs } from '../core/units.ts';
import type { ClockTrust, MachineClock, NeighbourhoodClock } from './clock.ts';

/** What the hub's clock says of itself. */
export type ClockView = {
  readonly trust: ClockTrust;
  /** A sentence for a person. */
  readonly because: string;
  /** How often the machine's wall clock was set by more than a minute since the start. */
  readonly jumps: number;
  /** Wall clock less the time that the hub goes by, ms. */
  readonly wallAheadMs: number;
  /** Who tells the time from outside, and how far the wall clock is ahead of each, ms. */
  readonly witnesses: Readonly<Record<string, number>>;
};

/** The hub's time takes another course: readings that were dated by the old one may have to be dated anew. */
export type ClockTurn = {
  readonly trust: ClockTrust;
  /** The start of the machine since which machine time counts. */
  readonly boot: string;
  /** Neighbourhood time less machine time from now on, ms. */
  readonly offsetMs: number;
};

export interface ClockCare {
  /** Gathers what is new, and judges; it happens every second by itself. */
  look(): void;
  /** False where time is believed without question, because all is simulated. */
  readonly isJudged: boolean;
  view(): ClockView;
  /** The keeper says what time it is; believed until the machine starts again or something better is known. */
  confirm(timeMs: EpochMs): void;
  /** A reading that arrived now was measured at `timeMs` by the meter's own clock. */
  hearMeter(meter: MeterId, timeMs: EpochMs): void;
  /** Called at each turn, and at once. Time is not said to be better before what it returns is resolved. */
  onTurn(listener: (turn: ClockTurn) => void | Promise<void>): void;
}

export type HubClock = NeighbourhoodClock & MachineClock & ClockCare & Disposable;

/** What the keeper asks of the clock, and tells it. */
export interface ClockDesk {
  show(): ClockView & { readonly time: string };
  /** False when that time is impossible. */
  confirm(timeMs: number): boolean;
}
