/** The counter's orders: a trade by hand, and what became of its payment. */
import type { Household } from './core/household.ts';
import type { TopupId, TradeId } from './core/ids.ts';
import { readPhone } from './core/phone.ts';
import { fail, ok, type Result } from './core/result.ts';
import type { Topup } from './core/topup.ts';
import type { Trade } from './core/trade.ts';
import { type Cents, centsPerKwh, wattHours } from './core/units.ts';
import type { Desk, OrderReceipt, PaymentState, Problem, TradeOrder } from './ports/desk.ts';
import type { Needs } from './ports/needs.ts';
import { type OrderProblem, orderTrade } from './steps/order-trade.ts';

/** How long an order waits for M-Pesa's acknowledgement before it answers without one; machine ms. */
const acknowledgeMs = 5_000;
const lookEveryMs = 25;

type Orders = Pick<Desk, 'executeTrade' | 'paymentStatus' | 'askAboutPush'>;

/** Orders by hand go the same way as the market's trades. */
export const openOrders = (hub: Needs): Orders => ({
  executeTrade: (order) => executeTrade(hub, order),
  paymentStatus: (transactionId) => {
    const topup = findTopup(hub, transactionId);
    const trade =
      topup === undefined ? hub.books.trades.find(transactionId as TradeId) : tradeOf(hub, topup);
    if (topup === undefined && trade === undefined) return fail(unknownPayment);
    return ok({
      transactionId,
      state: topup === undefined ? stateOfTrade(trade) : stateOf(topup),
      amountCents: topup?.amountCents ?? trade?.amountCents ?? 0,
      receipt: topup?.receipt ?? null,
      tradeId: trade?.id ?? null,
    });
  },
  askAboutPush: async (requestId) => {
    const topup = findTopup(hub, requestId);
    if (topup?.checkoutRequestId === undefined) return fail(unknownPayment);
    const outcome = await hub.money.askAboutPush(topup.checkoutRequestId);
    const code = 'code' in outcome ? outcome.code : null;
    return ok({ requestId, result: words[outcome.kind], code });
  },
});

const words = {
  paid: 'paid',
  failed: 'not paid',
  'in-flight': 'waiting for the PIN',
  'unknown-code': 'M-Pesa answered something that the hub does not know',
  'no-answer': 'M-Pesa does not answer now',
  misconfigured: 'M-Pesa refuses the hub',
} as const;

const unknownPayment: Problem = {
  status: 404,
  title: 'No such payment',
  detail: 'No payment of this hub has that id.',
};

const unknownTime: Problem = {
  status: 503,
  title: 'The time is not known',
  detail: 'The market waits until somebody confirms the time of the hub: hub clock show.',
};

async function executeTrade(hub: Needs, order: TradeOrder): Promise<Result<OrderReceipt, Problem>> {
  if (hub.clock.trust() === 'untrusted') return fail(unknownTime);
  const buyer = householdOf(hub, order.buyerPhone, 'phone');
  const seller = householdOf(hub, order.sellerPhone, 'seller_phone');
  if (!buyer.ok) return buyer;
  if (!seller.ok) return seller;
  const ordered = orderTrade(hub, {
    seller: seller.value,
    buyer: buyer.value,
    energyWh: wattHours(order.energyWh),
    rate: centsPerKwh(order.priceCentsPerKwh),
    idempotencyKey: order.idempotencyKey,
  });
  if (!ordered.ok) return fail(problemOf(ordered.error));
  return ok(await receiptFor(hub, ordered.value));
}

function householdOf(hub: Needs, text: string, field: string): Result<Household, Problem> {
  const phone = readPhone(text);
  if (!phone.ok)
    return fail({
      status: 400,
      title: 'Not a Kenyan mobile number',
      detail: `${field} must look like 0712345678, 0112345678 or 254712345678.`,
      field,
    });
  const household = hub.books.households.byPhone(phone.value);
  if (household !== undefined) return ok(household);
  const detail = `No household of this hub has the ${field} that was given.`;
  return fail({ status: 422, title: 'Unknown household', detail, field });
}

