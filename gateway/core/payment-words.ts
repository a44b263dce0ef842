/** What became of a payment, in words for the keeper, and what can be done about it. */
import type { Payment } from './evidence.ts';
import type { Topup } from './topup.ts';

/** One clause; without an end mark. */
export function wordsForTopup(topup: Topup): string {
  const { state, detail, code } = topup;
  switch (state) {
    case 'intent':
      return detail === ''
        ? 'the phone is asked in a moment'
        : `the phone is asked later: ${detail}`;
    case 'unknown':
      return 'M-Pesa did not say whether the phone rang; the hub waits for a sign and does not ask twice';
    case 'pending':
      return 'the phone was asked; M-Pesa has no result yet';
    case 'credited':
      return 'paid, and in the wallet';
    case 'failed':
      return `not paid (${code ?? 'no code'}: ${detail}); watched for a day, a late payment is credited`;
    case 'closed':
      return `not paid: ${detail}`;
    case 'abandoned':
      return `the phone was never asked: ${detail}`;
    case 'conflict':
      return `${detail}; M-Pesa's list decides`;
    case 'review':
      return `a person must look: ${detail}`;
  }
}

export function wordsForPayment({ place, source, household, topup }: Payment): string {
  const seen = source === 'list' ? 'in M-Pesa’s list' : 'confirmed by a person';
  if (place === 'suspense') return `${seen}; in suspense, nobody knows whose it is`;
  if (place === 'topup') return `${seen}; in the wallet of ${household}, for top-up ${topup}`;
  return `${seen}; in the wallet of ${household}`;
}

/** What the keeper may type about a top-up; nothing when all is well. */
export function nextForTopup({ id, state }: Topup): string[] {
  switch (state) {
    case 'review':
      return [
        `pay confirm ${id} --receipt RECEIPT   when M-Pesa's portal shows the payment`,
        `pay deny ${id}   when it does not`,
      ];
    case 'unknown':
    case 'pending':
    case 'conflict':
      return ['pay reconcile   asks M-Pesa now'];
    default:
      return [];
  }
}

/** A Kenyan mobile number as people write it; an account number of ours begins in another way. */
const phoneLike = /(?<!\d)(?:\+?254|0)?[ .()-]*[17](?:[ .()-]?\d){8}(?!\d)/g;

/**
 * A payer may have typed anything: what steers a terminal or turns a line around is left out, and the middle of a
 * phone number, which many type as account number, is not shown.
 */
export const plainReference = (typed: string): string =>
  typed
    .replace(/[^\p{L}\p{N}\p{P}\p{S}\p{Zs}]/gu, '')
    .replace(phoneLike, (number) => `${number.slice(0, -6)}***${number.slice(-3)}`);
