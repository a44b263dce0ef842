/** Pays a household from the hub's Utility account: B2C v3, which takes our own conversation id. */
import { z } from 'zod';
import { centsPerShilling } from '../../core/units.ts';
import type { Disbursement, DisbursementAnswer } from '../../ports/mobile-money.ts';
import type { CallbackAddress } from './callback-address.ts';
import type { Health } from './health.ts';
import type { Initiator } from './initiator.ts';
import { isConversationId, isPayable, payoutAmounts, refusedHere } from './limits.ts';
import { meaningOf, type Objected } from './problems.ts';
import type { ProductCall, Reply } from './product-call.ts';
import { codeSchema, idText } from './wire.ts';

export type PayoutNeeds = {
  readonly call: ProductCall;
  readonly addressFor: CallbackAddress;
  readonly initiator: Initiator;
  readonly health: Health;
};

const path = '/mpesa/b2c/v3/paymentrequest';
const acknowledged = z.object({ ResponseCode: codeSchema, ConversationID: z.unknown().optional() });

/** Safe to repeat with the same conversation id: M-Pesa answers the second one as a duplicate. */
export async function payOut(
  { call, addressFor, initiator, health }: PayoutNeeds,
  payout: Disbursement,
): Promise<DisbursementAnswer> {
  if (!isPayable(payout.amountCents, payoutAmounts)) return refusedHere('amount');
  if (!isConversationId(payout.conversationId)) return refusedHere('conversation');
  const result = addressFor(payout.resultToken);
  if (result.kind !== 'address') return result;
  const timeout = addressFor(payout.timeoutToken);
  if (timeout.kind !== 'address') return timeout;
  const credential = initiator.credential();
  if (credential.kind !== 'credential') return credential;

  const reply = await call(path, () => ({
    OriginatorConversationID: payout.conversationId,
    InitiatorName: initiator.name,
    SecurityCredential: credential.text,
    CommandID: 'BusinessPayment',
    Amount: String(payout.amountCents / centsPerShilling),
    PartyA: initiator.shortcode,
    PartyB: payout.phone,
    Remarks: 'Energy sales',
    QueueTimeOutURL: timeout.address,
    ResultURL: result.address,
    // Safaricom spells it so here, and with one s in Transaction Status.
    Occassion: 'Energy sales',
  }));
  const answer = answerIn(reply);
  if (answer.kind === 'misconfigured') health.note('misconfigured', answer.why);
  return answer;
}

function answerIn(reply: Reply): DisbursementAnswer {
  if (reply.kind === 'objected') return objectedTo(reply.objected);
  if (reply.kind !== 'said') return reply;
  const { success, data } = acknowledged.safeParse(reply.body);
  const code = success ? data.ResponseCode : undefined;
  if (code === undefined) return unclear('the acknowledgement is incomplete');
  if (code === '0') {
    const mpesaConversationId = idText(data?.ConversationID);
    if (mpesaConversationId !== undefined) return { kind: 'accepted', mpesaConversationId };
    return unclear('the acknowledgement carries no ConversationID');
  }
  const [result, words] = meaningOf(code).payout ?? [];
  if (result === 'known') return { kind: 'duplicate' };
  if (result === 'stop') return { kind: 'misconfigured', why: `${words} (${code})` };
  return unclear(`the acknowledgement has response code ${code}`);
}

function objectedTo({ objection, code, words }: Objected): DisbursementAnswer {
  if (objection === 'duplicate') return { kind: 'duplicate' };
  if (objection === 'bad-request') return { kind: 'refused', code, again: false };
  if (objection === 'slow-down') return { kind: 'refused', code, again: true };
  return unclear(`${words} (${code})`);
}

const unclear = (why: string): DisbursementAnswer => ({ kind: 'unclear', why });
