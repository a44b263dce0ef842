/** What two sides must agree on, each asked by itself: the books, M-Pesa, the chain. */
import { createHash } from 'node:crypto';
import bs58 from 'bs58';
import * as assert from 'uvu/assert';
import { answer, type Ledger, type RunningDemo, type Trade } from './a-demo.ts';
import { until } from './programs.ts';

type Payment = {
  readonly receipt: string;
  readonly checkoutRequestId: string;
  readonly amountCents: number;
};
type Payout = { readonly originatorConversationId: string; readonly amountCents: number };
type Landed = {
  readonly signature: string;
  readonly err: unknown;
  readonly memo: string | null;
};

/** Asks a Solana node as any wallet would. */
async function rpc<T>(url: string, method: string, params: unknown[]): Promise<T> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  const headers = { 'content-type': 'application/json' };
  return (await answer<{ result: T }>(url, { method: 'POST', headers, body })).result;
}

/** The address that only this trade's transfer mentions: whoever knows the trade finds its transfer. */
const addressOf = (trade: string): string =>
  bs58.encode(createHash('sha256').update(`trade:${trade}`).digest());

/** One transfer for each trade, with the trade in its memo, and it is the one that the hub shows. */
export async function assertOnChain(chainUrl: string, trades: readonly Trade[]): Promise<void> {
  for (const { id, signature } of trades) {
    const place = [addressOf(id), { limit: 10 }];
    const landed = await rpc<Landed[]>(chainUrl, 'getSignaturesForAddress', place);
    assert.equal(
      landed.map((each) => [each.signature, each.err, each.memo?.includes(id)]),
      [[signature, null, true]],
    );
    const found = await rpc<{ meta: { err: unknown } }>(chainUrl, 'getTransaction', [signature]);
    assert.is(found.meta.err, null);
  }
}

const sumOf = (list: readonly { amountCents: number }[]): number =>
  list.reduce((sum, { amountCents }) => sum + amountCents, 0);

/** Waits for a moment in which nothing flies: what M-Pesa holds for the hub is what the books say. */
export const moneyAgrees = (demo: RunningDemo): Promise<boolean> =>
  until('M-Pesa and the books agree', async () => {
    const payments = await demo.control<Payment[]>('/mpesa/payments');
    const payouts = await demo.control<Payout[]>('/mpesa/payouts');
    const { accounts } = await demo.api<Ledger>('/api/ledger');
    const balanceOf = (name: string) =>
      accounts.find(({ account }) => account === name)?.balance ?? 0;
    const held = balanceOf('mpesa-utility');
    return held === sumOf(payouts) - sumOf(payments) && balanceOf('out-in-flight') === 0;
  });

/** Receipts are M-Pesa's own, nobody was paid more than was sold, and tokens moved once for each trade. */
export async function assertNothingTwice(demo: RunningDemo): Promise<void> {
  const payouts = await demo.control<Payout[]>('/mpesa/payouts');
  const trades = (await demo.trades()).filter(({ signature }) => signature !== null);
  const closed = trades.filter(({ state }) => state === 'closed');
  const conversations = payouts.map((payout) => payout.originatorConversationId);
  assert.is(new Set(conversations).size, conversations.length);
  assert.ok(sumOf(payouts) <= sumOf(trades), 'more was paid out than sold');

  const payments = await demo.control<Payment[]>('/mpesa/payments');
  const requests = new Map(payments.map((each) => [each.receipt, each.checkoutRequestId]));
  for (const { receipt, checkoutRequestId } of closed)
    if (receipt !== null) assert.is(requests.get(receipt), checkoutRequestId);
  await assertOnChain(demo.chainUrl, closed);
}
