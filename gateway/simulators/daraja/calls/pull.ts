/** `/pulltransactions/v1`: M-Pesa's own list of what was paid to the shortcode in the last 48 hours. */
import type { Call, CallRequest } from '../call.ts';
import { isCallable } from '../callback-url.ts';
import { readWritten, written } from '../east-africa-time.ts';
import { shillingText } from '../money-text.ts';
import type { Names } from '../names.ts';
import type { Settings } from '../options.ts';
import { accepted, type Reply, refused } from '../replies.ts';
import * as field from '../request-fields.ts';
import type { Payment, Till } from '../till.ts';

type Needs = {
  readonly settings: Settings;
  readonly names: Names;
  readonly till: Till;
};

/** What is older is not on the list any more. */
const listedMs = 48 * 3_600_000;
const found = '1000';
const nothingFound = '1001';

/** Registering the shortcode, and asking for the list: documented as a GET with a JSON body; a POST is taken too. */
export function pullTransactions(needs: Needs): Call[] {
  const { settings, names, till } = needs;
  let isRegistered = false;

  function register({ body }: CallRequest): Reply {
    const read = field.readFields(body, registerRules(settings));
    if (!read.ok)
      return refused(names.request(), '400.002.02', `Bad Request - Invalid ${read.field}`);
    const ResponseStatus = isRegistered ? nothingFound : found;
    const ResponseDescription = isRegistered
      ? 'ShortCode already Registered'
      : 'Shortcode Registered Successfully';
    isRegistered = true;
    return accepted({
      ResponseRefID: names.merchantRequest(),
      ResponseStatus,
      ShortCode: settings.shortcode,
      ResponseDescription,
    });
  }

  function list({ body }: CallRequest): Reply {
    const read = field.readFields(body, queryRules(settings));
    if (!read.ok)
      return refused(names.request(), '400.002.02', `Bad Request - Invalid ${read.field}`);
    if (!isRegistered)
      return refused(names.request(), '400.002.02', 'Bad Request - ShortCode is not registered');
    const { StartDate, EndDate, OffSetValue } = read.texts;
    const from = Math.max(readWritten(StartDate) ?? 0, settings.clock.now() - listedMs);
    const to = readWritten(EndDate) ?? 0;
    // Written times have whole seconds, so the last second counts to its end.
    const within = till.list().filter(({ paidAtMs }) => paidAtMs >= from && paidAtMs < to + 1_000);
    const offset = Number(OffSetValue || '0');
    return page(names, within.slice(offset, offset + settings.pullPageMax));
  }

  const call = { needsToken: true } as const;
  const query = { ...call, name: 'pull-query', path: '/pulltransactions/v1/query' } as const;
  return [
    {
      ...{ ...call, name: 'pull-register', path: '/pulltransactions/v1/register' },
      ...{ method: 'POST', answer: register },
    },
    { ...query, method: 'GET', answer: list },
    { ...query, method: 'POST', answer: list },
  ];
}

function registerRules({ shortcode, lenientUrls }: Settings) {
  return {
    ShortCode: field.oneOf(shortcode),
    RequestType: field.oneOf('Pull'),
    NominatedNumber: field.phone,
    CallBackURL: { valid: (text: string) => isCallable(text, lenientUrls) },
  };
}

const moment = { valid: (text: string) => readWritten(text) !== undefined };
const queryRules = ({ shortcode }: Settings) => ({
  ShortCode: field.oneOf(shortcode),
  StartDate: moment,
  EndDate: moment,
  OffSetValue: { ...field.matching(/^\d{0,9}$/), optional: true as const },
});

function page(names: Names, payments: readonly Payment[]): Reply {
  const ResponseRefID = names.merchantRequest();
  // The empty list is a text in which two brackets stand: so it is documented.
  if (payments.length === 0)
    return accepted({
      ...{ ResponseRefID, ResponseCode: nothingFound, ResponseMessage: 'No transactions found' },
      Transaction: '[[]]',
    });
  const answer = { ResponseRefID, ResponseCode: found, ResponseMessage: 'Success' };
  return accepted({ ...answer, Response: [payments.map(rowOf)] });
}

/** A row names the reference that the payer, or the push, gave: the only place where M-Pesa tells it again. */
const rowOf = (payment: Payment) => ({
  transactionId: payment.receipt,
  trxDate: written(payment.paidAtMs),
  msisdn: Number(payment.phone),
  sender: 'MPESA',
  transactiontype: 'c2b-pay-bill-debit',
  billreference: payment.reference,
  amount: shillingText(payment.amountCents),
  organizationname: 'Jirani',
});
