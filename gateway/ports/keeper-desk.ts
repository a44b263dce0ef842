/** The counter for the hub keeper: what waits, what is limited, what is stopped, and who moves in. */
import type { Limit, LimitName } from '../core/keeper-limits.ts';
import type { Result } from '../core/result.ts';
import type { Problem } from './desk.ts';
import type { NoSignIn, SignedIn } from './me-desk.ts';
import type { Done } from './money-desk.ts';

export interface KeeperSessions {
  /** By the operator's token, which is not kept in the browser. */
  signIn(operatorToken: string): Result<SignedIn, NoSignIn>;
  isKeeper(sessionToken: string): boolean;
  signOut(sessionToken: string): void;
}

export type LimitView = Limit & {
  readonly name: LimitName;
  /** What counts at this moment, and what will count when all changes have begun. */
  readonly now: number;
  readonly value: number;
  /** The environment variable that sets it at every start; null where the keeper decides. */
  readonly fixedBy: string | null;
};

export type MeterView = {
  readonly id: string;
  readonly place: 'grid' | 'pv';
  readonly online: boolean;
};

export type ResidentView = {
  readonly id: string;
  readonly name: string;
  readonly role: 'seller' | 'buyer' | 'both';
  /** Masked. */
  readonly phone: string;
  readonly code: string;
  readonly meters: readonly MeterView[];
};

export type KeeperView = {
  readonly hub: {
    readonly name: string;
    readonly version: string;
    readonly at: string;
    readonly speed: number;
    readonly pretend: boolean;
  };
  readonly market: {
    readonly open: boolean;
    readonly rateCents: number;
    readonly nextRateCents: number;
  };
  /** By a person. */
  readonly payoutsPaused: boolean;
  /** Whose payouts wait, and why; `household` null: everybody's. */
  readonly pauses: readonly {
    readonly cause: string;
    readonly household: string | null;
    readonly why: string;
    readonly since: string;
  }[];
  readonly limits: readonly LimitView[];
  readonly households: readonly ResidentView[];
  /** Trades whose tokens a person should know of; the hub goes on looking for them on the chain. */
  readonly tradesInReview: readonly {
    readonly id: string;
    readonly seller: string;
    readonly buyer: string;
    readonly amountCents: number;
    readonly why: string;
    readonly at: string;
  }[];
  /** Meters whose new signing key waits for the keeper; keys as fingerprints. */
  readonly meterKeys: readonly {
    readonly meter: string;
    readonly counts: string;
    readonly offered: string;
    readonly since: string;
  }[];
  /** Node-RED's port on the hub's own loopback; null while there is none. */
  readonly editorPort: number | null;
};

export type HouseholdOrder = {
  readonly id: string;
  readonly name: string;
  readonly phone: string;
  readonly role: 'seller' | 'buyer' | 'both';
  readonly language: 'en' | 'sw';
};

/** Rows of a QR code, `1` is dark. */
export type QrRows = readonly string[];

export type SignInCode = {
  readonly household: string;
  readonly link: string;
  readonly qr: QrRows;
  readonly expiresInMs: number;
  /** False while the hub listens only to its own machine. */
  readonly reachable: boolean;
};

/** The password is shown once. */
export type MeterAccess = {
  readonly meterId: string;
  readonly household: string;
  readonly username: string;
  readonly password: string;
  /** What the meter's own setup page asks for. */
  readonly claim: string;
  /** Of its label: a phone that scans it joins the meter's setup network. */
  readonly qr: QrRows;
};

export interface KeeperDesk {
  view(): KeeperView;
  /** Answers from when on it counts, as ISO 8601. */
  changeLimit(name: LimitName, value: number): Result<{ readonly from: string }, Problem>;
  /** The market and everybody's payouts. */
  pauseAll(reason: string): Done;
  /** Ends what `pauseAll` began; pauses for other reasons stand. */
  resumeAll(reason: string): Done;
  enrol(order: HouseholdOrder): Result<ResidentView, Problem>;
  /** `origin`: where the keeper's own browser found the hub, such as `http://192.168.1.20:5000`. */
  signInCode(household: string, origin: string): Result<SignInCode, Problem>;
  newPin(household: string): Promise<Result<{ readonly pin: string }, Problem>>;
  addMeter(household: string, place: 'grid' | 'pv'): Result<MeterAccess, Problem>;
  revokeMeter(meter: string): Result<Done, Problem>;
}
