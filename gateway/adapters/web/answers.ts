/** The shape of every answer, for the OpenAPI page; the compiler holds each against the desk's own type. */
import { z } from 'zod';
import type {
  AdviceView,
  ChainView,
  HouseholdView,
  HubStatus,
  LedgerView,
  MarketView,
  ReadingView,
  RollupView,
  TradeView,
} from '../../ports/desk.ts';
import type { BoardView } from './board-view.ts';

const whole = z.int();
const maybeText = z.string().nullable();

export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: whole,
  detail: z.string(),
  field: z.string().optional(),
});

export const paymentState = z.enum([
  'pending_stk_push',
  'waiting',
  'completed',
  'failed',
  'unknown',
]);

export const orderAnswer = z.object({
  trade: z.object({
    id: z.string(),
    type: z.literal('BUY'),
    amount: z.string().meta({ examples: ['2.5 kWh'] }),
    price: z.string().meta({ examples: ['12.0 KES/kWh'] }),
  }),
  payment: z.object({
    tx_id: z.string(),
    status: paymentState,
    payment_method: z.literal('mpesa_daraja_stk'),
    customer_message: z.string(),
  }),
});

export const paymentAnswer = z.object({
  tx_id: z.string(),
  status: paymentState,
  amount: z.string().meta({ examples: ['KES 30.00'] }),
  receipt: maybeText,
  trade: maybeText,
});

export const pushAnswer = z.object({ req_id: z.string(), result: z.string(), code: maybeText });

const tradeView = z.object({
  id: z.string(),
  origin: z.enum(['round', 'order']),
  sellerId: z.string(),
  buyerId: z.string(),
  energyWh: whole,
  priceCentsPerKwh: whole,
  amountCents: whole,
  state: z.string(),
  checkoutRequestId: maybeText,
  receipt: maybeText,
  signature: maybeText,
  payoutId: maybeText,
  createdAt: z.string(),
}) satisfies z.ZodType<TradeView>;

export const tradesAnswer = z.object({ trades: z.array(tradeView) });

export const tradeAnswer = tradeView.extend({
  journey: z
    .array(z.object({ at: z.string(), event: z.string(), detail: z.string() }).readonly())
    .readonly(),
});

export const householdAnswer = z.object({
  id: z.string(),
  name: z.string(),
  phone: z.string().meta({ description: 'masked' }),
  role: z.string(),
  walletCents: whole,
  earningsCents: whole,
  energyWh: whole,
  boughtWh: whole,
  needWh: whole,
}) satisfies z.ZodType<HouseholdView>;

export const householdsAnswer = z.object({ households: z.array(householdAnswer) });

const readingView = z.object({
  meter: z.string(),
  sequence: whole,
  at: z.string(),
  importMwh: whole,
  exportMwh: whole,
  generationMwh: whole,
  powerMw: whole,
}) satisfies z.ZodType<ReadingView>;

const rollupView = z.object({
  meter: z.string(),
  at: z.string(),
  readings: whole,
  importMwh: whole,
  exportMwh: whole,
  generationMwh: whole,
  importRegisterMwh: whole,
  exportRegisterMwh: whole,
  generationRegisterMwh: whole,
  powerMeanMw: whole,
  powerLeastMw: whole,
  powerMostMw: whole,
}) satisfies z.ZodType<RollupView>;

/** One of the two, as the resolution asks. */
export const readingsAnswer = z.object({
  readings: z.array(readingView).optional(),
  rollups: z.array(rollupView).optional(),
});

const adviceView = z.object({
  policy: z.string(),
  known: z.record(z.string(), z.unknown()),
  reasonSw: z.string(),
  id: z.string(),
  householdId: z.string(),
  slot: whole,
  energyWh: whole,
  keepWh: whole,
  sellWh: whole,
  reason: z.string(),
  source: z.enum(['rule', 'model']),
  opinion: z
    .object({ model: z.string(), sellWh: whole, reason: z.string(), reasonSw: z.string() })
    .nullable(),
}) satisfies z.ZodType<AdviceView>;

export const adviceAnswer = z.object({ advice: z.array(adviceView) });

const dayInLots = z.object({ offeredLots: whole, askedLots: whole });

export const marketAnswer = z.object({
  rateCentsPerKwh: whole,
  floorCentsPerKwh: whole,
  capCentsPerKwh: whole,
  ...{ yesterday: dayInLots, today: dayInLots, nextRateCentsPerKwh: whole },
  rounds: z
    .array(
      z.object({
        slot: whole,
        at: z.string(),
        offeredLots: whole,
        askedLots: whole,
        matchedLots: whole,
        state: z.string(),
      }),
    )
    .readonly(),
}) satisfies z.ZodType<MarketView>;

export const ledgerAnswer = z.object({
  trialBalanceCents: whole,
  trialBalanceWh: whole,
  accounts: z
    .array(z.object({ account: z.string(), unit: z.enum(['cents', 'Wh']), balance: whole }))
    .readonly(),
}) satisfies z.ZodType<LedgerView>;

export const chainAnswer = z.object({
  cluster: z.string(),
  supplyWh: whole,
  heldWh: whole,
}) satisfies z.ZodType<ChainView>;

export const statusAnswer = z.object({
  hub: z.string(),
  version: z.string(),
  scheme: z.string(),
  time: z.object({ neighbourhood: z.string(), speed: z.number(), trust: z.string() }),
  integrations: z.record(
    z.string(),
    z.object({ mode: z.string(), state: z.string(), detail: z.string() }),
  ),
  payments: z.object({
    confirmed: whole,
    credited: whole,
    medianSeconds: z.number().nullable(),
    worstSeconds: z.number().nullable(),
  }),
  readings: z.object({
    acknowledged: whole,
    stored: whole,
    quarantined: z.record(z.string(), whole),
  }),
}) satisfies z.ZodType<HubStatus>;

export const boardAnswer = z.object({
  tradedWhToday: whole,
  tradedCentsToday: whole,
  openTrades: whole,
  paidCount: whole,
  creditedCount: whole,
  rateCentsPerKwh: whole,
  surplusWh: whole,
  sunWattsPerM2: whole.nullable(),
  adviceGainedCents: whole,
  advicePossibleCents: whole,
  lastTrades: z
    .array(
      z.object({
        id: z.string(),
        energyWh: whole,
        amountCents: whole,
        state: z.string(),
        at: z.string(),
      }),
    )
    .readonly(),
}) satisfies z.ZodType<BoardView>;
