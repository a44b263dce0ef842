/** `/mpesa/c2b/v2`: where M-Pesa tells of money sent to the paybill by hand, and the sandbox's way to send some. */
import { cents } from '../../../core/units.ts';
import type { Call, CallRequest } from '../call.ts';
import { isCallable } from '../callback-url.ts';
import type { Names } from '../names.ts';
import type { Settings } from '../options.ts';
import type { PaybillDesk } from '../paybill.ts';
import { accepted, type Reply, refused } from '../replies.ts';
import * as field from '../request-fields.ts';
import type { Timetable } from '../timetable.ts';

type Needs = {
  readonly settings: Settings;
  readonly names: Names;
  readonly paybill: PaybillDesk;
  readonly timetable: Timetable;
};

const shillingsMax = 250_000;

/** Both calls. Their acknowledgement misspells its id, as Safaricom's does. */
export function c2b(needs: Needs): Call[] {
  const { settings, names, paybill, timetable } = needs;
  const acknowledged = (ResponseDescription: string): Reply =>
    accepted({
      OriginatorCoversationID: names.merchantRequest(),
      ...{ ResponseCode: '0', ResponseDescription },
    });

  function register({ body }: CallRequest): Reply {
    const read = field.readFields(body, registerRules(settings));
    if (!read.ok)
      return refused(names.request(), '400.002.02', `Bad Request - Invalid ${read.field}`);
    if (settings.registersOnce && paybill.registration() !== undefined)
      return refused(names.request(), '500.003.1001', 'URLs are already registered');
    const { ConfirmationURL, ValidationURL, ResponseType } = read.texts;
    paybill.register({
      confirmationUrl: ConfirmationURL,
      validationUrl: ValidationURL,
      responseType: ResponseType === 'Cancelled' ? 'Cancelled' : 'Completed',
    });
    return acknowledged('Success');
  }

  function simulate({ body }: CallRequest): Reply {
    const read = field.readFields(body, simulateRules(settings));
    if (!read.ok)
      return refused(names.request(), '400.002.02', `Bad Request - Invalid ${read.field}`);
    const { Msisdn: phone, Amount, BillRefNumber: reference } = read.texts;
    const paid = { phone, reference, amountCents: cents(field.centsOf(Amount)) };
    const waitMs = timetable.within(settings.resultDelay, `paybill ${phone}`);
    timetable.after(waitMs, () => void paybill.send(paid));
    return acknowledged('Accept the service request successfully.');
  }

  const call = { method: 'POST', needsToken: true } as const;
  return [
    { ...call, name: 'c2b-register', path: '/mpesa/c2b/v2/registerurl', answer: register },
    { ...call, name: 'c2b-simulate', path: '/mpesa/c2b/v2/simulate', answer: simulate },
  ];
}

function registerRules({ shortcode, lenientUrls }: Settings) {
  const url = { valid: (text: string) => isCallable(text, lenientUrls) };
  return {
    ShortCode: field.oneOf(shortcode),
    // Exactly these words, with these capitals.
    ResponseType: field.oneOf('Completed', 'Cancelled'),
    ConfirmationURL: url,
    ValidationURL: url,
  };
}

const simulateRules = ({ shortcode }: Settings) => ({
  ShortCode: field.oneOf(shortcode),
  CommandID: field.oneOf('CustomerPayBillOnline'),
  Amount: field.shillings(1, shillingsMax),
  Msisdn: field.phone,
  BillRefNumber: field.matching(/^.{1,20}$/),
});
