/** Asks what became of a payout: Transaction Status. The answer arrives later, at the result address. */
import { z } from 'zod';
import type { StatusAnswer, StatusQuestion } from '../../ports/mobile-money.ts';
import type { CallbackAddress } from './callback-address.ts';
import type { Initiator } from './initiator.ts';
import { isConversationId } from './limits.ts';
import type { ProductCall, Reply } from './product-call.ts';
import { codeSchema } from './wire.ts';

export type StatusNeeds = {
  readonly call: ProductCall;
  readonly addressFor: CallbackAddress;
  readonly initiator: Initiator;
};

const path = '/mpesa/transactionstatus/v1/query';
/** The kind of our own identity: an organisation's shortcode. */
const shortcodeIdentifier = '4';
const acknowledged = z.object({ ResponseCode: codeSchema });

/** Safe to repeat, with fresh tokens each time. */
export async function askAboutPayout(
  { call, addressFor, initiator }: StatusNeeds,
  question: StatusQuestion,
): Promise<StatusAnswer> {
  if (!isConversationId(question.conversationId)) return notAsked('local.conversation');
  const result = addressFor(question.resultToken);
  if (result.kind !== 'address') return notAsked(whyOf(result));
  const timeout = addressFor(question.timeoutToken);
  if (timeout.kind !== 'address') return notAsked(whyOf(timeout));
  const credential = initiator.credential();
  if (credential.kind !== 'credential') return notAsked(credential.why);

  const reply = await call(path, () => ({
    Initiator: initiator.name,
    SecurityCredential: credential.text,
    CommandID: 'TransactionStatusQuery',
    OriginalConversationID: question.conversationId,
    PartyA: initiator.shortcode,
    IdentifierType: shortcodeIdentifier,
    ResultURL: result.address,
    QueueTimeOutURL: timeout.address,
    Remarks: 'OK',
    Occasion: 'OK',
  }));
  return answerIn(reply);
}

function answerIn(reply: Reply): StatusAnswer {
  if (reply.kind === 'objected')
    return notAsked(`${reply.objected.words} (${reply.objected.code})`);
  if (reply.kind !== 'said') return notAsked(reply.why);
  const { success, data } = acknowledged.safeParse(reply.body);
  return success && data.ResponseCode === '0'
    ? { kind: 'asked' }
    : notAsked('the acknowledgement is incomplete');
}

const whyOf = (answer: { readonly code: string } | { readonly why: string }): string =>
  'code' in answer ? answer.code : answer.why;

const notAsked = (why: string): StatusAnswer => ({ kind: 'not-asked', why });
