/** Sends a payment back to the customer who made it: Reversal, which M-Pesa does for money paid in, never for payouts. */
import { centsPerShilling } from '../../core/units.ts';
import type { ReversalAnswer, ReversalRequest } from '../../ports/mobile-money.ts';
import { type InitiatedNeeds, orderTaken, readyFor } from './initiated-call.ts';
import { isPayable, isReceipt, pushAmounts, refusedHere } from './limits.ts';

const path = '/mpesa/reversal/v1/request';
/** The kind of the receiver's identity: the shortcode of an organisation (Daraja, Reversal). */
const organisationIdentifier = '11';

/** M-Pesa takes no id of ours: after an unclear answer ask about the original receipt before sending another. */
export async function reverse(
  needs: InitiatedNeeds & { readonly shortcode: string },
  reversal: ReversalRequest,
): Promise<ReversalAnswer> {
  if (!isPayable(reversal.amountCents, pushAmounts)) return refusedHere('amount');
  if (!isReceipt(reversal.receipt)) return refusedHere('receipt');
  const ready = readyFor(needs, reversal);
  if (ready.kind !== 'ready') return ready;

  const reply = await needs.call(path, () => ({
    Initiator: needs.initiator.name,
    SecurityCredential: ready.credential,
    CommandID: 'TransactionReversal',
    TransactionID: reversal.receipt,
    Amount: String(reversal.amountCents / centsPerShilling),
    ReceiverParty: needs.shortcode,
    // Safaricom spells it so.
    RecieverIdentifierType: organisationIdentifier,
    ResultURL: ready.resultUrl,
    QueueTimeOutURL: ready.timeoutUrl,
    Remarks: 'Refund',
    Occasion: 'Refund',
  }));
  const answer = orderTaken(reply, needs.health);
  if (answer.kind !== 'duplicate') return answer;
  return { kind: 'unclear', why: 'M-Pesa calls this reversal a duplicate' };
}