function problemOf(problem: OrderProblem): Problem {
  switch (problem.kind) {
    case 'same-household':
      return {
        status: 422,
        title: 'A trade needs two households',
        detail: 'Buyer and seller are the same.',
        field: 'seller_phone',
      };
    case 'key-used':
      return {
        status: 422,
        title: 'Idempotency key used',
        detail: 'This key was used for another order.',
        field: 'Idempotency-Key',
      };
    case 'too-cheap':
      return {
        status: 422,
        title: 'Too little money',
        detail: 'The trade would cost less than one cent.',
        field: 'price',
      };
    case 'too-dear':
      return {
        status: 422,
        title: 'Too much money',
        detail: 'M-Pesa takes at most KES 250,000 at once.',
        field: 'amount',
      };
    case 'wallet-barred':
      return {
        status: 409,
        title: 'The seller’s wallet does not let go',
        detail: `The seller holds the key of its wallet: ${problem.why}.`,
      };
    case 'not-enough-energy':
      return {
        status: 409,
        title: 'Not enough unsold energy',
        detail: `The seller has ${problem.thereWh} Wh to sell.`,
        field: 'amount',
      };
  }
}

/** Waits a little for M-Pesa's own id; without one our payment id stands, and both are understood ever after. */
async function receiptFor(hub: Needs, trade: Trade): Promise<OrderReceipt> {
  const started = performance.now();
  for (;;) {
    const now = hub.books.trades.find(trade.id) ?? trade;
    const topup = now.topup === undefined ? undefined : hub.books.topups.find(now.topup);
    const decided =
      now.state !== 'matched' &&
      (topup === undefined ? now.state !== 'awaiting-funds' : !isAsking(topup));
    if (decided || performance.now() - started > acknowledgeMs) return receiptOf(now, topup);
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
}

const isAsking = ({ state, detail }: Topup): boolean =>
  state === 'intent' || (state === 'unknown' && detail === 'sent');

function receiptOf(trade: Trade, topup: Topup | undefined): OrderReceipt {
  const state = topup === undefined ? stateOfTrade(trade) : stateOf(topup);
  const amount = topup?.amountCents ?? trade.amountCents;
  return {
    tradeId: trade.id,
    energyWh: trade.energyWh,
    priceCentsPerKwh: trade.rate,
    transactionId: topup?.checkoutRequestId ?? topup?.id ?? trade.id,
    state,
    customerMessage: messages[state](shillings(amount)),
  };
}

const messages: Record<PaymentState, (amount: string) => string> = {
  pending_stk_push: (amount) => `Enter your PIN to pay KES ${amount} for energy`,
  waiting: (amount) => `Your phone will be asked for KES ${amount} as soon as it may ring`,
  completed: (amount) => `KES ${amount} are paid`,
  failed: () => 'The payment did not succeed; nothing was taken',
  unknown: () =>
    'It is not certain whether your phone was asked. Do not pay twice: we are finding out',
};

/** KES 30.00: cents are shown, M-Pesa takes whole shillings. */
const shillings = (amount: Cents): string => (amount / 100).toFixed(2);

function stateOf(topup: Topup): PaymentState {
  switch (topup.state) {
    case 'intent':
      return 'waiting';
    case 'pending':
      return 'pending_stk_push';
    case 'credited':
      return 'completed';
    case 'failed':
    case 'closed':
    case 'abandoned':
      return 'failed';
    case 'unknown':
    case 'conflict':
    case 'review':
      return 'unknown';
  }
}

function stateOfTrade(trade: Trade | undefined): PaymentState {
  if (trade === undefined || trade.state === 'expired' || trade.state === 'undone') return 'failed';
  return trade.state === 'matched' || trade.state === 'awaiting-funds' ? 'waiting' : 'completed';
}

const findTopup = ({ books }: Needs, id: string): Topup | undefined =>
  books.topups.byCheckoutRequest(id) ?? books.topups.find(id as TopupId) ?? ofTrade(books, id);

function ofTrade(books: Needs['books'], id: string): Topup | undefined {
  const topup = books.trades.find(id as TradeId)?.topup;
  return topup === undefined ? undefined : books.topups.find(topup);
}

const tradeOf = ({ books }: Needs, topup: Topup): Trade | undefined =>
  books.trades.ofTopup(topup.id);
