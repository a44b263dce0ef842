/**
 * The counter at which people and programs ask: the HTTP API and the command line stand before it,
 * the hub behind it. Everything shown here is fit for an operator; phones are masked.
 */
import type { Result } from '../core/result.ts';
import type { RollupWidth } from '../core/rollup.ts';
import type { AdviceDesk } from './advice-desk.ts';

export type TradeOrder = {
  readonly energyWh: number;
  readonly priceCentsPerKwh: number;
  readonly buyerPhone: string;
  readonly sellerPhone: string;
  readonly idempotencyKey: string | undefined;
};

/** What went wrong, for the caller: an RFC 9457 problem without its type. */
export type Problem = {
  readonly status: 400 | 404 | 409 | 422 | 503;
  readonly title: string;
  readonly detail: string;
  /** The JSON field that is wrong, when one is. */
  readonly field?: string;
};

export type PaymentState = 'pending_stk_push' | 'waiting' | 'completed' | 'failed' | 'unknown';

export type OrderReceipt = {
  readonly tradeId: string;
  readonly energyWh: number;
  readonly priceCentsPerKwh: number;
  readonly transactionId: string;
  readonly state: PaymentState;
  readonly customerMessage: string;
};

export type PaymentView = {
  readonly transactionId: string;
  readonly state: PaymentState;
  readonly amountCents: number;
  readonly receipt: string | null;
  readonly tradeId: string | null;
};

export type TradeView = {
  readonly id: string;
  readonly origin: 'round' | 'order';
  readonly sellerId: string;
  readonly buyerId: string;
  readonly energyWh: number;
  readonly priceCentsPerKwh: number;
  readonly amountCents: number;
  readonly state: string;
  readonly checkoutRequestId: string | null;
  readonly receipt: string | null;
  readonly signature: string | null;
  readonly payoutId: string | null;
  readonly createdAt: string;
};

/** One line of a trade's life. */
export type JourneyLine = { readonly at: string; readonly event: string; readonly detail: string };

export type HouseholdView = {
  readonly id: string;
  readonly name: string;
  readonly phone: string;
  readonly role: string;
  readonly walletCents: number;
  readonly earningsCents: number;
  readonly energyWh: number;
  readonly boughtWh: number;
  readonly needWh: number;
};

export type ReadingView = {
  readonly meter: string;
  readonly sequence: number;
  readonly at: string;
  readonly importMwh: number;
  readonly exportMwh: number;
  readonly generationMwh: number;
  readonly powerMw: number;
};

export type AdviceView = {
  readonly id: string;
  readonly householdId: string;
  readonly slot: number;
  readonly energyWh: number;
  readonly keepWh: number;
  readonly sellWh: number;
  readonly reason: string;
  readonly reasonSw: string;
  readonly source: 'rule' | 'model';
  /** Which way of keeping and selling decided, and what it knew then; thousandths, Wh. */
  readonly policy: string;
  readonly known: Readonly<Record<string, unknown>>;
  readonly opinion: {
    readonly model: string;
    readonly sellWh: number;
    /** Empty where the model's words held what the hub did not compute. */
    readonly reason: string;
    readonly reasonSw: string;
  } | null;
};

export type DayInLots = { readonly offeredLots: number; readonly askedLots: number };

export type MarketView = {
  readonly rateCentsPerKwh: number;
  readonly floorCentsPerKwh: number;
  readonly capCentsPerKwh: number;
  /** What moves the rate at midnight: lots offered (S) and asked (B) in two-sided rounds of yesterday and today. */
  readonly yesterday: DayInLots;
  readonly today: DayInLots;
  /** What would be posted at midnight if nothing else were offered or asked today. */
  readonly nextRateCentsPerKwh: number;
  readonly rounds: readonly {
    readonly slot: number;
    readonly at: string;
    readonly offeredLots: number;
    readonly askedLots: number;
    readonly matchedLots: number;
    readonly state: string;
  }[];
};

export type LedgerView = {
  readonly trialBalanceCents: number;
  readonly trialBalanceWh: number;
  readonly accounts: readonly {
    readonly account: string;
    readonly unit: 'cents' | 'Wh';
    readonly balance: number;
  }[];
};

export type ChainView = {
  readonly cluster: string;
  /** Tokens in existence, and what the households hold of them. */
  readonly supplyWh: number;
  readonly heldWh: number;
};

/** What a meter did in one bucket of time; energies are differences of its registers. */
export type RollupView = {
  readonly meter: string;
  readonly at: string;
  readonly readings: number;
  readonly importMwh: number;
  readonly exportMwh: number;
  readonly generationMwh: number;
  /** The register at the last reading of the bucket. */
  readonly importRegisterMwh: number;
  readonly exportRegisterMwh: number;
  readonly generationRegisterMwh: number;
  readonly powerMeanMw: number;
  readonly powerLeastMw: number;
  readonly powerMostMw: number;
};

type TimeQuery = { readonly from: string | undefined; readonly to: string | undefined };

export type IntegrationView = {
  readonly mode: string;
  readonly state: string;
  readonly detail: string;
};
export type HubStatus = {
  readonly hub: string;
  readonly version: string;
  readonly scheme: string;
  readonly time: { readonly neighbourhood: string; readonly speed: number; readonly trust: string };
  readonly integrations: Readonly<Record<string, IntegrationView>>;
  /** Paid means credited: seconds of the neighbourhood's clock from M-Pesa's word to the wallet. */
  readonly payments: {
    readonly confirmed: number;
    readonly credited: number;
    /** Null before the first. */
    readonly medianSeconds: number | null;
    readonly worstSeconds: number | null;
  };
  readonly readings: {
    readonly acknowledged: number;
    readonly stored: number;
    readonly quarantined: Readonly<Record<string, number>>;
  };
};

export type PushTruth = {
  readonly requestId: string;
  readonly result: string;
  readonly code: string | null;
};

export interface Desk extends AdviceDesk {
  executeTrade(order: TradeOrder): Promise<Result<OrderReceipt, Problem>>;
  paymentStatus(transactionId: string): Result<PaymentView, Problem>;
  askAboutPush(requestId: string): Promise<Result<PushTruth, Problem>>;
  status(): HubStatus;
  trades(limit: number): TradeView[];
  trade(id: string): Result<TradeView & { readonly journey: readonly JourneyLine[] }, Problem>;
  households(): HouseholdView[];
  household(id: string): Result<HouseholdView, Problem>;
  /** `from` and `to` in ISO 8601; at most 10,000 readings. */
  readings(query: TimeQuery & { readonly meter: string }): Promise<Result<ReadingView[], Problem>>;
  /** As above, in buckets; of all meters, bucket by bucket, when none is named. */
  rollups(
    query: TimeQuery & {
      readonly meter: string | undefined;
      readonly width: RollupWidth;
    },
  ): Promise<Result<RollupView[], Problem>>;
  advice(limit: number): AdviceView[];
  market(): MarketView;
  ledger(): LedgerView;
  /** Asks the chain now. */
  chain(): Promise<Result<ChainView, Problem>>;
}

/** The counter for M-Pesa's callbacks: keep first, answer second. */
export interface CallbackDesk {
  /** Whether the path was given out and lives: cheap, and never 'none' for one that `keep` would know. */
  useOf(token: string): 'none' | 'once' | 'standing';
  /** 'kept' only after the bytes are on disk; 'unknown' for a path that was never given out or is over. */
  keep(token: string, body: Uint8Array): 'kept' | 'unknown' | 'too-many' | 'not-kept';
}
