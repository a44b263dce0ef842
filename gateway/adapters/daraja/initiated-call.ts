/** What the calls in the initiator's name share: two addresses for the result, the sealed password, the acknowledgement. */
import { z } from 'zod';
import type { DisbursementAnswer, ResultPaths, StatusAnswer } from '../../ports/mobile-money.ts';
import type { CallbackAddress } from './callback-address.ts';
import type { Health } from './health.ts';
import type { JsonObject } from './http.ts';
import type { Initiator } from './initiator.ts';
import { meaningOf, type Objected, toldBy } from './problems.ts';
import type { ProductCall, Reply } from './product-call.ts';
import { codeSchema, idText } from './wire.ts';

export type InitiatedNeeds = {
  readonly call: ProductCall;
  readonly addressFor: CallbackAddress;
  readonly initiator: Initiator;
  readonly health: Health;
};

type Ready =
  | {
      readonly kind: 'ready';
      readonly credential: string;
      readonly resultUrl: string;
      readonly timeoutUrl: string;
    }
  | Exclude<DisbursementAnswer, { kind: 'accepted' | 'duplicate' | 'unclear' }>;

/** Everything that such a call needs, or why it cannot be made. Nothing is sent yet. */
export function readyFor(
  { addressFor, initiator }: Pick<InitiatedNeeds, 'addressFor' | 'initiator'>,
  { resultToken, timeoutToken }: ResultPaths,
): Ready {
  const result = addressFor(resultToken);
  if (result.kind !== 'address') return result;
  const timeout = addressFor(timeoutToken);
  if (timeout.kind !== 'address') return timeout;
  const credential = initiator.credential();
  if (credential.kind !== 'credential') return credential;
  return {
    kind: 'ready',
    credential: credential.text,
    resultUrl: result.address,
    timeoutUrl: timeout.address,
  };
}

/** Asks a question whose answer arrives later, at the result address. Safe to repeat, with fresh tokens. */
export async function askForResult(
  needs: InitiatedNeeds,
  path: string,
  paths: ResultPaths,
  question: JsonObject,
): Promise<StatusAnswer> {
  const ready = readyFor(needs, paths);
  if (ready.kind !== 'ready') return notAsked('code' in ready ? ready.code : ready.why);
  const reply = await needs.call(path, () => ({
    Initiator: needs.initiator.name,
    SecurityCredential: ready.credential,
    ...question,
    ResultURL: ready.resultUrl,
    QueueTimeOutURL: ready.timeoutUrl,
    Remarks: 'OK',
  }));
  const answer = questionTaken(reply);
  if (answer.kind === 'asked') return answer;
  if (answer.isOurs) needs.health.note('misconfigured', answer.why);
  return notAsked(answer.why);
}

const questionAcknowledged = z.object({ ResponseCode: codeSchema });

function questionTaken(
  reply: Reply,
): { readonly kind: 'asked' } | { kind: 'not-asked'; why: string; isOurs: boolean } {
  const refused = (why: string, isOurs = false) => ({ kind: 'not-asked', why, isOurs }) as const;
  if (reply.kind === 'objected') return refused(toldBy(reply.objected));
  if (reply.kind !== 'said') return refused(reply.why);
  const code = questionAcknowledged.safeParse(reply.body).data?.ResponseCode;
  if (code === undefined) return refused('the acknowledgement is incomplete');
  if (code === '0') return { kind: 'asked' };
  const [verdict, words] = meaningOf(code).payout ?? [];
  if (verdict === 'stop') return refused(`${words} (${code})`, true);
  return refused(`the acknowledgement has response code ${code}`);
}

const acknowledged = z.object({ ResponseCode: codeSchema, ConversationID: z.unknown().optional() });

/** What M-Pesa's first answer to an order that moves money proves. The outcome arrives at the result address. */
export function orderTaken(reply: Reply, health: Health): DisbursementAnswer {
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
  const [verdict, words] = meaningOf(code).payout ?? [];
  if (verdict === 'known') return { kind: 'duplicate' };
  if (verdict !== 'stop') return unclear(`the acknowledgement has response code ${code}`);
  const why = `${words} (${code})`;
  health.note('misconfigured', why);
  return { kind: 'misconfigured', why };
}

function objectedTo(objected: Objected): DisbursementAnswer {
  const { objection, code } = objected;
  if (objection === 'duplicate') return { kind: 'duplicate' };
  if (objection === 'bad-request') return { kind: 'refused', code, again: false };
  if (objection === 'slow-down') return { kind: 'refused', code, again: true };
  return unclear(toldBy(objected));
}

const unclear = (why: string): DisbursementAnswer => ({ kind: 'unclear', why });
const notAsked = (why: string): StatusAnswer => ({ kind: 'not-asked', why });
