/** Rings a phone for a payment: M-Pesa Express, `processrequest`. */
import { z } from 'zod';
import { centsPerShilling } from '../../core/units.ts';
import type { Push, PushAnswer } from '../../ports/mobile-money.ts';
import type { CallbackAddress } from './callback-address.ts';
import {
  isAccountReference,
  isDescription,
  isPayable,
  pushAmounts,
  refusedHere,
} from './limits.ts';
import type { Objected } from './problems.ts';
import type { ProductCall, Reply } from './product-call.ts';
import type { Secret } from './secret.ts';
import { passwordFor, timestampAt } from './timestamp.ts';
import { codeSchema, idSchema } from './wire.ts';

export type PushNeeds = {
  readonly call: ProductCall;
  readonly addressFor: CallbackAddress;
  readonly shortcode: string;
  readonly passkey: Secret;
  readonly now: () => number;
};

const path = '/mpesa/stkpush/v1/processrequest';
const acknowledged = z.object({
  ResponseCode: codeSchema,
  CheckoutRequestID: idSchema,
  MerchantRequestID: idSchema,
});

/** Sends one push, once. M-Pesa does not recognise a second one, so only a proven refusal may be repeated. */
export async function ringPhone(needs: PushNeeds, push: Push): Promise<PushAnswer> {
  if (!isPayable(push.amountCents, pushAmounts)) return refusedHere('amount');
  if (!isAccountReference(push.accountReference)) return refusedHere('reference');
  if (!isDescription(push.description)) return refusedHere('description');
  const callback = needs.addressFor(push.callbackToken);
  if (callback.kind !== 'address') return callback;

  return answerIn(await needs.call(path, () => requestFor(needs, push, callback.address)));
}

function requestFor({ shortcode, passkey, now }: PushNeeds, push: Push, callback: string) {
  const timestamp = timestampAt(now());
  return {
    BusinessShortCode: shortcode,
    Password: passwordFor(shortcode, passkey, timestamp),
    Timestamp: timestamp,
    TransactionType: 'CustomerPayBillOnline',
    Amount: push.amountCents / centsPerShilling,
    PartyA: push.phone,
    PartyB: shortcode,
    PhoneNumber: push.phone,
    CallBackURL: callback,
    AccountReference: push.accountReference,
    TransactionDesc: push.description,
  };
}

function answerIn(reply: Reply): PushAnswer {
  if (reply.kind === 'objected') return objectedTo(reply.objected);
  if (reply.kind !== 'said') return reply;
  const { success, data } = acknowledged.safeParse(reply.body);
  if (!success || data.ResponseCode !== '0')
    return { kind: 'unclear', why: 'the acknowledgement is incomplete' };
  return {
    kind: 'accepted',
    checkoutRequestId: data.CheckoutRequestID,
    merchantRequestId: data.MerchantRequestID,
  };
}

function objectedTo({ objection, code, words }: Objected): PushAnswer {
  if (objection === 'bad-request') return { kind: 'refused', code, again: false };
  if (objection === 'locked' || objection === 'slow-down')
    return { kind: 'refused', code, again: true };
  return { kind: 'unclear', why: `${words} (${code})` };
}
