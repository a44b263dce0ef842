/**
 * What M-Pesa's codes mean and what to do about them. Two lists that must never be mixed: results
 * (`ResultCode`: what became of the money) and objections (`errorCode`: what became of the request).
 * Codes only, never texts, but for 500.001.1001. Source: Daraja 3.0 portal and dated sandbox measurements.
 */
import { z } from 'zod';
import type { PayoutVerdict } from '../../ports/mobile-money.ts';
import type { JsonObject } from './http.ts';
import { codeSchema } from './wire.ts';

/** `alarm`: the push failed, and the next one will too until a person mends something. */
export type PushResult = 'paid' | 'in-flight' | 'failed' | 'alarm';
export type Meaning = {
  readonly push?: readonly [PushResult, string];
  /** Results of B2C, and of questions in the initiator's name; what each verdict asks for is told in the port. */
  readonly payout?: readonly [PayoutVerdict, string];
  readonly reversal?: readonly ['reversed' | 'failed', string];
};

const badCredential = 'The initiator name, its password, role or certificate is wrong.';

const results: ReadonlyMap<string, Meaning> = new Map<string, Meaning>([
  [
    '0',
    {
      push: ['paid', 'Paid.'],
      payout: ['done', 'Paid out.'],
      reversal: ['reversed', 'Sent back.'],
    },
  ],
  ['4999', { push: ['in-flight', 'The phone is still ringing.'] }],
  [
    '1',
    {
      push: ['failed', 'The buyer has too little money.'],
      payout: ['pause', 'The Utility account has too little money: fill the float.'],
    },
  ],
  [
    '2',
    {
      push: ['failed', 'The amount is below the minimum.'],
      payout: ['failed', 'The amount is below the minimum.'],
    },
  ],
  [
    '3',
    {
      push: ['failed', 'The amount is above the maximum.'],
      payout: ['failed', 'The amount is above the maximum.'],
    },
  ],
  [
    '4',
    {
      push: ['failed', 'The buyer has reached the limit of the day: try tomorrow.'],
      payout: ['next-day', 'The seller has reached the limit of the day: try tomorrow.'],
    },
  ],
  [
    '8',
    {
      push: ['alarm', "The hub's own account is full: move money out of it."],
      payout: ['next-day', "The seller's account is full: try tomorrow."],
    },
  ],
  [
    '11',
    {
      push: ['alarm', "The hub's account is not valid: call Safaricom."],
      payout: ['stop', "The hub's account is not active: call Safaricom."],
    },
  ],
  ['15', { payout: ['known', 'This payout was accepted earlier.'] }],
  [
    '17',
    {
      push: ['failed', 'The same amount was asked within two minutes: wait.'],
      payout: ['ask', 'Perhaps paid already: ask for its status first.'],
    },
  ],
  ['18', { payout: ['stop', badCredential] }],
  ['20', { payout: ['stop', badCredential] }],
  ['21', { payout: ['stop', badCredential] }],
  ['22', { payout: ['stop', badCredential] }],
  [
    '26',
    {
      push: ['failed', 'M-Pesa is busy: wait a minute.'],
      payout: ['ask', 'M-Pesa is busy: ask for the status, then send the same id.'],
    },
  ],
  ['1001', { push: ['failed', 'Another prompt is open on this phone: wait a minute.'] }],
  ['1019', { push: ['failed', 'The prompt ran out of time.'] }],
  ['1025', { push: ['failed', 'M-Pesa could not send the prompt.'] }],
  ['9999', { push: ['failed', 'M-Pesa could not send the prompt.'] }],
  ['1031', { push: ['failed', 'The buyer said no.'] }],
  ['1032', { push: ['failed', 'The buyer said no.'] }],
  ['1036', { push: ['failed', 'The SIM card is too old for prompts: update it.'] }],
  ['1037', { push: ['failed', 'The phone did not answer.'] }],
  ['1101', { push: ['alarm', 'The message of the prompt has a wrong length.'] }],
  ['1102', { push: ['alarm', 'The message of the prompt has a wrong length.'] }],
  ['2001', { push: ['failed', 'The PIN was wrong.'], payout: ['stop', badCredential] }],
  [
    '2006',
    {
      push: ['failed', "The buyer's account is not active: the buyer calls 100."],
      payout: ['stop', 'The account is not active: call Safaricom.'],
    },
  ],
  [
    '8006',
    {
      push: ['failed', "The buyer's PIN is locked: the buyer calls 100."],
      payout: ['stop', 'The initiator is locked: unlock it on the M-Pesa portal.'],
    },
  ],
  [
    '2028',
    {
      push: ['alarm', 'The shortcode may not take this kind of payment.'],
      payout: ['stop', 'The shortcode may not pay out.'],
    },
  ],
  ['2040', { payout: ['park', 'The seller is not registered with M-Pesa.'] }],
  [
    'SFC_IC0003',
    {
      push: ['alarm', 'The shortcode is not known to M-Pesa.'],
      payout: ['park', "The seller's number is not known to M-Pesa."],
    },
  ],
  ['E3008', { push: ['failed', "The buyer's line has an unpaid contract."] }],
  ['R000001', { reversal: ['reversed', 'It was sent back before.'] }],
  ['R000002', { reversal: ['failed', 'M-Pesa does not know this receipt.'] }],
]);

