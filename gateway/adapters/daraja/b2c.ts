/** Pays a household from the hub's Utility account: B2C v3, which takes our own conversation id. */
import { centsPerShilling } from '../../core/units.ts';
import type { Disbursement, DisbursementAnswer } from '../../ports/mobile-money.ts';
import { type InitiatedNeeds, orderTaken, readyFor } from './initiated-call.ts';
import { isConversationId, isPayable, payoutAmounts, refusedHere } from './limits.ts';

const path = '/mpesa/b2c/v3/paymentrequest';

/** Safe to repeat with the same conversation id: M-Pesa answers the second one as a duplicate. */
export async function payOut(
  needs: InitiatedNeeds,
  payout: Disbursement,
): Promise<DisbursementAnswer> {
  if (!isPayable(payout.amountCents, payoutAmounts)) return refusedHere('amount');
  if (!isConversationId(payout.conversationId)) return refusedHere('conversation');
  const ready = readyFor(needs, payout);
  if (ready.kind !== 'ready') return ready;

  const reply = await needs.call(path, () => ({
    OriginatorConversationID: payout.conversationId,
    InitiatorName: needs.initiator.name,
    SecurityCredential: ready.credential,
    CommandID: 'BusinessPayment',
    Amount: String(payout.amountCents / centsPerShilling),
    PartyA: needs.initiator.shortcode,
    PartyB: payout.phone,
    Remarks: 'Energy sales',
    QueueTimeOutURL: ready.timeoutUrl,
    ResultURL: ready.resultUrl,
    // Safaricom spells it so here, and with one s in Transaction Status.
    Occassion: 'Energy sales',
  }));
  return orderTaken(reply, needs.health);
}
