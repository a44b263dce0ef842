/** Reads what somebody, perhaps M-Pesa, posted to a callback path. It claims; it proves nothing. */
import type { CallbackKind, Claim } from '../../ports/mobile-money.ts';
import {
  amountIn,
  centsIn,
  type Fields,
  fieldsIn,
  listedIn,
  phoneIn,
  writtenIn,
} from './callback-fields.ts';
import {
  balanceClaim,
  payoutClaim,
  readResult,
  reversalClaim,
  statusClaim,
} from './read-result.ts';
import { codeText, idText } from './wire.ts';

export const bodyBytesMost = 16_384;
const itemsMost = 16;

/** A queue timeout tells everything by the path on which it arrives; its body is not documented. */
const timedOut = (): Claim => ({ kind: 'timeout' });

/** Each kind of path has its reader; `undefined` where the body is of no use. */
const readers: Record<CallbackKind, (root: Fields) => Claim | undefined> = {
  push: (root) => pushClaim(fieldsIn(fieldsIn(root.get('Body')).get('stkCallback'))),
  'payout-result': (root) => readResult(root, payoutClaim),
  'payout-timeout': timedOut,
  'status-result': (root) => readResult(root, statusClaim),
  'status-timeout': timedOut,
  'receipt-result': (root) => readResult(root, statusClaim),
  'receipt-timeout': timedOut,
  'reversal-result': (root) => readResult(root, reversalClaim),
  'reversal-timeout': timedOut,
  'balance-result': (root) => readResult(root, balanceClaim),
  'balance-timeout': timedOut,
  confirmation: (root) => confirmationClaim(root),
  // Asked before the money moves, in the same shape: it tells of nothing that has arrived.
  validation: () => unreadable('a validation tells of no money yet'),
};

/** Never throws and never writes the value back to text, which a deeply nested one would turn into a crash. */
export function readCallback(kind: CallbackKind, body: Uint8Array): Claim {
  const read = readers[kind];
  if (read === timedOut) return timedOut();
  if (body.byteLength > bodyBytesMost) return unreadable('larger than 16 KiB');
  const root = rootOf(body);
  if (!root) return unreadable('not a JSON object');
  return read(root) ?? unreadable('no Result');
}

function pushClaim(callback: Fields): Claim {
  const checkoutRequestId = idText(callback.get('CheckoutRequestID'));
  const merchantRequestId = idText(callback.get('MerchantRequestID'));
  if (checkoutRequestId === undefined || merchantRequestId === undefined)
    return unreadable('no ids of a push');
  const metadata = fieldsIn(callback.get('CallbackMetadata')).get('Item');
  const items = listedIn(metadata, 'Name', 'Value', itemsMost);
  return {
    kind: 'push',
    checkoutRequestId,
    merchantRequestId,
    code: codeText(callback.get('ResultCode')),
    amountCents: centsIn(items.get('Amount')),
    receipt: idText(items.get('MpesaReceiptNumber')),
    phone: phoneIn(items.get('PhoneNumber')),
  };
}

/** Flat, with sums as text; the number is masked, hashed or left out (Daraja, C2B v1 and v2). */
function confirmationClaim(payment: Fields): Claim {
  const receipt = idText(payment.get('TransID'));
  if (receipt === undefined) return unreadable('no id of a payment');
  return {
    kind: 'confirmation',
    receipt,
    amountCents: amountIn(payment.get('TransAmount')),
    reference: writtenIn(payment.get('BillRefNumber')) ?? '',
    phone: phoneIn(payment.get('MSISDN')),
  };
}

function rootOf(body: Uint8Array): Fields | undefined {
  try {
    const root = fieldsIn(JSON.parse(new TextDecoder().decode(body)));
    return root.size > 0 ? root : undefined;
  } catch {
    return undefined;
  }
}

const unreadable = (why: string): Claim => ({ kind: 'unreadable', why });
