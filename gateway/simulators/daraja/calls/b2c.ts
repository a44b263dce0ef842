/** POST /mpesa/b2c/v3/paymentrequest: money from the hub to a phone. The outcome comes to ResultURL only. */
import { cents } from '../../../core/units.ts';
import type { Call } from '../call.ts';
import { isCallable } from '../callback-url.ts';
import type { InitiatorDesk } from '../initiator.ts';
import type { Names } from '../names.ts';
import type { Settings } from '../options.ts';
import type { Acceptance, PayoutDesk } from '../payouts.ts';
import { accepted, type Reply, refused, systemBusy } from '../replies.ts';
import * as field from '../request-fields.ts';

type Needs = {
  readonly settings: Settings;
  readonly names: Names;
  readonly payouts: PayoutDesk;
  readonly initiator: InitiatorDesk;
};

const shillingsMax = 999_999_999;

/** The payout. A second request with the same OriginatorConversationID is refused, so asking again is harmless. */
export function b2c({ settings, names, payouts, initiator }: Needs): Call {
  const rules = rulesOf(settings);
  return {
    name: 'b2c',
    method: 'POST',
    path: '/mpesa/b2c/v3/paymentrequest',
    needsToken: true,
    answer({ body }) {
      const read = field.readFields(body, rules);
      if (!read.ok)
        return refused(names.request(), '400.002.02', `Bad Request - Invalid ${read.field}`);
      const { texts } = read;
      const id = texts.OriginatorConversationID;
      const acceptance = payouts.accept({
        originatorConversationId: id,
        phone: texts.PartyB,
        amountCents: cents(field.centsOf(texts.Amount)),
        checkInitiator: () => initiator.check(texts.InitiatorName, texts.SecurityCredential),
        resultUrl: texts.ResultURL,
        timeoutUrl: texts.QueueTimeOutURL,
      });
      return replyTo(acceptance, id, names);
    },
  };
}

function rulesOf({ b2cShortcode, lenientUrls }: Settings) {
  const url = { valid: (text: string) => isCallable(text, lenientUrls) };
  return {
    OriginatorConversationID: field.matching(/^[A-Za-z0-9]{1,19}$/),
    InitiatorName: field.anything,
    SecurityCredential: field.matching(/^[A-Za-z0-9+/=]{1,1000}$/),
    CommandID: field.oneOf('BusinessPayment', 'SalaryPayment', 'PromotionPayment'),
    // Amounts outside the limits are accepted and fail in the result (codes 2 and 3).
    Amount: field.shillings(1, shillingsMax),
    PartyA: field.oneOf(b2cShortcode),
    PartyB: field.phone,
    Remarks: field.remark,
    QueueTimeOutURL: url,
    ResultURL: url,
    // Spelled so by Safaricom, here only.
    Occassion: field.optionalRemark,
  };
}

function replyTo(acceptance: Acceptance, id: string, names: Names): Reply {
  switch (acceptance.kind) {
    case 'duplicate':
      return refused(names.request(), '500.002.1001', 'Duplicate OriginatorConversationID.');
    case 'busy':
      return systemBusy(names.request());
    case 'lost':
      return { status: 504, body: undefined, lost: true };
    case 'accepted': {
      const reply = accepted({
        ConversationID: acceptance.payout.conversationId,
        OriginatorConversationID: id,
        ResponseCode: '0',
        ResponseDescription: 'Accept the service request successfully.',
      });
      const after = acceptance.told;
      return acceptance.answerLost ? { ...reply, after, lost: true } : { ...reply, after };
    }
  }
}
