/** POST /mpesa/transactionstatus/v1/query: a question about a payout or a payment; the answer comes to ResultURL. */
import type { Cents } from '../../../core/units.ts';
import type { Call } from '../call.ts';
import { isCallable } from '../callback-url.ts';
import type { Courier } from '../courier.ts';
import { stamp } from '../east-africa-time.ts';
import type { InitiatorDesk } from '../initiator.ts';
import { shillingText } from '../money-text.ts';
import type { Names } from '../names.ts';
import type { Settings } from '../options.ts';
import type { PayoutDesk } from '../payouts.ts';
import type { PromptDesk } from '../prompts.ts';
import { accepted, refused } from '../replies.ts';
import * as field from '../request-fields.ts';
import { type ResultParameter, resultMessage } from '../result-message.ts';
import type { Timetable } from '../timetable.ts';

type Needs = {
  readonly settings: Settings;
  readonly names: Names;
  readonly payouts: PayoutDesk;
  readonly prompts: PromptDesk;
  readonly initiator: InitiatorDesk;
  readonly timetable: Timetable;
  readonly courier: Courier;
};

/** What is known about a transaction, whichever way the money went. */
type Known = {
  readonly receipt: string;
  readonly amountCents: Cents;
  readonly status: 'Completed' | 'Declined' | 'Authorized';
  readonly debitParty: string;
  readonly creditParty: string;
  readonly charges: string;
  readonly reason: string;
  readonly startedAtMs: number;
  readonly endedAtMs: number | undefined;
};

/** The question. Its outer ResultCode 0 only means that it could be answered. */
export function transactionStatus(needs: Needs): Call {
  const { settings, names, timetable, courier } = needs;
  const rules = rulesOf(settings);

  function answerLater(id: string, initiatorCode: number, resultUrl: string) {
    const conversation = {
      originatorConversationId: names.merchantRequest(),
      conversationId: names.conversation(),
      transactionId: names.receipt(),
    };
    timetable.after(timetable.within(settings.resultDelay), () => {
      const known = lookUp(needs, id);
      // What an unknown transaction gets is published nowhere; the reversal's code for it is a string.
      const code = initiatorCode === 0 && known === undefined ? 'R000002' : initiatorCode;
      const parameters = code === 0 && known ? parametersOf(known) : undefined;
      courier.send(resultUrl, resultMessage(conversation, code, parameters));
    });
    return conversation;
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
      const code = needs.initiator.check(texts.Initiator, texts.SecurityCredential);
      const { conversationId, originatorConversationId } = answerLater(id, code, texts.ResultURL);
      return accepted({
        OriginatorConversationID: originatorConversationId,
        ConversationID: conversationId,
        ResponseCode: '0',
        ResponseDescription: 'Accept the service request successfully.',
      });
    },
  };
}

function rulesOf({ b2cShortcode, shortcode, lenientUrls }: Settings) {
  const url = { valid: (text: string) => isCallable(text, lenientUrls) };
  const id = { ...field.matching(/^[A-Za-z0-9_-]{0,64}$/), optional: true as const };
  return {
    Initiator: field.anything,
    SecurityCredential: field.matching(/^[A-Za-z0-9+/=]{1,1000}$/),
    CommandID: field.oneOf('TransactionStatusQuery'),
    TransactionID: id,
    OriginalConversationID: id,
    PartyA: field.oneOf(b2cShortcode, shortcode),
    IdentifierType: field.oneOf('4'),
    ResultURL: url,
    QueueTimeOutURL: url,
    Remarks: field.remark,
    Occasion: field.optionalRemark,
  };
}

function lookUp({ payouts, prompts, settings }: Needs, id: string): Known | undefined {
  const payout = payouts.find(id);
  if (payout !== undefined) {
    const states = { paid: 'Completed', failed: 'Declined', pending: 'Authorized' } as const;
    return {
      receipt: payout.transactionId,
      amountCents: payout.amountCents,
      status: states[payout.state],
      debitParty: `${settings.b2cShortcode} - Jirani`,
      creditParty: `${payout.phone} - JANE DOE`,
      charges: `Fee For B2C Payment|KES|${shillingText(settings.payoutChargeCents)}`,
      reason: 'Business Payment to Customer via API',
      startedAtMs: payout.askedAtMs,
      endedAtMs: payout.endedAtMs,
    };
  }
  const payment = prompts.payments().find(({ receipt }) => receipt === id);
  return (
    payment && {
      receipt: payment.receipt,
      amountCents: payment.amountCents,
      status: 'Completed',
      debitParty: `${payment.phone} - JANE DOE`,
      creditParty: `${settings.shortcode} - Jirani`,
      charges: '',
      reason: 'Pay Bill Online',
      startedAtMs: payment.paidAtMs,
      endedAtMs: payment.paidAtMs,
    }
  );
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
