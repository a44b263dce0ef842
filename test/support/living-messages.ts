/** What M-Pesa tells the hub on its paths, and what others say there in its name. */
import type { Disbursement } from '../../gateway/ports/mobile-money.ts';
import { aPushClaim, aResult, aStatus } from './fake-money.ts';
import type { Message, Paybill, Prompt } from './living-mpesa.ts';

/** What M-Pesa says about a prompt on its path; undefined while nobody has typed anything. */
export function trueCallback(prompt: Prompt): Message | undefined {
  if (prompt.truth === 'ringing') return undefined;
  const { callbackToken: token, checkoutRequestId, merchantRequestId, phone } = prompt;
  const { receipt, amountCents } = prompt;
  const names = { checkoutRequestId, merchantRequestId };
  const paid = { code: '0', receipt, amountCents, phone };
  return {
    token,
    claim: aPushClaim({ ...names, ...(prompt.truth === 'paid' ? paid : { code: '1032' }) }),
  };
}

export type Lie = {
  readonly code: string;
  /** How much more than was asked for it claims. */
  readonly moreCents: number;
  /** Whose receipt it names; undefined for none. */
  readonly receipt: string | undefined;
  /** Whose payment it names; undefined for the path's own. */
  readonly about: Prompt | undefined;
};

/** What somebody says who can read the path but has nothing to pay with. */
export function forgedCallback(prompt: Prompt, lie: Lie): Message {
  const { callbackToken: token, amountCents } = prompt;
  const { checkoutRequestId, merchantRequestId } = lie.about ?? prompt;
  const names = { checkoutRequestId, merchantRequestId, receipt: lie.receipt };
  const claim = aPushClaim({
    ...{ ...names, code: lie.code },
    amountCents: amountCents + lie.moreCents,
  });
  return { token, claim };
}

/** Somebody wants a payout to be paid a second time. */
export const forgedFailures = (payout: Disbursement): readonly Message[] => [
  { token: payout.resultToken, claim: aResult({ code: '2040', verdict: 'park' }) },
  { token: payout.resultToken, claim: aStatus({ status: 'declined', receipt: undefined }) },
  { token: payout.timeoutToken, claim: { kind: 'timeout' } },
];

/** M-Pesa's word that money came to the paybill. */
export const confirmationOf = (token: string, paybill: Paybill): Message => {
  const { receipt, amountCents, reference, phone } = paybill;
  return { token, claim: { kind: 'confirmation', receipt, amountCents, reference, phone } };
};
