/** Payments that the hub sends back whole (Reversal): only what customers paid in, never a payout. */
import type { Cents } from '../../core/units.ts';
import { utilityText } from './account-text.ts';
import { stamp } from './east-africa-time.ts';
import type { HubBalance, SimulatedLedger, Transfer } from './ledger.ts';
import { shillingNumber } from './money-text.ts';
import type { Settings } from './options.ts';
import { type Conversation, type ResultParameter, resultMessage } from './result-message.ts';
import type { Payment, Till } from './till.ts';

/** Reversals that one run remembers; then M-Pesa is busy. */
const reversalsMax = 100_000;

export type Reversal = {
  /** The reversal's own receipt. */
  readonly transactionId: string;
  /** The receipt of the payment that goes back. */
  readonly receipt: string;
  readonly originatorConversationId: string;
  readonly phone: string | undefined;
  readonly amountCents: Cents;
  readonly state: 'reversed' | 'failed';
  readonly code: number | string;
  readonly askedAtMs: number;
  readonly endedAtMs: number;
};

export type ReversalRequest = {
  readonly receipt: string;
  readonly amountCents: Cents;
  /** What the initiator's desk said about it; 0 when it may. */
  readonly initiatorCode: number;
};

export type ReversalDesk = {
  isFull(): boolean;
  /** Takes the money out of the hub's account at once; the answer ends it and gives the body of the result. */
  begin(request: ReversalRequest): (conversation: Conversation) => object;
  /** By M-Pesa's own id of the request, or by the reversal's receipt. */
  find(id: string): Reversal | undefined;
  list(): Reversal[];
};

export type ReversalNeeds = {
  readonly settings: Pick<Settings, 'clock' | 'shortcode'>;
  readonly ledger: SimulatedLedger;
  readonly till: Till;
};

/** Opens the desk that gives payments back. */
export function openReversals({ settings, ledger, till }: ReversalNeeds): ReversalDesk {
  const reversals = new Map<string, Reversal>();

  function begin(request: ReversalRequest): (conversation: Conversation) => object {
    const askedAtMs = settings.clock.now();
    const payment = till.find(request.receipt);
    const refusal = refusalOf(request, payment);
    const transfer = refusal === 0 ? ledger.begin('hub', request.amountCents) : undefined;
    if (transfer !== undefined) till.mark(request.receipt, 'reversing');
    return (conversation) => {
      const code = transfer && payment ? finish(transfer, payment) : refusal || utilityShort;
      const reversal: Reversal = {
        ...{ receipt: request.receipt, amountCents: request.amountCents },
        transactionId: conversation.transactionId,
        originatorConversationId: conversation.originatorConversationId,
        phone: payment?.phone,
        state: code === 0 ? 'reversed' : 'failed',
        ...{ code, askedAtMs, endedAtMs: settings.clock.now() },
      };
      reversals.set(reversal.transactionId, reversal);
      const told = code === 0 ? parametersOf(reversal, ledger.hubBalance(), settings) : undefined;
      return resultMessage(conversation, code, told);
    };
  }

  function finish(transfer: Transfer, { receipt, phone }: Payment): number {
    const isFull = transfer.arrive(phone) === 'full';
    if (isFull) transfer.giveBack();
    till.mark(receipt, isFull ? 'kept' : 'reversed');
    return isFull ? receiverFull : 0;
  }

  return {
    begin,
    isFull: () => reversals.size >= reversalsMax,
    find: (id) =>
      reversals.get(id) ??
      reversals.values().find(({ originatorConversationId }) => originatorConversationId === id),
    list: () => [...reversals.values()],
  };
}

/** ResultCodes (Daraja 3.0, Reversal). */
const utilityShort = 1;
const receiverFull = 8;
const alreadyReversed = 'R000001';
const noSuchPayment = 'R000002';

/** A part of a payment cannot go back, so another amount is another transaction. */
function refusalOf(request: ReversalRequest, payment: Payment | undefined): number | string {
  if (request.initiatorCode !== 0) return request.initiatorCode;
  if (payment === undefined || payment.amountCents !== request.amountCents) return noSuchPayment;
  return payment.state === 'kept' ? 0 : alreadyReversed;
}

function parametersOf(
  reversal: Reversal,
  balance: HubBalance,
  { shortcode }: ReversalNeeds['settings'],
): ResultParameter[] {
  return [
    { Key: 'DebitAccountBalance', Value: utilityText(balance) },
    { Key: 'Amount', Value: shillingNumber(reversal.amountCents) },
    { Key: 'TransCompletedTime', Value: Number(stamp(reversal.endedAtMs)) },
    { Key: 'OriginalTransactionID', Value: reversal.receipt },
    { Key: 'Charge', Value: 0 },
    { Key: 'CreditPartyPublicName', Value: `${reversal.phone} - JANE DOE` },
    { Key: 'DebitPartyPublicName', Value: `${shortcode} - Jirani` },
  ];
}
