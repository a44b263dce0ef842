/** The counter for one household: it signs in, sees its own and nobody else's, and decides for itself. */

import type { Result } from '../core/result.ts';
import type { HubEvent } from '../events/hub-event.ts';
import type { Problem } from './desk.ts';
import type { Done } from './money-desk.ts';

/** `waitMs` is machine time; nothing tells whether phone or PIN was wrong. */
export type NoSignIn =
  | { readonly kind: 'wrong' }
  | { readonly kind: 'wait'; readonly waitMs: number };

export type SignedIn = {
  /** What the browser keeps: 256 random bits, base64url. */
  readonly token: string;
  readonly livesMs: number;
};

export interface SessionDesk {
  signIn(phone: string, pin: string): Promise<Result<SignedIn, NoSignIn>>;
  /** A code works once. */
  signInByCode(code: string): Result<SignedIn, NoSignIn>;
  /** The household of a token; undefined when it is unknown or over. */
  householdOf(token: string): string | undefined;
  signOut(token: string): void;
}

/** Present power in W, from the newest readings; null where no meter tells. */
export type MeNow = {
  readonly at: string;
  readonly sunW: number | null;
  readonly useW: number | null;
  /** Above 0 the household gives, below 0 it takes. */
  readonly surplusW: number | null;
};

/** One slot of today, or one day of the month. Wh; `sunWh` and `useWh` are null where no meter at the panels tells. */
export type MeSpan = {
  readonly at: string;
  readonly sunWh: number | null;
  readonly useWh: number | null;
  readonly exportedWh: number;
  readonly importedWh: number;
};

export type MeSums = {
  readonly soldWh: number;
  readonly soldCents: number;
  readonly boughtWh: number;
  readonly boughtCents: number;
  /** What covered imports saved against the household's own tariff; null where the scheme saves nothing. */
  readonly savedCents: number | null;
};

/** Words of a trade's life; the page has a sentence for each, by side. */
export type MeStep =
  | 'matched'
  | 'phone-asked'
  | 'mpesa-yes'
  | 'paid'
  | 'tokens-moved'
  | 'sent'
  | 'closed'
  | 'expired'
  | 'undone'
  | 'review';

export type MeTrade = {
  readonly id: string;
  readonly side: 'sold' | 'bought';
  readonly energyWh: number;
  readonly amountCents: number;
  readonly state: string;
  readonly at: string;
  readonly steps: readonly { readonly step: MeStep; readonly at: string }[];
  /** What is waited for; null when all is done or over. */
  readonly next: MeStep | null;
  /** A receipt that needs no trust can be fetched. */
  readonly receipt: boolean;
};

export type MeOffer = {
  readonly id: string;
  readonly energyWh: number;
  readonly amountCents: number;
  /** Machine time that is left; a page counts down by its own monotonic clock. */
  readonly expiresInMs: number;
  readonly livesMs: number;
};

export type MeRule = {
  readonly reserveWh: number;
  readonly tonight: 'advice' | 'keep' | 'sell';
  readonly askFirst: boolean;
  readonly sellFloorCents: number;
  readonly buyCeilingCents: number;
  /** Minutes after the neighbourhood's midnight. */
  readonly quietFromMinute: number;
  readonly quietUntilMinute: number;
  readonly language: 'en' | 'sw';
};

/** What a buyer is willing to buy: the hub buys by itself up to it. */
export type MeOrder = {
  /** False: nothing is bought by itself. */
  readonly buy: boolean;
  /** Of a kWh. */
  readonly ceilingCents: number;
  readonly dayMostCents: number;
  /** The least that a top-up asks the phone for; whole shillings, 0 for only what is missing. */
  readonly blockCents: number;
};

/** What a flow of the keeper's put on the page; plain text. */
export type MeCard = {
  readonly name: string;
  readonly title: { readonly en: string; readonly sw: string };
  readonly value: number | string;
  readonly unit: string;
};

export type MeView = {
  readonly household: {
    readonly id: string;
    readonly name: string;
    readonly role: 'seller' | 'buyer' | 'both';
    readonly phone: string;
    readonly code: string;
  };
  readonly hub: {
    readonly name: string;
    readonly scheme: string;
    readonly pretend: boolean;
    readonly speed: number;
    readonly rateCents: number;
    readonly floorCents: number;
    readonly capCents: number;
  };
  readonly now: MeNow;
  readonly wallet: {
    readonly walletCents: number;
    readonly freeCents: number;
    readonly earningsCents: number;
    /** A prompt that is open on the household's phone now. */
    readonly askedCents: number | null;
  };
  readonly energy: {
    readonly spareWh: number;
    readonly keptWh: number;
    readonly boughtWh: number;
    readonly needWh: number;
  };
  readonly today: MeSums & { readonly slots: readonly MeSpan[] };
  readonly month: MeSums & { readonly days: readonly MeSpan[] };
  readonly offers: readonly MeOffer[];
  readonly trades: readonly MeTrade[];
  readonly advice: {
    readonly sellWh: number;
    readonly keepWh: number;
    readonly reason: string;
    readonly reasonSw: string;
    readonly at: string;
  } | null;
  readonly score: {
    readonly days: number;
    readonly gainedCents: number;
    readonly possibleCents: number;
    readonly sharePercent: number | null;
  } | null;
  /** What holds, with changes that begin at the next slot. */
  readonly rule: MeRule;
  readonly order: MeOrder;
  readonly cards: readonly MeCard[];
  readonly receipts: readonly {
    readonly trade: string;
    readonly at: string;
    readonly energyWh: number;
    readonly amountCents: number;
  }[];
};

export type RuleChange = Partial<MeRule>;

/** Every call names the household of the session, never one that a request names. */
export interface MeDesk {
  view(household: string): Result<MeView, Problem>;
  now(household: string): MeNow;
  changeRule(household: string, change: RuleChange): Result<MeRule, Problem>;
  /** What it is willing to buy in the end. */
  order(household: string): Result<MeOrder, Problem>;
  /** Replaces the whole order, from the next slot on. */
  setOrder(household: string, order: MeOrder): Result<MeOrder, Problem>;
  /** Another household's proposal is not found. */
  answer(household: string, proposal: string, yes: boolean): Result<Done, Problem>;
  topUp(household: string, amountCents: number): Result<Done, Problem>;
  withdraw(household: string, amountCents: number): Result<Done, Problem>;
  /** Energy for the community's school or clinic. */
  gift(household: string, energyWh: number, key: string | undefined): Result<Done, Problem>;
  /** The receipt's file of one of the household's own trades. */
  receipt(household: string, trade: string): Result<unknown, Problem>;
  /** Whom an event is about; only they hear of it. */
  concerned(event: HubEvent): readonly string[];
}
