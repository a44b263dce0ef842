/** What simulated people and networks do, told by the digits of a phone number: one table for those who pay, one for those who receive. */

/** By the last digit of the payer's number; the last word has no digit. */
export const payers = [
  'pays',
  'no-funds',
  'cancels',
  'unreachable',
  'wrong-pin',
  'pays-late',
  'callback-lost',
  'callback-doubled',
  'ack-dropped',
  'slow',
  'contradicted',
] as const;
export type PayerBehaviour = (typeof payers)[number];

/** By the last digit but one of the receiver's number. */
export const receivers = [
  'received',
  'unregistered',
  'result-lost',
  'queue-timeout',
  'answer-dropped-paid',
  'answer-dropped-unpaid',
  'utility-short',
  'result-doubled',
  'receiver-full',
  'slow',
] as const;
export type ReceiverBehaviour = (typeof receivers)[number];

export type PhoneBehaviour = {
  readonly pays?: PayerBehaviour | undefined;
  readonly receives?: ReceiverBehaviour | undefined;
};

/** The two phones that the API's example names: whoever pastes it into a demo sees it work. */
const wellBehaved: ReadonlySet<string> = new Set(['254700123456', '254708374149']);

export type Behaviours = Pick<ReadonlyMap<string, PhoneBehaviour>, 'get'>;

/** What the owner of `phone` does when it rings. */
export function payerOf(phone: string, special: Behaviours): PayerBehaviour {
  const told = special.get(phone)?.pays;
  if (told !== undefined) return told;
  return wellBehaved.has(phone) ? 'pays' : (payers[Number(phone.at(-1))] ?? 'pays');
}

/** What happens to money sent to `phone`. */
export function receiverOf(phone: string, special: Behaviours): ReceiverBehaviour {
  const told = special.get(phone)?.receives;
  if (told !== undefined) return told;
  return wellBehaved.has(phone) ? 'received' : (receivers[Number(phone.at(-2))] ?? 'received');
}

export type PayerPlan = {
  /** The STK ResultCode that ends the prompt. */
  readonly code: number;
  readonly wait: 'reaction' | 'prompt-life' | 'ninety-seconds';
  readonly callbacks: 0 | 1 | 2;
  readonly ackDropped?: true;
  /** After failing, the PIN arrives all the same. */
  readonly paysLater?: true;
  /** What the query goes on saying, whatever the callback said. */
  readonly queryCode?: number;
};

export const payerPlans: Readonly<Record<PayerBehaviour, PayerPlan>> = {
  pays: { code: 0, wait: 'reaction', callbacks: 1 },
  'no-funds': { code: 1, wait: 'reaction', callbacks: 1 },
  cancels: { code: 1032, wait: 'reaction', callbacks: 1 },
  unreachable: { code: 1037, wait: 'prompt-life', callbacks: 1 },
  'wrong-pin': { code: 2001, wait: 'reaction', callbacks: 1 },
  'pays-late': { code: 1037, wait: 'prompt-life', callbacks: 1, paysLater: true },
  'callback-lost': { code: 0, wait: 'reaction', callbacks: 0 },
  'callback-doubled': { code: 0, wait: 'reaction', callbacks: 2 },
  'ack-dropped': { code: 0, wait: 'reaction', callbacks: 1, ackDropped: true },
  slow: { code: 0, wait: 'ninety-seconds', callbacks: 1 },
  contradicted: { code: 0, wait: 'reaction', callbacks: 1, queryCode: 1032 },
};

export type ReceiverPlan = {
  /** The B2C ResultCode. */
  readonly code: number;
  readonly wait: 'payout' | 'ninety-seconds';
  readonly results: 0 | 1 | 2;
  /** `lost-before`: the request never arrives, the first time; `lost-after`: only its answer is lost. */
  readonly answer?: 'lost-before' | 'lost-after';
  /** M-Pesa first reports that its queue timed out, and pays later. */
  readonly queueTimesOut?: true;
};

export const receiverPlans: Readonly<Record<ReceiverBehaviour, ReceiverPlan>> = {
  received: { code: 0, wait: 'payout', results: 1 },
  unregistered: { code: 2040, wait: 'payout', results: 1 },
  'result-lost': { code: 0, wait: 'payout', results: 0 },
  'queue-timeout': { code: 0, wait: 'payout', results: 1, queueTimesOut: true },
  'answer-dropped-paid': { code: 0, wait: 'payout', results: 1, answer: 'lost-after' },
  'answer-dropped-unpaid': { code: 0, wait: 'payout', results: 1, answer: 'lost-before' },
  'utility-short': { code: 1, wait: 'payout', results: 1 },
  'result-doubled': { code: 0, wait: 'payout', results: 2 },
  'receiver-full': { code: 8, wait: 'payout', results: 1 },
  slow: { code: 0, wait: 'ninety-seconds', results: 1 },
};