/** What a result code means; empty for a code that nobody wrote down, which is never a final answer. */
export const meaningOf = (code: string): Meaning => results.get(code) ?? {};

/** `no-state`: nothing may be concluded. All others tell for certain that the request was not taken. */
export type Objection =
  | 'bad-token'
  | 'bad-request'
  | 'locked'
  | 'slow-down'
  | 'duplicate'
  | 'misconfigured'
  | 'no-state';

export type Objected = {
  readonly objection: Objection;
  readonly code: string;
  readonly words: string;
};

/** For a person. */
export const toldBy = ({ words, code }: Objected): string => `${words} (${code})`;

const badToken = ['bad-token', 'The access token was not taken.'] as const;
const badRequest = ['bad-request', 'M-Pesa finds a field of our request wrong.'] as const;
const badKey = ['misconfigured', 'The consumer key or secret is wrong.'] as const;
const badProduct = [
  'misconfigured',
  'This M-Pesa product is not enabled for our Daraja app.',
] as const;
const slowDown = ['slow-down', 'M-Pesa asks for fewer calls.'] as const;

const objections = new Map<string, readonly [Objection, string]>([
  ['404.001.03', badToken],
  ['400.003.01', badToken],
  ['401.002.01', badToken],
  ['401.003.01', badToken],
  ['401.001', badToken],
  ['400.002.02', badRequest],
  ['400.002.05', badRequest],
  ['400.003.02', badRequest],
  ['400.008.01', badKey],
  ['400.008.02', badKey],
  ['404.001.01', badProduct],
  ['404.001.04', badProduct],
  ['404.003.01', badProduct],
  ['405.001', badProduct],
  ['500.003.02', slowDown],
  ['500.003.03', slowDown],
  ['100000002', slowDown],
  ['500.002.1001', ['duplicate', 'M-Pesa knows this conversation id.']],
]);

/** 500.001.1001 says nothing by itself. Its text is read only to recognise these refusals. */
const noStateCode = '500.001.1001';
const refusalTexts: readonly (readonly [RegExp, Objection, string])[] = [
  [/unable to lock subscriber/i, 'locked', 'Another prompt is open on this phone.'],
  [/merchant does not exist/i, 'misconfigured', 'The shortcode is not known to M-Pesa.'],
  [/wrong credentials/i, 'misconfigured', 'The shortcode or the passkey is wrong.'],
];

const errorSchema = z.object({ errorCode: codeSchema, errorMessage: z.string().catch('') });
const faultSchema = z.object({
  fault: z.object({
    faultstring: z.string().catch(''),
    detail: z.object({ errorcode: z.string().catch('') }).catch({ errorcode: '' }),
  }),
});
const tooManyRequests = 429;

/**
 * What M-Pesa holds against a request, or undefined when its answer is no objection that we know: then
 * whether the request was taken is open.
 */
export function objectionIn(status: number, body: JsonObject | undefined): Objected | undefined {
  const error = errorSchema.safeParse(body);
  if (error.success && error.data.errorCode !== undefined) {
    const known = objectionFor(error.data.errorCode, error.data.errorMessage);
    if (known) return known;
  }
  const fault = faultSchema.safeParse(body);
  if (fault.success && /apiproduct match/i.test(fault.data.fault.faultstring))
    return objected('fault.apiproduct', badProduct);
  const faultCode = fault.success ? fault.data.fault.detail.errorcode : '';
  if (/access_?token/i.test(faultCode)) return objected('fault.token', badToken);
  const limited = faultCode.startsWith('policies.ratelimit.');
  if (status === tooManyRequests || limited) return objected('fault.ratelimit', slowDown);
  return undefined;
}

function objectionFor(code: string, text: string): Objected | undefined {
  if (/apiproduct match/i.test(text)) return objected(code, badProduct);
  if (code === noStateCode) {
    const refusal = refusalTexts.find(([pattern]) => pattern.test(text));
    if (refusal) return objected(code, [refusal[1], refusal[2]]);
    return objected(code, ['no-state', 'M-Pesa tells no state yet.']);
  }
  const known = objections.get(code);
  return known && objected(code, known);
}

const objected = (code: string, [objection, words]: readonly [Objection, string]): Objected => ({
  objection,
  code,
  words,
});
