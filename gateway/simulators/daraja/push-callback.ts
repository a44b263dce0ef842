/** The callback of an STK push: numbers for codes, `37.00` for the amount, a Balance without a value, nothing of ours echoed. */
import type { Cents } from '../../core/units.ts';
import { stamp } from './east-africa-time.ts';
import { shillingNumber } from './money-text.ts';

const texts: Readonly<Record<number, string>> = {
  0: 'The service request is processed successfully.',
  1: 'The balance is insufficient for the transaction.',
  17: 'System internal error.',
  1032: 'Request cancelled by user',
  1037: 'DS timeout user cannot be reached',
  2001: 'The initiator information is invalid.',
  2028: 'The request is not permitted according to product assignment',
};

/** M-Pesa's words for a result of a push. */
export const pushText = (code: number): string => texts[code] ?? 'The request failed.';

type Finished = {
  readonly merchantRequestId: string;
  readonly checkoutRequestId: string;
  readonly phone: string;
  readonly amountCents: Cents;
};

export type Paid = { readonly receipt: string; readonly paidAtMs: number };

/** The body for a push that ended with `code`; `paid` only where money moved. */
export function pushCallback(prompt: Finished, code: number, paid: Paid | undefined): object {
  const outcome = {
    MerchantRequestID: prompt.merchantRequestId,
    CheckoutRequestID: prompt.checkoutRequestId,
    ResultCode: code,
    ResultDesc: pushText(code),
  };
  if (paid === undefined) return { Body: { stkCallback: outcome } };
  const items = [
    { Name: 'Amount', Value: shillingNumber(prompt.amountCents) },
    { Name: 'MpesaReceiptNumber', Value: paid.receipt },
    { Name: 'Balance' },
    { Name: 'TransactionDate', Value: Number(stamp(paid.paidAtMs)) },
    { Name: 'PhoneNumber', Value: Number(prompt.phone) },
  ];
  return { Body: { stkCallback: { ...outcome, CallbackMetadata: { Item: items } } } };
}
