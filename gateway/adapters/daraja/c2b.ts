/** Tells M-Pesa where to announce money that people send to the paybill by hand: C2B, register URL v2. */
import { z } from 'zod';
import type { Registered } from '../../ports/mobile-money.ts';
import type { CallbackAddress } from './callback-address.ts';
import { toldBy } from './problems.ts';
import type { ProductCall, Reply } from './product-call.ts';
import { codeSchema } from './wire.ts';

export type ConfirmationNeeds = {
  readonly call: ProductCall;
  readonly addressFor: CallbackAddress;
  readonly shortcode: string;
};

const path = '/mpesa/c2b/v2/registerurl';
/** What M-Pesa does when nobody answers its validation: the payment goes through. Spelled exactly so. */
const unansweredPayments = 'Completed';
const acknowledged = z.object({ ResponseCode: codeSchema });

/** In production M-Pesa takes this once per shortcode; changing the addresses later takes a person. */
export async function registerConfirmations(
  { call, addressFor, shortcode }: ConfirmationNeeds,
  tokens: { readonly confirmation: string; readonly validation: string },
): Promise<Registered> {
  const confirmation = addressFor(tokens.confirmation);
  if (confirmation.kind !== 'address') return notRegistered(whyOf(confirmation));
  const validation = addressFor(tokens.validation);
  if (validation.kind !== 'address') return notRegistered(whyOf(validation));

  const reply = await call(path, () => ({
    ShortCode: shortcode,
    ResponseType: unansweredPayments,
    ConfirmationURL: confirmation.address,
    ValidationURL: validation.address,
  }));
  return answerIn(reply);
}

function answerIn(reply: Reply): Registered {
  if (reply.kind === 'objected') return notRegistered(toldBy(reply.objected));
  if (reply.kind !== 'said') return notRegistered(reply.why);
  const code = acknowledged.safeParse(reply.body).data?.ResponseCode;
  if (code === '0') return { kind: 'registered' };
  return notRegistered(`the acknowledgement has response code ${code ?? 'none'}`);
}

export const whyOf = (answer: { readonly code: string } | { readonly why: string }): string =>
  'code' in answer ? answer.code : answer.why;
export const notRegistered = (why: string): Registered => ({ kind: 'not-registered', why });
