/** Asks what became of a push: M-Pesa Express Query, the only answer about money that M-Pesa gives at once. */
import { z } from 'zod';
import type { PushOutcome } from '../../ports/mobile-money.ts';
import type { Health } from './health.ts';
import { meaningOf, toldBy } from './problems.ts';
import type { ProductCall, Reply } from './product-call.ts';
import type { Secret } from './secret.ts';
import { passwordFor, timestampAt } from './timestamp.ts';
import { codeSchema, idText } from './wire.ts';

export type QueryNeeds = {
  readonly call: ProductCall;
  readonly health: Health;
  readonly shortcode: string;
  readonly passkey: Secret;
  readonly now: () => number;
};

const path = '/mpesa/stkpushquery/v1/query';
const outcome = z.object({
  ResponseCode: codeSchema,
  ResultCode: codeSchema,
  CheckoutRequestID: z.string().optional(),
});

/** Safe to repeat. Only a code that we know ends a push; all else means: ask again later. */
export async function askAboutPush(
  needs: QueryNeeds,
  checkoutRequestId: string,
): Promise<PushOutcome> {
  if (idText(checkoutRequestId) === undefined) return noAnswer('this is no CheckoutRequestID');
  const reply = await needs.call(path, () => {
    const timestamp = timestampAt(needs.now());
    return {
      BusinessShortCode: needs.shortcode,
      Password: passwordFor(needs.shortcode, needs.passkey, timestamp),
      Timestamp: timestamp,
      CheckoutRequestID: checkoutRequestId,
    };
  });
  return outcomeIn(reply, checkoutRequestId, needs.health);
}

function outcomeIn(reply: Reply, asked: string, health: Health): PushOutcome {
  if (reply.kind === 'misconfigured') return reply;
  if (reply.kind === 'objected') {
    const why = toldBy(reply.objected);
    if (reply.objected.objection !== 'bad-request') return noAnswer(why);
    // The question itself is wrong, so asking again is no help.
    health.note('misconfigured', why);
    return { kind: 'misconfigured', why };
  }
  if (reply.kind !== 'said') return noAnswer(reply.why);

  const { success, data } = outcome.safeParse(reply.body);
  if (!success || data.ResponseCode !== '0' || data.ResultCode === undefined)
    return noAnswer('the answer is incomplete');
  if ((data.CheckoutRequestID ?? asked) !== asked)
    return noAnswer('the answer is about another push');
  return outcomeOf(data.ResultCode, health);
}

function outcomeOf(code: string, health: Health): PushOutcome {
  const [result, words] = meaningOf(code).push ?? [];
  if (result === 'paid') return { kind: 'paid' };
  if (result === 'in-flight') return { kind: 'in-flight' };
  if (result === undefined) return { kind: 'unknown-code', code };
  const isOurs = result === 'alarm';
  if (isOurs) health.note('misconfigured', `${words} (${code})`);
  return { kind: 'failed', code, words: words ?? '', isOurs };
}

const noAnswer = (why: string): PushOutcome => ({ kind: 'no-answer', why });
