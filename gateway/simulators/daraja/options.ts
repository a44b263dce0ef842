/** What can be chosen about the simulated M-Pesa, and what it is without a choice. */
import { type Cents, cents } from '../../core/units.ts';
import type { Behaviours } from './behaviours.ts';
import type { FaultRates, Faults } from './faults.ts';
import type { Totals } from './ledger.ts';
import type { PayoutCharge } from './tariff.ts';
import type { SimulatorClock, Span } from './timetable.ts';

export type MpesaSimulatorOptions = {
  /** 0 takes any free port of 127.0.0.1. */
  readonly port: number;
  readonly clock: SimulatorClock;
  readonly seed: number;
  readonly consumerKey: string;
  readonly consumerSecret: string;
  /** Collects payments. */
  readonly shortcode: string;
  readonly passkey: string;
  readonly initiatorName: string;
  readonly initiatorPassword: string;
  /** Pays out; the collecting one when absent. Both share one Utility account. */
  readonly b2cShortcode?: string;
  /** From prompt to PIN, in neighbourhood ms. */
  readonly reaction?: Span;
  /** From an accepted B2C or status request to its result, in neighbourhood ms. */
  readonly resultDelay?: Span;
  /** How long an unanswered prompt lives, in neighbourhood ms. */
  readonly promptLifeMs?: number;
  /** What each phone holds at first. */
  readonly phoneBalanceCents?: Cents;
  /** The keeper's float: what the hub's Utility account holds at first. */
  readonly utilityBalanceCents?: Cents;
  /** What M-Pesa charges the hub for a payout. */
  readonly payoutChargeCents?: PayoutCharge;
  /** Prompts wait for `answer` instead of for their phone's digits. */
  readonly manual?: boolean;
  /** Phones that behave otherwise than their digits say; looked up anew each time. */
  readonly behaviours?: Behaviours;
  readonly faults?: Faults;
  /** Faults by chance: the share of requests or callbacks that meet each. */
  readonly faultRates?: FaultRates;
  /** Which ones meet a fault; as `seed` when absent. */
  readonly faultSeed?: number;
  /** Product calls within a second of machine time; one more is a spike (429). No limit when absent. */
  readonly requestsPerSecondMax?: number;
  /** The shop is asked before money sent by hand arrives, as M-Pesa does for those who wrote an e-mail. */
  readonly validatesPaybill?: boolean;
  /** Confirmations are sent for payments by prompt, too. Whether M-Pesa does so is published nowhere. */
  readonly confirmsPushes?: boolean;
  /** The confirmation URL can be registered once, as in production. */
  readonly registersOnce?: boolean;
  /** What Transaction Status calls a payment that was sent back; published nowhere. */
  readonly reversedStatus?: 'Completed' | 'Cancelled';
  /** Rows on one page of M-Pesa's list. */
  readonly pullPageMax?: number;
  /** Called after every movement of money. */
  readonly onMove?: (totals: Totals) => void;
  /** Callbacks may go to plain http on loopback, as no real M-Pesa allows. */
  readonly lenientUrls?: boolean;
  /** AccountReference and TransactionDesc may be longer than documented, as the sandbox lets pass. */
  readonly lenientLengths?: boolean;
  /** Each new access token ends the one before. */
  readonly singleToken?: boolean;
  /** Share of STK queries that get the empty 500.001.1001, whatever the payment's state. */
  readonly emptyQueryShare?: number;
  /** Where the public key is written as PEM, for a client that reads it from a file. */
  readonly publicKeyFile?: string;
  /** Where the same key is written as an X.509 certificate, which is how Safaricom hands it out. */
  readonly certificateFile?: string;
};

type Files = 'publicKeyFile' | 'certificateFile';
export type Settings = Required<Omit<MpesaSimulatorOptions, Files | 'onMove'>> &
  Pick<MpesaSimulatorOptions, 'onMove'>;

const defaults = {
  reaction: { leastMs: 8_000, mostMs: 25_000 },
  resultDelay: { leastMs: 2_000, mostMs: 6_000 },
  promptLifeMs: 60_000,
  phoneBalanceCents: cents(500_000),
  utilityBalanceCents: cents(1_000_000),
  payoutChargeCents: 'tariff' as const,
  manual: false,
  faults: {},
  lenientUrls: true,
  lenientLengths: false,
  singleToken: false,
  emptyQueryShare: 0.2,
  faultRates: {},
  requestsPerSecondMax: Number.POSITIVE_INFINITY,
  validatesPaybill: false,
  confirmsPushes: false,
  registersOnce: false,
  reversedStatus: 'Cancelled' as const,
  pullPageMax: 100,
};

/** The chosen options over the defaults. */
export const settle = (options: MpesaSimulatorOptions): Settings => ({
  ...defaults,
  behaviours: new Map(),
  b2cShortcode: options.shortcode,
  faultSeed: options.seed,
  ...options,
});
