/** POST /mpesa/stkpush/v1/processrequest: rings a phone for its PIN. Accepted is not paid. */
import { cents } from '../../../core/units.ts';
import type { Call } from '../call.ts';
import { isCallable } from '../callback-url.ts';
import { turnAway } from '../merchant.ts';
import type { Names } from '../names.ts';
import type { Settings } from '../options.ts';
import type { Placement, PromptDesk } from '../prompts.ts';
import { accepted, type Reply, refused, systemBusy } from '../replies.ts';
import * as field from '../request-fields.ts';

type Needs = {
  readonly settings: Settings;
  readonly names: Names;
  readonly prompts: PromptDesk;
};

const shillingsMax = 250_000;

/** The push. Two equal ones are two prompts: nothing here makes it happen once. */
export function stkPush(needs: Needs): Call {
  const { settings, names, prompts } = needs;
  const rules = rulesOf(settings);
  return {
    name: 'stk-push',
    method: 'POST',
    path: '/mpesa/stkpush/v1/processrequest',
    needsToken: true,
    answer({ body }) {
      const read = field.readFields(body, rules);
      if (!read.ok)
        return refused(names.request(), '400.002.02', `Bad Request - Invalid ${read.field}`);
      const { texts } = read;
      const stranger = turnAway(needs, texts);
      if (stranger) return stranger;
      if (texts.PartyA !== texts.PhoneNumber)
        return refused(names.request(), '400.002.02', 'Bad Request - Invalid PhoneNumber');
      const ours =
        texts.TransactionType === 'CustomerPayBillOnline' && texts.PartyB === settings.shortcode;
      const placement = prompts.place({
        phone: texts.PhoneNumber,
        amountCents: cents(field.centsOf(texts.Amount)),
        accountReference: texts.AccountReference,
        callBackUrl: texts.CallBackURL,
        codeWithoutRinging: ours ? undefined : 2028,
      });
      return replyTo(placement, names);
    },
  };
}

function rulesOf({ lenientUrls, lenientLengths }: Settings) {
  return {
    BusinessShortCode: field.matching(/^\d{5,7}$/),
    Password: field.anything,
    Timestamp: field.matching(/^\d{14}$/),
    TransactionType: field.oneOf('CustomerPayBillOnline', 'CustomerBuyGoodsOnline'),
    Amount: field.shillings(1, shillingsMax),
    PartyA: field.phone,
    PartyB: field.matching(/^\d{5,7}$/),
    PhoneNumber: field.phone,
    CallBackURL: { valid: (text: string) => isCallable(text, lenientUrls) },
    AccountReference: field.matching(
      lenientLengths ? /^[A-Za-z0-9]{1,40}$/ : /^[A-Za-z0-9]{1,12}$/,
    ),
    // Without a description the real gateway complains about remarks.
    TransactionDesc: {
      ...field.matching(lenientLengths ? /^.{1,100}$/ : /^.{1,13}$/),
      called: 'Remarks',
    },
  };
}

function replyTo(placement: Placement, names: Names): Reply {
  if (placement.kind === 'locked')
    return refused(
      names.request(),
      '500.001.1001',
      'Unable to lock subscriber, a transaction is already in process for the current subscriber',
    );
  if (placement.kind === 'busy') return systemBusy(names.request());
  const { prompt, ackDropped, told } = placement;
  const answer = accepted({
    MerchantRequestID: prompt.merchantRequestId,
    CheckoutRequestID: prompt.checkoutRequestId,
    ResponseCode: '0',
    ResponseDescription: 'Success. Request accepted for processing',
    CustomerMessage: 'Success. Request accepted for processing',
  });
  const reply = { ...answer, after: told };
  return ackDropped ? { ...reply, lost: true } : reply;
}
