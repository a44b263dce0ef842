/** POST /mpesa/transactionstatus/v1/query: a question about a payout or a payment; the answer comes to ResultURL. */
import type { Cents } from '../../../core/units.ts';
import type { Call } from '../call.ts';
import { answerLater, initiatorRules } from '../conversations.ts';
import { stamp } from '../east-africa-time.ts';
import type { InitiatorDesk } from '../initiator.ts';
import { shillingText } from '../money-text.ts';
import type { Names } from '../names.ts';
import type { Settings } from '../options.ts';
import type { Payout, PayoutDesk } from '../payouts.ts';
import type { PostOffice } from '../post-office.ts';
import { refused } from '../replies.ts';
import * as field from '../request-fields.ts';
import { type Conversation, type ResultParameter, resultMessage } from '../result-message.ts';
import type { Reversal, ReversalDesk } from '../reversals.ts';
import { chargeFor } from '../tariff.ts';
import type { Payment, Till } from '../till.ts';
import type { Timetable } from '../timetable.ts';

type Needs = {
  readonly settings: Settings;
  readonly names: Names;
  readonly payouts: PayoutDesk;
  readonly till: Till;
  readonly reversals: ReversalDesk;
  readonly initiator: InitiatorDesk;
  readonly timetable: Timetable;
  readonly post: PostOffice;
};

/** What is known about a transaction, whichever way the money went. */
type Known = {
  readonly receipt: string;
  readonly amountCents: Cents;
  readonly status: 'Completed' | 'Cancelled' | 'Declined' | 'Authorized';
  readonly debitParty: string;
  readonly creditParty: string;
  readonly charges: string;
  readonly reason: string;
  readonly startedAtMs: number;
  readonly endedAtMs: number | undefined;
};

/** The question. Its outer ResultCode 0 only means that it could be answered. */
export function transactionStatus(needs: Needs): Call {
  const { settings, names } = needs;
  const rules = rulesOf(settings);

  function resultAbout(id: string, initiatorCode: number) {
    return (conversation: Conversation): object => {
      const known = lookUp(needs, id);
      // What an unknown transaction gets is published nowhere; the reversal's code for it is a string.
      const code = initiatorCode === 0 && known === undefined ? 'R000002' : initiatorCode;
      return resultMessage(
        conversation,
        code,
        code === 0 && known ? parametersOf(known) : undefined,
      );
    };
  }

  return {
    name: 'transaction-status',
    method: 'POST',
    path: '/mpesa/transactionstatus/v1/query',
    needsToken: true,
    answer({ body }) {
      const read = field.readFields(body, rules);
      if (!read.ok)
        return refused(names.request(), '400.002.02', `Bad Request - Invalid ${read.field}`);
      const { texts } = read;
      const id = texts.OriginalConversationID || texts.TransactionID;
      if (id === '')
        return refused(names.request(), '400.002.02', 'Bad Request - Invalid TransactionID');
      const initiatorCode = needs.initiator.check(texts.Initiator, texts.SecurityCredential);
      const result = resultAbout(id, initiatorCode);
      return answerLater(needs, {
        ...{ kind: 'status', about: id, resultUrl: texts.ResultURL, result },
      });
    },
  };
}

function rulesOf(settings: Settings) {
  const id = { ...field.matching(/^[A-Za-z0-9_-]{0,64}$/), optional: true as const };
  return {
    ...initiatorRules(settings),
    CommandID: field.oneOf('TransactionStatusQuery'),
    TransactionID: id,
    OriginalConversationID: id,
    PartyA: field.oneOf(settings.b2cShortcode, settings.shortcode),
    IdentifierType: field.oneOf('4'),
  };
}

function lookUp(needs: Needs, id: string): Known | undefined {
  const payout = needs.payouts.find(id);
  if (payout !== undefined) return knownPayout(payout, needs.settings);
  const payment = needs.till.find(id);
  if (payment !== undefined) return knownPayment(payment, needs.settings);
  const reversal = needs.reversals.find(id);
  return reversal && knownReversal(reversal, needs.settings);
}

function knownPayout(payout: Payout, settings: Settings): Known {
  const states = { paid: 'Completed', failed: 'Declined', pending: 'Authorized' } as const;
  return {
    receipt: payout.transactionId,
    amountCents: payout.amountCents,
    status: states[payout.state],
    debitParty: `${settings.b2cShortcode} - Jirani`,
    creditParty: `${payout.phone} - JANE DOE`,
    charges: `Fee For B2C Payment|KES|${shillingText(chargeFor(settings.payoutChargeCents, payout.amountCents))}`,
    reason: 'Business Payment to Customer via API',
    startedAtMs: payout.askedAtMs,
    endedAtMs: payout.endedAtMs,
  };
}

/** What a reversed payment is called is published nowhere: `reversedStatus` chooses. */
function knownPayment(payment: Payment, settings: Settings): Known {
  return {
    receipt: payment.receipt,
    amountCents: payment.amountCents,
    status: payment.state === 'reversed' ? settings.reversedStatus : 'Completed',
    debitParty: `${payment.phone} - JANE DOE`,
    creditParty: `${settings.shortcode} - Jirani`,
    charges: '',
    reason: payment.checkoutRequestId === undefined ? 'Pay Bill' : 'Pay Bill Online',
    startedAtMs: payment.paidAtMs,
    endedAtMs: payment.paidAtMs,
  };
}

function knownReversal(reversal: Reversal, settings: Settings): Known {
  return {
    receipt: reversal.transactionId,
    amountCents: reversal.amountCents,
    status: reversal.state === 'reversed' ? 'Completed' : 'Declined',
    debitParty: `${settings.shortcode} - Jirani`,
    creditParty: `${reversal.phone} - JANE DOE`,
    charges: '',
    reason: 'Transaction Reversal via API',
    startedAtMs: reversal.askedAtMs,
    endedAtMs: reversal.endedAtMs,
  };
}

function parametersOf(known: Known): ResultParameter[] {
  return [
    { Key: 'DebitPartyName', Value: known.debitParty },
    { Key: 'CreditPartyName', Value: known.creditParty },
    { Key: 'InitiatedTime', Value: Number(stamp(known.startedAtMs)) },
    { Key: 'DebitPartyCharges', Value: known.charges },
    { Key: 'TransactionReason' },
    { Key: 'ReasonType', Value: known.reason },
    { Key: 'TransactionStatus', Value: known.status },
    ...(known.endedAtMs === undefined
      ? []
      : [{ Key: 'FinalisedTime', Value: Number(stamp(known.endedAtMs)) }]),
    { Key: 'Amount', Value: known.amountCents / 100 },
    { Key: 'ReceiptNo', Value: known.receipt },
    // Repeated by the real one, too.
    { Key: 'DebitPartyName', Value: known.debitParty },
  ];
}
