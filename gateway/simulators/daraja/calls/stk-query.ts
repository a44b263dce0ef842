/** POST /mpesa/stkpushquery/v1/query: what became of a push. Neither amount nor receipt is told. */
import type { Call } from '../call.ts';
import { turnAway } from '../merchant.ts';
import type { Names } from '../names.ts';
import type { Settings } from '../options.ts';
import type { Prompt, PromptDesk } from '../prompts.ts';
import { pushText } from '../push-callback.ts';
import type { Dice } from '../random.ts';
import { accepted, type Reply, refused } from '../replies.ts';
import * as field from '../request-fields.ts';

type Needs = {
  readonly settings: Settings;
  readonly names: Names;
  readonly prompts: PromptDesk;
  readonly dice: Dice;
};

/** Share of the questions about an open prompt that are answered in the error shape instead of by 4999. */
const processingErrorShare = 0.25;

const rules = {
  BusinessShortCode: field.matching(/^\d{5,7}$/),
  Password: field.anything,
  Timestamp: field.matching(/^\d{14}$/),
  CheckoutRequestID: field.matching(/^[\w-]{1,64}$/),
};

/** The query. "Not finished" comes in all three of its shapes. */
export function stkQuery(needs: Needs): Call {
  const { settings, names, prompts, dice } = needs;

  function tell(prompt: Prompt, code: number | 'open'): Reply {
    const about = prompt.phone;
    // Also for a payment that ended long ago: 4 of 19 polls in the sandbox came back like this.
    if (dice(`empty ${about}`) < settings.emptyQueryShare) {
      const empty = refused(names.request(), '500.001.1001', '');
      return dice(`empty as 200 ${about}`) < 0.5 ? empty : { ...empty, status: 200 };
    }
    if (code !== 'open') return result(prompt, String(code), pushText(code));
    if (dice(`processing ${about}`) < processingErrorShare)
      return refused(names.request(), '500.001.1001', 'The transaction is being processed');
    return result(prompt, '4999', 'The transaction is still under processing');
  }

  return {
    name: 'stk-query',
    method: 'POST',
    path: '/mpesa/stkpushquery/v1/query',
    needsToken: true,
    answer({ body }) {
      const read = field.readFields(body, rules);
      if (!read.ok)
        return refused(names.request(), '400.002.02', `Bad Request - Invalid ${read.field}`);
      const stranger = turnAway(needs, read.texts);
      if (stranger) return stranger;
      const prompt = prompts.find(read.texts.CheckoutRequestID);
      const code = prompts.queryCode(read.texts.CheckoutRequestID);
      if (prompt === undefined || code === undefined)
        return refused(names.request(), '500.001.1001', 'The transaction does not Exist');
      return tell(prompt, code);
    },
  };
}

const result = (prompt: Prompt, code: string, description: string): Reply =>
  accepted({
    ResponseCode: '0',
    ResponseDescription: 'The service request has been accepted successsfully',
    MerchantRequestID: prompt.merchantRequestId,
    CheckoutRequestID: prompt.checkoutRequestId,
    ResultCode: code,
    ResultDesc: description,
  });
