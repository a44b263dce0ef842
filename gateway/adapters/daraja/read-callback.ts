/** Reads what somebody, perhaps M-Pesa, posted to a callback path. It claims; it proves nothing. */
import type { CallbackKind, Claim } from '../../ports/mobile-money.ts';
import {
  centsIn,
  chargeIn,
  type Fields,
  fieldsIn,
  listedIn,
  phoneIn,
  statusIn,
} from './callback-fields.ts';
import { codeText, idText } from './wire.ts';

export const bodyBytesMost = 16_384;

/** Never throws and never writes the value back to text, which a deeply nested one would turn into a crash. */
export function readCallback(kind: CallbackKind, body: Uint8Array): Claim {
  // A queue timeout tells everything by the path on which it arrives; its body is not documented.
  if (kind === 'payout-timeout' || kind === 'status-timeout') return { kind: 'timeout' };
  if (body.byteLength > bodyBytesMost) return unreadable('larger than 16 KiB');
  const root = rootOf(body);
  if (!root) return unreadable('not a JSON object');
  if (kind === 'push') return pushClaim(fieldsIn(fieldsIn(root.get('Body')).get('stkCallback')));

  const result = fieldsIn(root.get('Result'));
  if (result.size === 0) return unreadable('no Result');
  const parameters = fieldsIn(result.get('ResultParameters')).get('ResultParameter');
  const listed = listedIn(parameters, 'Key', 'Value');
  return kind === 'payout-result' ? payoutClaim(result, listed) : statusClaim(result, listed);
}

function pushClaim(callback: Fields): Claim {
  const checkoutRequestId = idText(callback.get('CheckoutRequestID'));
  const merchantRequestId = idText(callback.get('MerchantRequestID'));
  if (checkoutRequestId === undefined || merchantRequestId === undefined)
    return unreadable('no ids of a push');
  const items = listedIn(fieldsIn(callback.get('CallbackMetadata')).get('Item'), 'Name', 'Value');
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

function payoutClaim(result: Fields, listed: Fields): Claim {
  return {
    kind: 'disbursement',
    final: codeText(result.get('ResultType')) !== '1',
    code: codeText(result.get('ResultCode')),
    conversationId: idText(result.get('OriginatorConversationID')),
    mpesaConversationId: idText(result.get('ConversationID')),
    transactionId: idText(result.get('TransactionID')),
    amountCents: centsIn(listed.get('TransactionAmount')),
    chargeCents: chargeIn(listed.get('DebitPartyCharges')),
  };
}

/** The outer code tells only whether the question worked; what became of the payout is `status`. */
function statusClaim(result: Fields, listed: Fields): Claim {
  const code = codeText(result.get('ResultCode'));
  return {
    kind: 'status',
    answered: code === '0',
    code,
    status: statusIn(listed.get('TransactionStatus')),
    receipt: idText(listed.get('ReceiptNo')),
    amountCents: centsIn(listed.get('Amount')),
    chargeCents: chargeIn(listed.get('DebitPartyCharges')),
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
